import { readFileSync } from "node:fs";
import { grad } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import { registerBackend } from "../../src/core/context.ts";
import {
  arange,
  at,
  clone,
  type Index,
  IndexError,
  type IndexList,
  indexPut,
  mul,
  nonzero,
  reshape,
  setAt_,
  sum,
  type Tensor,
  tensor,
  transpose,
  where,
  zeros,
} from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});

type Recorded = Exclude<Index, Tensor | IndexList> | { readonly list: IndexList } | { readonly mask: IndexList };
interface Case {
  readonly index: readonly Recorded[];
  readonly shape: readonly number[];
  readonly values: readonly number[];
  /** PyTorch's result shares x's memory. */
  readonly view: boolean;
  /** No element is named twice. */
  readonly unique: boolean;
}
// What PyTorch 2.13 gives for x[index] with x = arange(120).reshape(2, 3, 4, 5): 120 random mixtures of all kinds of indices.
const cases: Case[] = JSON.parse(readFileSync(new URL("indexing-torch213.json", import.meta.url), "utf8"));

const block = (): Tensor => reshape(arange(0, 120, 1, { dtype: "float32" }), [2, 3, 4, 5]);
/** The same elements in other places of memory. */
const strided = (): Tensor => transpose(clone(transpose(block(), 0, 3)), 0, 3);

function indicesOf({ index }: Case, dtype: "int32" | "int64" | "list"): Index[] {
  return index.map((i) => {
    if (typeof i !== "object" || i === null) return i;
    if ("list" in i) return dtype === "list" ? i.list : tensor(i.list, { dtype });
    return "mask" in i ? tensor(i.mask, { dtype: "bool" }) : i;
  });
}

describe.each(cases.map((c) => [JSON.stringify(c.index), c] as const))("%s", (_, c) => {
  test.each(["int32", "int64", "list"] as const)("picks PyTorch's elements, by %s", (dtype) => {
    const x = block();
    const out = at(x, ...indicesOf(c, dtype));
    expect(out.shape).toEqual(c.shape);
    expect(reshape(out, [-1]).tolist()).toEqual(c.values);
    expect(out.storage === x.storage).toBe(c.view);
  });
  test("picks them from strided memory", () => {
    expect(reshape(at(strided(), ...indicesOf(c, "int32")), [-1]).tolist()).toEqual(c.values);
  });
  test("its gradient counts how often each element was picked", () => {
    const x = block();
    x.requiresGrad = true;
    const out = at(x, ...indicesOf(c, "int32"));
    const [g] = grad(sum(out), [x]);
    const counts = new Array<number>(120).fill(0);
    for (const v of c.values) counts[v]++;
    expect(reshape(g, [-1]).tolist()).toEqual(counts);
  });
  if (c.unique)
    test.each([block, strided])("writes to exactly these elements", (make) => {
      const x = make();
      const values = reshape(arange(1000, 1000 + c.values.length, 1, { dtype: "float32" }), c.shape);
      expect(setAt_(x, values, ...indicesOf(c, "list"))).toBe(x);
      const expected = Array.from({ length: 120 }, (_, i) => i);
      c.values.forEach((v, i) => {
        expected[v] = 1000 + i;
      });
      expect(reshape(x, [-1]).tolist()).toEqual(expected);
    });
});

test("the places where a tensor is true index it", () => {
  const x = tensor([
    [0, 5, 0],
    [7, 0, 9],
  ]);
  expect(where(x).map((t) => t.tolist())).toEqual([
    [0, 1, 1],
    [1, 0, 2],
  ]);
  expect(at(x, ...nonzero(x, { asTuple: true })).tolist()).toEqual([5, 7, 9]);
  expect(where(tensor(3)).map((t) => t.tolist())).toEqual([[0]]);
  expect(nonzero(tensor(3)).shape).toEqual([1, 0]);
});

describe("assignment", () => {
  test("broadcasts, and reaches the source through views", () => {
    const x = zeros([2, 3]);
    setAt_(at(x, 1), tensor([1, 2, 3]));
    setAt_(x, 7, "...", { from: 2 });
    expect(x.tolist()).toEqual([
      [0, 0, 7],
      [1, 2, 7],
    ]);
    setAt_(x, tensor([[[9], [8]]]), "...", [0, 1]); // leading sizes of 1 are dropped
    expect(x.tolist()).toEqual([
      [9, 9, 7],
      [8, 8, 7],
    ]);
  });
  test("passes gradients to what was kept and to what was written", () => {
    const x = tensor([1, 2, 3, 4], { requiresGrad: true });
    const v = tensor([10, 20], { requiresGrad: true });
    const y = clone(x);
    setAt_(y, v, [3, 0]);
    const [gx, gv] = grad(sum(mul(y, tensor([1, 2, 3, 4]))), [x, v]);
    expect(gx.tolist()).toEqual([0, 2, 3, 0]);
    expect(gv.tolist()).toEqual([4, 1]);
  });
  test("adds up what meets at one element with accumulate, keeps the last one without", () => {
    const index = [tensor([1, 1, 0], { dtype: "int32" })];
    const values = tensor([1, 2, 4]);
    expect(indexPut(zeros([2]), index, values, { accumulate: true }).tolist()).toEqual([4, 3]);
    expect(indexPut(zeros([2]), index, values).tolist()).toEqual([4, 2]);
  });
});

describe("errors", () => {
  const x = () => zeros([2, 3]);
  test.each<[string, readonly Index[], RegExp]>([
    ["a position past the end", [2], /index 2 is out of range for dimension 0 of size 2 \(shape \[2,3\]\)/],
    ["a position before the start", [0, -4], /index -4 is out of range for dimension 0 of size 3/],
    ["too many", [0, 0, 0], /3 indices for the 2 dimensions of \[2,3\]/],
    ['two "..."', ["...", "..."], /only one "\.\.\."/],
    ["a list past the end", [[0, 5]], /index 5 is out of range for size 2 \(expected -2\.\.1, index tensor \[2\]\)/],
    ["fractions", [[0.5]], /a list of positions holds 0\.5/],
    [
      "a mask of another size",
      [[true, false, true]],
      /the mask \[3\] does not match dimension 0 of \[2,3\]: sizes 3 and 2/,
    ],
    [
      "indices that do not broadcast",
      [
        [0, 1],
        [0, 1, 2],
      ],
      /shapes \[2\] and \[3\] do not broadcast/,
    ],
    ["a backward step", [{ step: -1 }], /step must be a positive integer, got -1/],
  ])("%s", (_, indices, message) => {
    expect(() => at(x(), ...indices)).toThrow(message);
  });
  test("an index of another dtype says what to do", () => {
    expect(() => at(x(), tensor([0, 1]))).toThrow(
      /the index must be int32 or int64, got float32\n {2}hint: convert it/,
    );
  });
  test("large index tensors are checked as well", () => {
    const index = zeros([5000], { dtype: "int32" });
    setAt_(index, 2, 4321);
    expect(() => at(x(), index)).toThrow(IndexError);
    expect(at(x(), "...", index).shape).toEqual([2, 5000]);
  });
  test("a write that fails leaves the tensor as it was", () => {
    const y = x();
    expect(() => setAt_(y, tensor([1, 2]), 0)).toThrow(/shapes \[3\] and \[2\] do not broadcast/);
    expect(() => setAt_(y, tensor([1, 2]), [0, 1], "...")).toThrow(
      /values \[2\] do not broadcast to the indexed elements \[2,3\]/,
    );
    expect(y.tolist()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });
});
