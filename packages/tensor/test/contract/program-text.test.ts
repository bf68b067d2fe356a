import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { describe, expect, test } from "vitest";
import { type DType, FormatError } from "../../src/index.ts";
import {
  choose,
  compileProgram,
  constant,
  index,
  input,
  param,
  parseProgram,
  scalar,
  showProgram,
} from "../../src/plugin.ts";
import { pointwisePrograms, scalarPrograms } from "./programs.ts";

const affine = compileProgram(input(0).mul(param(0)).add(0.5), ["float32"], 1, "float32", "float32");
const affineText = `program inputs float32 params 1 output float32
%0 = input float32 0
%1 = param float32 0
%2 = mul float32 %0 %1
%3 = const float32 0x3f000000  # 0.5
%4 = add float32 %2 %3`;

describe("text of a program", () => {
  test("is a node a line", () => {
    expect(showProgram(affine)).toBe(affineText);
    const positions = choose(index().lt(param(0)), -1, index());
    expect(showProgram(compileProgram(positions, [], 1, "int64", "uint8"))).toMatchInlineSnapshot(`
      "program inputs params 1 output uint8
      %0 = index int32
      %1 = cast int64 %0
      %2 = param int64 0
      %3 = lt bool %1 %2
      %4 = const int32 0xffffffff  # -1
      %5 = where int32 %3 %4 %0"
    `);
  });

  test("gives the same object back: every scalar op on every dtype", () => {
    const programs = scalarPrograms();
    expect(programs.length).toBeGreaterThan(500);
    for (const program of programs) expect(parseProgram(showProgram(program))).toBe(program);
  });

  test("gives the same object back: every pointwise op and its gradients", () => {
    const programs = pointwisePrograms();
    expect(programs.length).toBeGreaterThan(1000);
    for (const program of programs) expect(parseProgram(showProgram(program))).toBe(program);
  });

  test("keeps constants to the bit", () => {
    const values = [0, -0, Number.NaN, Infinity, -Infinity, 0.1, 5e-324, -1, 2 ** 53];
    const dtypes: readonly DType[] = ["bool", "int32", "int64", "float32", "float64"];
    for (const type of ["bool", "int32", "int64", "float32", "float64"] as const)
      for (const output of dtypes)
        for (const value of values) {
          const program = compileProgram(constant(value), [], 0, type, output);
          expect(parseProgram(showProgram(program))).toBe(program);
        }
    // numbers that JavaScript does not have
    const texts = [
      "float32 0x7fc00001",
      "float32 0xffc00000",
      "float64 0x7ff8000000000001",
      "int64 0x0020000000000001",
    ];
    const programs = texts.map((text) => {
      const [type] = text.split(" ");
      const program = parseProgram(`program inputs params 0 output ${type}\n%0 = const ${text}`);
      expect(showProgram(program)).toContain(`%0 = const ${text}  #`);
      expect(parseProgram(showProgram(program))).toBe(program);
      return program;
    });
    expect(programs).not.toContain(compileProgram(constant(Number.NaN), [], 0, "float32", "float32"));
    expect(programs).not.toContain(compileProgram(constant(2 ** 53), [], 0, "int64", "int64"));
  });

  test("may be written by hand: comments, another order, nodes alike or unused", () => {
    const text = `# y = a x + 1/2
      program inputs float32 params 1 output float32\r
      %0 = const float32 0x3F000000
      %1 = param float32 0   # a, a run-time number (größer als 0)

      %2 = param float32 0
      %3 = exp float32 %2
      %4 = input float32 0
      %5 = mul float32 %4 %1
      %6 = add float32 %5 %0
    `;
    expect(parseProgram(text)).toBe(affine);
  });

  test("may be deep", () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => `%${i + 1} = neg float32 %${i}`);
    const head = "program inputs float32 params 0 output float32\n%0 = input float32 0\n";
    expect(parseProgram(head + lines.join("\n")).nodes.length).toBe(50_001);
  });

  test("runs", () => {
    const backend = cpuWasm({ threads: 1 });
    const program = parseProgram(`program inputs int32 params 0 output int64
      %0 = input int64 0
      %1 = const int64 0x0020000000000001
      %2 = add int64 %0 %1`);
    const view = (dtype: DType, bytes: number) => ({
      buffer: backend.alloc(bytes),
      dtype,
      offset: 0,
      shape: [2],
      strides: [1],
    });
    const [x, y] = [view("int32", 8), view("int64", 16)];
    backend.write(x.buffer, new Uint8Array(Int32Array.of(0, -2).buffer));
    backend.kernels.map(program, [x], [], y, true);
    expect(new BigInt64Array(backend.readSync(y.buffer, 0, 16).buffer)).toEqual(
      BigInt64Array.of(2n ** 53n + 1n, 2n ** 53n - 1n),
    );
    backend.dispose();
  });
});

