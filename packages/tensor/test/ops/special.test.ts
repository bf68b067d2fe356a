import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import * as flambeau from "../../src/index.ts";
import { dataSync, igamma, igammac, polygamma, registerBackend, type Tensor, tensor, zeta } from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});

type Coded = number | "nan" | "inf" | "-inf" | "-0";
interface Range {
  readonly float64: readonly Coded[];
  readonly float32?: readonly Coded[];
}
// made by edges_torch213.py: the special functions over their ranges, where their formulas change
const recorded: {
  readonly wide: readonly Coded[];
  readonly range: { readonly [op: string]: Range };
  readonly incomplete: { readonly [k in "a" | "x" | "igamma" | "igammac"]: readonly Coded[] };
  readonly zeta: { readonly [k in "x" | "q" | "value"]: readonly Coded[] };
} = JSON.parse(gunzipSync(readFileSync(new URL("edges-torch213.json.gz", import.meta.url))).toString());
const decode = (x: Coded): number =>
  typeof x === "number" ? x : { nan: Number.NaN, inf: Infinity, "-inf": -Infinity, "-0": -0 }[x];
const double = (values: readonly Coded[]): Tensor => tensor(Float64Array.from(values, decode));

const tolerances = { float32: { rtol: 1.3e-6, atol: 1e-5 }, float64: { rtol: 1e-7, atol: 1e-7 } };
function compare(ours: Tensor, theirs: readonly Coded[], label: (i: number) => string): void {
  const { rtol, atol } = tolerances[ours.dtype as "float32" | "float64"]; // what the records hold
  const wrong = Array.from(dataSync(ours), Number).flatMap((got, i) => {
    const want = decode(theirs[i]);
    const same = Number.isFinite(want) ? Math.abs(got - want) <= atol + rtol * Math.abs(want) : Object.is(got, want);
    return same ? [] : [`at ${label(i)}: ${got}, PyTorch has ${want}`];
  });
  expect(wrong).toEqual([]);
  expect(ours.size).toBe(theirs.length);
}

function call(name: string, x: Tensor): Tensor {
  const [op, n] = name.split(" ");
  if (op === "polygamma") return polygamma(Number(n), x);
  return ((flambeau as { readonly [name: string]: unknown })[op] as (x: Tensor) => Tensor)(x); // the others take one tensor
}
describe.each(Object.keys(recorded.range))("%s over its range", (name) => {
  test.each(Object.keys(recorded.range[name]) as ("float32" | "float64")[])("%s", (dtype) => {
    const x = tensor(recorded.wide.map(decode), { dtype });
    compare(call(name, x), recorded.range[name][dtype] as readonly Coded[], (i) => String(recorded.wide[i])); // dtype is a key
  });
});

test.each(["igamma", "igammac"] as const)("%s by series, fraction and expansion", (name) => {
  const { a, x } = recorded.incomplete;
  const f = { igamma, igammac }[name];
  compare(f(double(a), double(x)), recorded.incomplete[name], (i) => `(${a[i]}, ${x[i]})`);
});
test("zeta, also of negative q", () => {
  const { x, q, value } = recorded.zeta;
  compare(zeta(double(x), double(q)), value, (i) => `(${x[i]}, ${q[i]})`);
});
