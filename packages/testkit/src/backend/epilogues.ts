import {
  bytesOf,
  choose,
  compileProgram,
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
import { Draw } from "./draw.ts";
import type { Layout } from "./lab.ts";
import { type Scalar, sample } from "./numbers.ts";
import { expectValues, type Subject } from "./subject.ts";

/** A program behind a kernel: its first input is the result, the others have these layouts. */
interface Behind {
  readonly name: string;
  readonly expr: Expr;
  readonly others: readonly Layout[];
  readonly params?: readonly number[];
  /** The last of the others is the very window of the output. */
  readonly inPlace?: boolean;
}
const x = input(0);
const programs: readonly Behind[] = [
  { name: "max(x, 0)", expr: scalar.max(x, 0), others: [] },
  { name: "x + y", expr: x.add(input(1)), others: ["contiguous"] },
  { name: "x + y in place", expr: x.add(input(1)), others: ["contiguous"], inPlace: true },
  { name: "x * p + y, y repeated", expr: x.mul(param(0)).add(input(1)), others: ["broadcast"], params: [0.75] },
  { name: "y <= 0 ? 0 : x", expr: choose(scalar.le(input(1), 0), 0, x), others: ["gaps"] },
  { name: "(x + y) * z", expr: x.add(input(1)).mul(input(2)), others: ["transposed", "broadcast"] },
  { name: "x * x - x", expr: x.mul(x).sub(x), others: [] },
];

/** A use of a kernel: its inputs by shape, its outputs, and how the first of these is mapped. */
interface Use {
  readonly about: string;
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
  readonly mapped: readonly number[];
  readonly attrs: object;
}
const product = (batch: number, m: number, k: number, n: number): Use => ({
  about: `[${batch}, ${m}, ${k}] @ [${batch}, ${k}, ${n}]`,
  inputs: [
    [batch, m, k],
    [batch, k, n],
  ],
  outputs: [[batch, m, n]],
  mapped: [batch, m, n],
  attrs: {},
});
const layer = (lead: readonly number[], k: number, n: number, bias: boolean): Use => ({
  about: `[${lead}, ${k}] to ${n}${bias ? " with bias" : ""}`,
  inputs: [[...lead, k], [n, k], ...(bias ? [[n]] : [])],
  outputs: [[...lead, n]],
  mapped: [sizeOf(lead), n],
  attrs: {},
});
const norm = (lead: readonly number[], n: number, weight: boolean, bias: boolean): Use => ({
  about: `rows [${lead}] of ${n}${weight ? ", weight" : ""}${bias ? ", bias" : ""}`,
  inputs: [[...lead, n], ...(weight ? [[n]] : []), ...(bias ? [[n]] : [])],
  outputs: [
    [...lead, n],
    [...lead, 1],
    [...lead, 1],
  ],
  mapped: [sizeOf(lead), n],
  attrs: { count: 1, eps: 1e-5, weight, bias },
});
const normGradient = (lead: readonly number[], n: number, weight: boolean, bias: boolean): Use => ({
  about: `rows [${lead}] of ${n}${weight ? ", weight" : ""}${bias ? ", bias" : ""}`,
  inputs: [[...lead, n], [...lead, n], [...lead, 1], [...lead, 1], ...(weight ? [[n]] : [])],
  outputs: [[...lead, n], ...(weight ? [[n]] : []), ...(bias ? [[n]] : [])],
  mapped: [sizeOf(lead), n],
  attrs: { count: 1, eps: 1e-5, weight, bias },
});
const uses: { readonly [name in keyof Epilogues]-?: readonly Use[] } = {
  matmul: [
    product(1, 1, 3, 5),
    product(1, 9, 1, 1),
    product(3, 6, 7, 5),
    product(1, 33, 70, 40),
    product(2, 3, 1100, 4),
  ],
  linear: [layer([5], 3, 4, true), layer([2, 3], 8, 7, false), layer([40], 600, 9, true), layer([1], 5, 1, true)],
  layerNorm: [
    norm([3, 2], 7, true, true),
    norm([5], 130, false, false),
    norm([70], 9, false, true),
    norm([300], 48, true, true),
  ],
  layerNormBackward: [
    normGradient([3, 2], 7, true, true),
    normGradient([5], 130, false, false),
    normGradient([70], 9, true, false),
    normGradient([300], 48, true, true),
  ],
};

/** Kernels with a program behind them against the two, one after the other. */
export function epilogueTests({ backend, lab, accuracy }: Subject): void {
  const given = Object.entries(backend.epilogues ?? {}).flatMap(
    ([name, kernel]) => (kernel === undefined ? [] : [{ name: name as keyof Epilogues, kernel }]), // the keys of an Epilogues
  );
  if (given.length === 0) return;
  describe("a kernel and the map of its result in one", () => {
    for (const { name, kernel } of given)
      test(name, async () => {
        const draw = new Draw(31);
        const alone = name === "matmul" ? null : ((backend.fused?.[name] ?? null) as FusedKernel | null);
        let taken = 0;
        for (const { about, inputs: shapes, outputs: results, mapped, attrs } of uses[name])
          for (const { name: program, expr, others: layouts, params = [], inPlace = false } of programs) {
            const floats = (shape: readonly number[]) => sample(draw, "float32", sizeOf(shape));
            const inputs = shapes.map((shape) => lab.contiguous("float32", shape, floats(shape)));
            const others = layouts.map((layout) => lab.place("float32", mapped, floats(mapped), layout, draw));
            const last = others[others.length - 1];
            const behind = compileProgram(
              expr,
              ["float32", ...others.map(() => "float32" as const)],
              params.length,
              "float32",
              "float32",
            );

            const apart = results.map((shape) => lab.output("float32", shape));
            if (alone === null) backend.kernels.matmul(inputs[0], inputs[1], apart[0]);
            else alone.run(inputs, apart, attrs);
            const wanted = lab.output("float32", mapped);
            const result: View = { ...apart[0], shape: mapped, strides: wanted.strides };
            backend.kernels.map(behind, [result, ...others], params, wanted, false);
            const expected = await lab.read(wanted);

            const out = inPlace ? last : lab.output("float32", mapped);
            const outputs = [out, ...results.slice(1).map((shape) => lab.output("float32", shape))];
            if (!kernel.supports(inputs, outputs, behind, others)) continue;
            taken++;
            kernel.run(inputs, outputs, attrs, behind, others, params);
            const where = `${name} ${about}, then ${program}`;
            const close = (found: readonly Scalar[], right: readonly Scalar[], which: string) =>
              expectValues(found, right, "float32", 8 * accuracy, (i) => `${where}: ${which}, element ${i}`, 64);
            close(await lab.read(out), expected, "result");
            for (let o = 1; o < outputs.length; o++)
              close(await lab.read(outputs[o]), await lab.read(apart[o]), `output ${o}`);
          }
        expect(taken, `programs that ${name} takes behind it`).toBeGreaterThan(0);
      });
  });
}

/** Runs kernels with the outputs that they can place in windows of one buffer, rows apart, and copies these to where they belong. */
export function placing({ backend }: Subject, kernel: FusedKernel): FusedKernel["run"] {
  const copy = compileProgram(input(0), ["float32"], 0, "float32", "float32");
  const run = kernel.run.bind(kernel);
  return (inputs, outputs, attrs) => {
    const placed = kernel.placed ?? [];
    const given = outputs as readonly View[]; // as many as the op has
    const windows: View[] = [];
    let elements = 1;
    for (const o of placed) {
      const { shape, dtype } = given[o];
      // the dimensions before the last in the other order, with a gap behind each row
      const strides = new Array<number>(shape.length).fill(1);
      let step = (shape[shape.length - 1] ?? 1) + 3;
      for (let d = 0; d < shape.length - 1; d++) {
        strides[d] = step;
        step *= shape[d];
      }
      windows[o] = { buffer: {}, dtype, offset: elements, shape, strides };
      elements += step;
    }
    const buffer = backend.alloc(elements * bytesOf("float32"));
    const out = given.map((view, o) => (windows[o] === undefined ? view : { ...windows[o], buffer }));
    run(inputs, out, attrs);
    for (const o of placed) backend.kernels.map(copy, [out[o]], [], given[o], false);
    backend.free(buffer);
  };
}
