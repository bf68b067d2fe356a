import {
  compileProgram,
  type Epilogue,
  type Epilogues,
  type Expr,
  type FusedKernel,
  input,
  param,
  scalar,
  sizeOf,
  type View,
} from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { epilogues } from "../src/fused/epilogues.ts";
import { fusedKernels } from "../src/fused/index.ts";
import { MapKernels } from "../src/kernels/map.ts";
import { matmul } from "../src/kernels/matmul.ts";
import { generator, Memory } from "./memory.ts";

type Name = keyof Epilogues;
const x = input(0);
const sum = x.add(input(1));
const numbers = scalar.tanh(x.mul(param(0)).add(input(1)));

/** Inputs and outputs by shape; the first output is mapped in rows. */
interface Case {
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
  readonly program: Expr;
  readonly attrs?: object;
}
const norm = { count: 1, eps: 1e-5, weight: true, bias: true };
const cases: { readonly [name in Name]-?: readonly Case[] } = {
  matmul: [
    {
      inputs: [
        [1, 512, 32],
        [1, 32, 128],
      ],
      outputs: [[1, 512, 128]],
      program: sum,
    },
    {
      inputs: [
        [3, 33, 512],
        [3, 512, 20],
      ],
      outputs: [[3, 33, 20]],
      program: sum,
    },
    {
      inputs: [
        [1, 1, 300],
        [1, 300, 70],
      ],
      outputs: [[1, 1, 70]],
      program: sum,
    },
  ],
  linear: [
    { inputs: [[130, 70], [50, 70], [50]], outputs: [[130, 50]], program: sum },
    { inputs: [[1, 512], [9, 512], [9]], outputs: [[1, 9]], program: sum },
  ],
  layerNorm: [
    {
      inputs: [[999, 256], [256], [256]],
      outputs: [
        [999, 256],
        [999, 1],
        [999, 1],
      ],
      program: numbers,
      attrs: norm,
    },
    {
      inputs: [[77, 13], [13], [13]],
      outputs: [
        [77, 13],
        [77, 1],
        [77, 1],
      ],
      program: numbers,
      attrs: norm,
    },
  ],
  layerNormBackward: [
    {
      inputs: [[800, 64], [800, 64], [800, 1], [800, 1], [64]],
      outputs: [[800, 64], [64], [64]],
      program: numbers,
      attrs: norm,
    },
  ],
};

// each result of the two calls is rounded as a result of its own, so that a compiled function is the function bit for bit
describe("a kernel and what is behind it in one call gives the bits of the two", () => {
  for (const threads of [1, 2])
    for (const name of Object.keys(cases) as Name[])
      test(`${name}, ${threads} thread${threads > 1 ? "s" : ""}`, () => {
        const memory = new Memory(threads);
        const map = new MapKernels(memory.engine);
        const alone = fusedKernels(memory.engine);
        const kernel: Epilogue = epilogues(memory.engine, map)[name];
        const random = generator(7);
        const values = (shape: readonly number[]): View =>
          memory.tensor("float32", shape, () => random.uniform() - 0.4);
        for (const { inputs: shapes, outputs, program: expr, attrs = {} } of cases[name]) {
          const inputs = shapes.map(values);
          const program = compileProgram(expr, ["float32", "float32"], expr === sum ? 0 : 1, "float32", "float32");
          const params = expr === sum ? [] : [0.75];
          const made = () => outputs.map((shape) => memory.tensor("float32", shape));
          const other = values(outputs[0]);
          const before = memory.values(other);

          const apart = made();
          if (name === "matmul") matmul(memory.engine, inputs[0], inputs[1], apart[0]);
          else (alone[name] as FusedKernel).run(inputs, apart, attrs);
          const wanted = memory.tensor("float32", outputs[0]);
          map.run(program, [apart[0], other], params, wanted, false);

          expect(kernel.supports(inputs, made(), program, [other])).toBe(true);
          const results = made();
          kernel.run(inputs, results, attrs, program, [other], params);
          expect(memory.values(results[0])).toEqual(memory.values(wanted));
          for (let o = 1; o < results.length; o++) expect(memory.values(results[o])).toEqual(memory.values(apart[o]));
          expect(memory.values(other)).toEqual(before);
          const inPlace = [other, ...made().slice(1)];
          kernel.run(inputs, inPlace, attrs, program, [other], params);
          expect(memory.values(other), `in place, of ${sizeOf(outputs[0])}`).toEqual(memory.values(wanted));
        }
        memory.engine.dispose();
      });

  test("sums of more than go at once, other dtypes and other programs are left to two calls", () => {
    const memory = new Memory();
    const { matmul: product, linear } = epilogues(memory.engine, new MapKernels(memory.engine));
    const view = (dtype: "float32" | "int32", shape: readonly number[]) => memory.tensor(dtype, shape);
    const program = compileProgram(sum, ["float32", "float32"], 0, "float32", "float32");
    const out = [view("float32", [1, 4, 4])];
    const pair = (k: number) => [view("float32", [1, 4, k]), view("float32", [1, k, 4])];
    expect(product.supports(pair(512), out, program, out)).toBe(true);
    expect(product.supports(pair(513), out, program, out)).toBe(false);
    const integers = compileProgram(sum, ["int32", "int32"], 0, "int32", "int32");
    expect(
      product.supports([view("int32", [1, 4, 4]), view("int32", [1, 4, 4])], [view("int32", [1, 4, 4])], integers, out),
    ).toBe(false);
    for (const expr of [x.sub(input(1)), x.add(x), x.add(input(1)).mul(x)]) {
      const other = compileProgram(expr, ["float32", "float32"], 0, "float32", "float32");
      expect(linear.supports([view("float32", [4, 4]), view("float32", [4, 4])], out, other, out)).toBe(false);
    }
    memory.engine.dispose();
  });
});
