import "@flambeau/autograd";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import type { DType, Tensor } from "../../src/index.ts";
import { addOp } from "../../src/ops/pointwise/arithmetic.ts";
import {
  cast,
  choose,
  compileProgram,
  constant,
  constantValue,
  type Expr,
  index,
  input,
  type Program,
  param,
  type ScalarType,
  scalar,
  scalarType,
} from "../../src/plugin.ts";
import { pointwisePrograms, scalarPrograms } from "./programs.ts";

const floats: readonly DType[] = ["float32", "float32"];
const typed = (expr: Expr, inputs = floats, params = 1, compute: ScalarType = "float32", output: DType = "float32") =>
  compileProgram(expr, inputs, params, compute, output);

describe("a program's nodes", () => {
  test("stand in evaluation order, no two alike, the result last", () => {
    for (const { nodes, output } of [...scalarPrograms(), ...pointwisePrograms()]) {
      const written = new Set<string>();
      nodes.forEach(({ op, type, args, value }, n) => {
        for (const a of args) expect(a).toBeLessThan(n);
        written.add([op, type, args, value].join());
      });
      expect(written.size).toBe(nodes.length);
      const used = new Set(nodes.flatMap(({ args }) => args));
      expect(nodes.filter((_, n) => !used.has(n))).toEqual(nodes.slice(-1));
      expect(nodes[nodes.length - 1].type).toBe(scalarType(output));
    }
  });

  test("what occurs twice is there once, whether it is one expression or two alike", () => {
    const square = (x: Expr) => x.mul(x);
    const once = input(0).add(param(0));
    const shared = typed(square(once).add(once));
    expect(shared.nodes.map(({ op, args }) => [op, ...args])).toEqual([
      ["input"],
      ["param"],
      ["add", 0, 1],
      ["mul", 2, 2],
      ["add", 3, 2],
    ]);
    const twice = () => input(0).add(param(0));
    expect(typed(twice().mul(twice()).add(twice()))).toBe(shared);
  });

  test.each<[ScalarType, DType, readonly (readonly [number, number | bigint])[]]>([
    [
      "bool",
      "bool",
      [
        [0, 0],
        [-0, 0],
        [2.5, 1],
        [Number.NaN, 1],
      ],
    ],
    [
      "int32",
      "int32",
      [
        [2.9, 2],
        [-2.9, -2],
        [-0, 0],
        [Number.NaN, 0],
        [1e10, 2 ** 31 - 1],
        [-Infinity, -(2 ** 31)],
      ],
    ],
    [
      "int64",
      "int64",
      [
        [-1, -1n],
        [2 ** 53, 2n ** 53n],
        [Infinity, 2n ** 63n - 1n],
        [-1e30, -(2n ** 63n)],
      ],
    ],
    [
      "float32",
      "float16",
      [
        [0.1, Math.fround(0.1)],
        [-0, -0],
        [Infinity, Infinity],
        [Number.NaN, Number.NaN],
      ],
    ],
    [
      "float64",
      "float64",
      [
        [0.1, 0.1],
        [-0, -0],
        [-Infinity, -Infinity],
        [Number.NaN, Number.NaN],
        [5e-324, 5e-324],
      ],
    ],
  ])("constants are bits of %s, and convert as casts do", (type, output, cases) => {
    for (const [given, meant] of cases) {
      const [node] = typed(constant(given), [], 0, type, output).nodes;
      expect(node.op === "const" && Object.is(constantValue(node), meant), `${given}`).toBe(true);
    }
  });
});

describe("programs of equal structure", () => {
  const formula = () => choose(input(0).lt(0.5), scalar.exp(input(1)), cast(index(), "int32").mul(param(0)));

  test("are one object", () => {
    expect(typed(formula())).toBe(typed(formula()));
    const tensors = floats.map((dtype) => ({ dtype }) as Tensor); // it looks at no more
    expect(addOp.variant(3).program(tensors, "float32")).toBe(typed(input(0).add(input(1)), floats, 0));
  });

  test("anything else is another one", () => {
    const different: Program[] = [
      typed(formula()),
      typed(formula(), ["float32", "float16"]),
      typed(formula(), ["float32", "float32", "float32"]),
      typed(formula(), floats, 2),
      typed(formula(), floats, 1, "float64"),
      typed(formula(), floats, 1, "float32", "float16"),
      typed(input(0)),
      typed(input(1)),
      typed(param(0)),
      typed(constant(0)),
      typed(constant(-0)),
      typed(constant(Number.NaN)),
      typed(constant(Infinity)),
      typed(constant(-Infinity)),
    ];
    expect(new Set(different).size).toBe(different.length);
    expect(new Set(different.map(({ key }) => key)).size).toBe(different.length);
  });

  test("keep dtypes of their own", () => {
    const inputs: DType[] = ["float32", "float32"];
    const program = typed(scalar.atan2(input(0), input(1)), inputs);
    inputs[0] = "int8";
    expect(program.inputs).toEqual(floats);
  });
});

test("a program goes when nobody uses it, and what backends compiled goes with it", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const gone = async (what: WeakRef<object>): Promise<void> => {
    for (let i = 0; i < 100 && what.deref(); i++) {
      await new Promise((resolve) => setTimeout(resolve)); // what was made or looked at in a job lives until its end
      collect();
    }
    expect(what.deref()).toBeUndefined();
  };
  const make = () => typed(input(0).mul(0.123456789));
  const { key } = make();
  await gone(new WeakRef(make()));
  const again = make();
  expect(again.key).toBe(key);
  expect(make()).toBe(again);
});
