import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { grad } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import * as flambeau from "../../src/index.ts";
import {
  dataSync,
  FlambeauError,
  mul,
  registerBackend,
  sum,
  Tensor,
  tensor,
  transpose,
  zerosLike,
} from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});

type Coded = number | "nan" | "inf" | "-inf";
interface Encoded {
  readonly shape: readonly number[];
  readonly data: readonly Coded[];
  readonly dtype: string;
}
interface Case {
  readonly f: string;
  readonly input: string;
  readonly args: readonly unknown[];
  readonly out?: Encoded | readonly Encoded[];
  readonly grad?: Encoded;
  /** PyTorch's message, where it refuses. */
  readonly error?: string;
}
// made by reductions_torch213.py: empty and 0-d tensors, ties, NaN, infinities, zeros and overflow, with gradients
const recorded: { readonly inputs: { readonly [name: string]: Encoded }; readonly cases: readonly Case[] } = JSON.parse(
  gunzipSync(readFileSync(new URL("reductions-torch213.json.gz", import.meta.url))).toString(),
);
const decode = (x: Coded): number =>
  typeof x === "number" ? x : { nan: Number.NaN, inf: Infinity, "-inf": -Infinity }[x];

function inputOf(name: string): Tensor {
  const { shape, data } = recorded.inputs[name];
  return tensor(Float64Array.from(data, decode), { shape, requiresGrad: true });
}
/** The same elements in other places of memory. */
function strided(x: Tensor): Tensor {
  const last = x.ndim - 1;
  return x.ndim < 2 ? x : transpose(mul(transpose(x, 0, last), 1), 0, last);
}

/** Where we differ on purpose. */
const exceptions: readonly { readonly what: RegExp; readonly reason: string }[] = [
  {
    what: /^(cum)?prod\((nan|inf|huge).* gradient$/,
    reason: "PyTorch divides by the element; products of the others are finite",
  },
  { what: /^nanmean\(nan, 1\) gradient$/, reason: "of a line of NaNs alone: nothing was counted, so nothing flows" },
  {
    what: /^varMean\(inf, [01]\) 1$/,
    reason: "PyTorch's running mean subtracts infinities; the mean of [inf, 1] is inf",
  },
  { what: /^logcumsumexp\((inf|huge).* gradient$/, reason: "PyTorch subtracts infinite logarithms" },
  {
    what: /^mode\(nan, 0\) /,
    reason: "PyTorch sorts NaN without an order: it can come out more frequent than a number",
  },
];

const isException = (what: string): boolean => exceptions.some((e) => e.what.test(what));

function check(ours: unknown, theirs: Encoded, what: string): void {
  expect(ours, what).toBeInstanceOf(Tensor);
  const t = ours as Tensor; // the line above
  expect(t.shape, `${what}: shape`).toEqual(theirs.shape);
  if (theirs.dtype === "int64")
    expect(t.dtype, what).toBe("int32"); // positions and counts
  else expect(t.dtype, what).toBe(theirs.dtype);
  const wrong = Array.from(dataSync(t), Number).flatMap((got, i) => {
    const want = decode(theirs.data[i]);
    const same = Number.isFinite(want) ? Math.abs(got - want) <= 1e-9 + 1e-9 * Math.abs(want) : Object.is(got, want);
    return same ? [] : [`${what}[${i}]: ${got}, PyTorch has ${want}`];
  });
  expect(wrong).toEqual([]);
}

/** Arguments in our order, where PyTorch's call passed `dim` by name. */
const adapted: { readonly [f: string]: (dim: unknown) => unknown[] } = {
  diff: (dim) => [1, dim],
  trapezoid: (dim) => [null, { dim }],
  cumulativeTrapezoid: (dim) => [null, { dim }],
};

const isList = (x: Encoded | readonly Encoded[]): x is readonly Encoded[] => Array.isArray(x);
const title = (c: Case): string => `${c.f}(${[c.input, ...c.args.map((a) => JSON.stringify(a))].join(", ")})`;

describe.each(["row-major", "strided"] as const)("%s", (layout) => {
  test.each(recorded.cases.map((c) => [title(c), c] as const))("%s", (name, c) => {
    const f = (flambeau as { readonly [name: string]: unknown })[c.f] as (...args: unknown[]) => unknown; // the records name functions
    const leaf = inputOf(c.input);
    const x = layout === "strided" ? strided(leaf) : leaf;
    const args =
      adapted[c.f]?.(c.args[0]) ?? c.args.map((a) => (a === "inf" ? Infinity : a === "-inf" ? -Infinity : a));
    if (c.error !== undefined) {
      expect(() => f(x, ...args)).toThrow(FlambeauError);
      return;
    }
    const out = f(x, ...args);
    const theirs = c.out as Encoded | readonly Encoded[]; // there is either an error or this
    const list: unknown[] = out instanceof Tensor ? [out] : Object.values(out as object);
    const expected = isList(theirs) ? theirs : [theirs];
    expect(list.length).toBe(expected.length);
    expected.forEach((e, i) => {
      if (!isException(`${name} ${i}`)) check(list[i], e, `${name} ${i}`);
    });
    if (!c.grad || isException(`${name} gradient`)) return;
    const [g] = grad([sum(list[0] as Tensor)], [leaf], { allowUnused: true }); // as checked above
    check(g ?? zerosLike(leaf), c.grad, `${name} gradient`);
  });
});
