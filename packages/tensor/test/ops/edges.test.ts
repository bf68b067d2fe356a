import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { grad } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import * as flambeau from "../../src/index.ts";
import { registerBackend, sum, type Tensor, tensor, tolist } from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});

type Coded = number | "nan" | "inf" | "-inf" | "-0";
interface Figures {
  readonly value: readonly Coded[];
  readonly grad?: readonly Coded[];
  readonly grad2?: readonly Coded[];
}
type Recorded = { readonly [op: string]: { readonly float32: Figures; readonly float64: Figures } };
// made by edges_torch213.py: NaN, infinities, both zeros, tiny and huge numbers through each function and its gradient
const recorded: {
  readonly points: readonly Coded[];
  readonly pairs: readonly (readonly [Coded, Coded])[];
  readonly unary: Recorded;
  readonly binary: Recorded;
} = JSON.parse(gunzipSync(readFileSync(new URL("edges-torch213.json.gz", import.meta.url))).toString());

const decode = (x: Coded): number =>
  typeof x === "number" ? x : { nan: Number.NaN, inf: Infinity, "-inf": -Infinity, "-0": -0 }[x];

/** Where we differ on purpose: figures of PyTorch's that depend on its vectorization, or that are no limit of the function. */
const exceptions: {
  readonly [what: string]: { readonly at: (x: number, y: number) => boolean; readonly reason: string };
} = {
  "logit float32 grad": {
    at: (x) => Object.is(x, -0),
    reason: "PyTorch's float32 and float64 disagree on the sign at -0",
  },
  "elu float64 grad": { at: Number.isNaN, reason: "PyTorch's vectorized loop gives NaN, the rest of it 1" },
  "celu float64 grad": { at: Number.isNaN, reason: "as elu" },
  "selu float64 grad": { at: Number.isNaN, reason: "as elu" },
  ...Object.fromEntries(
    ["hardshrink", "softshrink"].flatMap((op) =>
      ["float32", "float64"].map((dtype) => [
        `${op} ${dtype} grad`,
        { at: Number.isNaN, reason: "PyTorch's vectorized loop gives 0, the rest of it 1" },
      ]),
    ),
  ),
  "hardswish float64 grad": { at: Number.isNaN, reason: "PyTorch's float32 gives 1, its float64 NaN" },
  "gelu float32 value": { at: (x) => x > 1e38, reason: "PyTorch's float32 overflows where its float64 does not" },
  "erfcx float32 grad": { at: (x) => x > 1e38, reason: "2x overflows in PyTorch, not the product with erfcx(x)" },
  "i1 float32 grad": { at: Number.isNaN, reason: "PyTorch takes NaN for a number near 0" },
  "i1 float64 grad": { at: Number.isNaN, reason: "PyTorch takes NaN for a number near 0" },
  "i1e float32 grad": { at: Number.isNaN, reason: "PyTorch takes NaN for a number near 0" },
  "i1e float64 grad": { at: Number.isNaN, reason: "PyTorch takes NaN for a number near 0" },
  "logNdtr float32 grad": {
    at: (x) => x < -20,
    reason: "PyTorch divides numbers that underflow: 100.03 where 100.01 is right",
  },
  "logNdtr float64 grad": { at: (x) => x < -1e29, reason: "PyTorch divides numbers that underflow" },
  "igamma float32 value": { at: (x, y) => Number.isNaN(x + y), reason: "PyTorch looks at the limits before NaN" },
  "igamma float64 value": { at: (x, y) => Number.isNaN(x + y), reason: "PyTorch looks at the limits before NaN" },
  "igammac float32 value": { at: (x, y) => Number.isNaN(x + y), reason: "PyTorch looks at the limits before NaN" },
  "igammac float64 value": { at: (x, y) => Number.isNaN(x + y), reason: "PyTorch looks at the limits before NaN" },
  "zeta float32 value": { at: (x, y) => x > 1e29 || y > 1e29, reason: "PyTorch's last terms are 0 / 0" },
  "zeta float64 value": { at: (x, y) => x > 1e29 || y > 1e29, reason: "PyTorch's last terms are 0 / 0" },
};
const tolerances = { float32: { rtol: 1.3e-6, atol: 1e-5 }, float64: { rtol: 1e-7, atol: 1e-7 } };

function compare(
  what: string,
  dtype: "float32" | "float64",
  ours: Tensor,
  theirs: readonly Coded[],
  points: readonly number[][],
) {
  const values = tolist(ours) as (number | boolean)[]; // one dimension
  const { rtol, atol } = tolerances[dtype];
  const exception = exceptions[what];
  const wrong: string[] = [];
  let excepted = 0;
  theirs.forEach((coded, i) => {
    const [got, want] = [Number(values[i]), decode(coded)];
    const [x, y] = points[i];
    if (Number.isFinite(want) ? Math.abs(got - want) <= atol + rtol * Math.abs(want) : Object.is(got, want)) return;
    if (exception?.at(x, y)) excepted++;
    else wrong.push(`${what} at ${points[i]}: ${got}, PyTorch has ${want}`);
  });
  expect(wrong).toEqual([]);
  if (exception) expect(excepted, `the exception for ${what} is no longer needed`).toBeGreaterThan(0);
}

type Unary = (x: Tensor) => Tensor;
type Binary = (x: Tensor, y: Tensor) => Tensor;
const functionOf = (name: string): unknown => (flambeau as { readonly [name: string]: unknown })[name];
const zeros = (x: Tensor): Tensor => flambeau.zerosLike(x);

describe.each(["float32", "float64"] as const)("%s", (dtype) => {
  test.each(Object.keys(recorded.unary))("%s of NaN, infinities, zeros, tiny and huge numbers", (name) => {
    const figures = recorded.unary[name][dtype];
    const points = recorded.points.map(decode);
    const x = tensor(points, { dtype, requiresGrad: figures.grad !== undefined });
    const y = (functionOf(name) as Unary)(x); // the names are functions of one tensor
    compare(
      `${name} ${dtype} value`,
      dtype,
      y,
      figures.value,
      points.map((p) => [p]),
    );
    if (!figures.grad) return;
    const [g] = grad([sum(y)], [x]);
    compare(
      `${name} ${dtype} grad`,
      dtype,
      g,
      figures.grad,
      points.map((p) => [p]),
    );
  });

  test.each(Object.keys(recorded.binary))("%s of pairs of them", (name) => {
    const figures = recorded.binary[name][dtype];
    const points = recorded.pairs.map((p) => p.map(decode));
    const [x, y] = [0, 1].map((k) =>
      tensor(
        points.map((p) => p[k]),
        { dtype, requiresGrad: figures.grad !== undefined },
      ),
    );
    const z = (functionOf(name) as Binary)(x, y); // the names are functions of two tensors
    compare(`${name} ${dtype} value`, dtype, z, figures.value, points);
    if (!figures.grad || !figures.grad2) return;
    const [gx, gy] = grad([sum(z)], [x, y], { allowUnused: true });
    compare(`${name} ${dtype} grad`, dtype, gx ?? zeros(x), figures.grad, points);
    compare(`${name} ${dtype} grad2`, dtype, gy ?? zeros(y), figures.grad2, points);
  });
});