describe("text that is no program", () => {
  const head = "program inputs float32 int32 params 1 output float32\n";
  const x = "%0 = input float32 0\n";
  test.each<[string, string, string]>([
    ["", "there is nothing in it", ""],
    ["# nothing\n\n", "there is nothing in it", ""],
    ["programme", 'line 1: "programme" is no "program"', "programme"],
    ["program", 'line 1: "inputs" is missing', ""],
    ["program inputs float33 params 0 output float32", 'line 1: "float33" is no dtype, nor "params"', "float33"],
    ["program inputs float32", 'line 1: dtype, nor "params" is missing', ""],
    ["program inputs params -1 output float32", 'line 1: "-1" is no number of params', "-1"],
    ["program inputs params 0 output float32 x", 'line 1: nothing follows here, but "x" does', "x"],
    [head, "line 1: the last node of a program for float32 is its result, of type float32", "program"],
    [`${head}%1 = input float32 0`, 'line 2: "%1" is no "%0"', "%1"],
    [`${head}%0 : input float32 0`, 'line 2: ":" is no "="', ":"],
    [`${head}%0 = load float32 0`, 'line 2: "load" is no op', "load"],
    [`${head}%0 = toString float32 0`, 'line 2: "toString" is no op', "toString"],
    [`${head}%0 = input float16 0`, 'line 2: "float16" is no type of scalars', "float16"],
    [`${head}%0 = input float32 2`, 'line 2: "2" is no input, of which there are 2', "2"],
    [`${head}%0 = param float32 1`, 'line 2: "1" is no param, of which there are 1', "1"],
    [`${head}%0 = const float32 0.5`, 'line 2: "0.5" is no constant of 32 bits', "0.5"],
    [`${head}%0 = const float32 0x100000000`, 'line 2: "0x100000000" is no constant of 32 bits', "0x1000"],
    [`${head}%0 = const bool 0x2`, 'line 2: "0x2" is no constant of 1 bits', "0x2"],
    [`${head}${x}%1 = neg float32 %1`, 'line 3: "%1" is no earlier node', "%1\n"],
    [`${head}${x}%1 = add float32 %0`, "line 3: earlier node is missing", ""],
    [`${head}${x}%1 = neg float32 %0 %0`, 'line 3: nothing follows here, but "%0" does', "%0\n"],
    [`${head}${x}%1 = neg int32 %0`, "line 3: neg of int32 gets an argument of type float32", "%1"],
    [`${head}${x}%1 = cast float32 %0`, "line 3: a cast of float32 to itself", "%1"],
    [`${head}${x}%1 = where float32 %0 %0 %0`, "line 3: the condition is of type float32, not bool", "%1"],
    [`${head}${x}%1 = lt float32 %0 %0`, "line 3: lt gives a bool, not a float32", "%1"],
    [`${head}%0 = index int64`, "line 2: the index is an int32", "%0"],
    [`${head}%0 = input bool 0\n%1 = add bool %0 %0`, 'line 3: bools have no "add"', "%1"],
    [`${head}%0 = input bool 0\n%1 = lt bool %0 %0`, 'line 3: bools have no "lt"', "%1"],
    [
      `${head}%0 = input bool 0\n%1 = index int32\n%2 = where bool %0 %0 %1`,
      "line 4: where of bool and int32 is no bool",
      "%2",
    ],
    [
      `${head}%0 = input int32 0`,
      "line 2: the last node of a program for float32 is its result, of type float32",
      "%0",
    ],
  ])("%j", (text, problem, at) => {
    let error: unknown;
    try {
      parseProgram(text);
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(FormatError);
    const { message, offset } = error as FormatError;
    expect(message).toBe(`program: ${problem} (at byte ${offset})`);
    expect(`${text.slice(offset)}\n`.startsWith(at.trimEnd())).toBe(true);
    if (at === "") expect(text.slice(offset).trim()).toBe(offset === 0 ? text.trim() : "");
  });

  test("the place counts bytes", () => {
    const text = "# größer\nprogram inputs params x";
    expect(() => parseProgram(text)).toThrow('program: line 2: "x" is no number of params (at byte 33)');
    expect(new TextEncoder().encode(text)[33]).toBe("x".charCodeAt(0));
  });

  test("however it is damaged, it is a program or a FormatError", () => {
    const expr = choose(scalar.exp(input(0)).gt(param(0)), input(1), 0.5);
    const text = showProgram(compileProgram(expr, ["float16", "int32"], 1, "float32", "bfloat16"));
    const attempt = (damaged: string): void => {
      try {
        parseProgram(damaged);
      } catch (error) {
        expect(error, damaged).toBeInstanceOf(FormatError);
      }
    };
    for (let i = 0; i < text.length; i++) {
      attempt(text.slice(0, i));
      attempt(text.slice(0, i) + text.slice(i + 1));
      for (const c of "0%\n #x") attempt(text.slice(0, i) + c + text.slice(i + 1));
    }
  });
});
