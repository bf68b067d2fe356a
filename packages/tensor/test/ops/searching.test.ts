import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import {
  argsort,
  bucketize,
  isin,
  registerBackend,
  searchsorted,
  sort,
  tensor,
  tolist,
  topk,
  transpose,
  unique,
  uniqueConsecutive,
} from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});
const nan = Number.NaN;

// figures of PyTorch 2.13
describe("searchsorted and bucketize", () => {
  const sequence = () => tensor([1, 3, 3, 5]);
  const values = () => tensor([0, 1, 3, 4, 5, 6, nan]);
  test("put equal values in front or behind, and NaN last", () => {
    expect(tolist(searchsorted(sequence(), values()))).toEqual([0, 0, 1, 3, 3, 4, 4]);
    expect(tolist(searchsorted(sequence(), values(), { right: true }))).toEqual([0, 1, 3, 3, 4, 4, 4]);
    expect(tolist(searchsorted(sequence(), values(), { side: "right" }))).toEqual([0, 1, 3, 3, 4, 4, 4]);
    expect(tolist(bucketize(values(), sequence()))).toEqual([0, 0, 1, 3, 3, 4, 4]);
    expect(searchsorted(sequence(), 3.5).item()).toBe(3);
  });
  test("by a sorter, and in nothing", () => {
    const sorter = tensor([1, 2, 0], { dtype: "int32" });
    expect(tolist(searchsorted(tensor([5, 1, 3]), tensor([2, 3]), { sorter }))).toEqual([1, 1]);
    expect(tolist(searchsorted(tensor([]), tensor([2, 3])))).toEqual([0, 0]);
  });
  test("refuse sequences that do not go with the values", () => {
    expect(() => searchsorted(tensor([[1, 2]]), tensor([[1], [2]]))).toThrow(
      "searchsorted: all dimensions but the last must agree: sequence [1,2], values [2,1]",
    );
    expect(() => bucketize(values(), tensor([[1]]))).toThrow("bucketize: boundaries must be 1-d, got shape [1,1]");
    expect(() => searchsorted(sequence(), 1, { side: "left", right: true })).toThrow(
      'side "left" contradicts right: true',
    );
  });
});

describe("isin", () => {
  test("finds numbers and never NaN", () => {
    expect(tolist(isin(tensor([1, nan, 2]), tensor([2, nan])))).toEqual([false, false, true]);
    expect(
      tolist(
        isin(
          tensor([
            [1, 2],
            [3, 4],
          ]),
          tensor([]),
          { invert: true },
        ),
      ),
    ).toEqual([
      [true, true],
      [true, true],
    ]);
    expect(tolist(isin(tensor([1, 2]), 2))).toEqual([false, true]);
    expect(isin(3, tensor([1, 3])).item()).toBe(1);
  });
  test("needs a tensor", () => {
    expect(() => isin(1, 2)).toThrow("isin: at least one argument must be a tensor, got two numbers");
  });
});

describe("unique", () => {
  test("rows, with their places and counts", () => {
    const [values, inverse, counts] = unique(
      tensor([
        [2, 1],
        [1, 1],
        [2, 1],
      ]),
      {
        dim: 0,
        returnInverse: true,
        returnCounts: true,
      },
    );
    expect(tolist(values)).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(tolist(inverse)).toEqual([1, 0, 1]);
    expect(tolist(counts)).toEqual([1, 2]);
  });
  test("each NaN is a value of its own", () => {
    expect(tolist(unique(tensor([nan, 1, nan])))).toEqual([1, nan, nan]);
  });
  test("of neighbours", () => {
    const [values, inverse, counts] = uniqueConsecutive(tensor([1, 1, 2, 2, 1]), {
      returnInverse: true,
      returnCounts: true,
    });
    expect(tolist(values)).toEqual([1, 2, 1]);
    expect(tolist(inverse)).toEqual([0, 0, 1, 1, 2]);
    expect(tolist(counts)).toEqual([2, 2, 1]);
  });
  test("of bools, int64 and nothing", () => {
    expect(tolist(unique(tensor([true, false, true])))).toEqual([false, true]);
    expect(tolist(unique(tensor([2n ** 60n, 1n, 2n ** 60n])))).toEqual([1, 2n ** 60n]);
    expect(unique(tensor([])).shape).toEqual([0]);
  });
});

describe("sorting", () => {
  test("is stable either way, with NaN as the largest", () => {
    const x = tensor([2, nan, 1, 2, -0, 0, nan]);
    expect(tolist(sort(x).indices)).toEqual([4, 5, 2, 0, 3, 1, 6]);
    expect(tolist(sort(x, 0, { descending: true }).indices)).toEqual([1, 6, 0, 3, 2, 4, 5]);
    expect(
      tolist(
        argsort(
          transpose(
            tensor([
              [3, 1],
              [2, 4],
            ]),
            0,
            1,
          ),
          0,
        ),
      ),
    ).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });
  test("topk says what does not fit", () => {
    expect(() => topk(tensor([1, 2]), 3)).toThrow("topk: k = 3 does not fit dimension 0 of size 2");
    expect(topk(tensor(7), 1).values.item()).toBe(7);
    expect(topk(tensor([[1, 2]]), 0).values.shape).toEqual([1, 0]);
  });
});
