// Options may follow any of the optional numbers, as PyTorch's keyword arguments may.
import { arange, eye, linspace, logspace, type Tensor, trilIndices, triuIndices } from "flambeau";
import { describe, expect, it } from "vitest";

const options = { dtype: "float64" } as const;

describe("options behind any number", () => {
  it.each<[what: string, calls: (() => Tensor)[], values: unknown]>([
    [
      "arange(end)",
      [
        () => arange(3, options),
        () => arange(3, null, 1, options),
        () => arange(3, undefined, undefined, options),
        () => arange(0, 3, options),
        () => arange(0, 3, 1, options),
      ],
      [0, 1, 2],
    ],
    ["arange from 0 down", [() => arange(0, -4, -2, options)], [0, -2]],
    ["linspace", [() => linspace(0, 1, 3, options)], [0, 0.5, 1]],
    ["logspace", [() => logspace(0, 2, 3, options), () => logspace(0, 2, 3, 10, options)], [1, 10, 100]],
    ["logspace, base 2", [() => logspace(0, 2, 3, 2, options)], [1, 2, 4]],
    [
      "eye",
      [() => eye(2, options), () => eye(2, 2, options), () => eye(2, undefined, options)],
      [
        [1, 0],
        [0, 1],
      ],
    ],
    [
      "trilIndices",
      [() => trilIndices(2, 1, options), () => trilIndices(2, 1, 0, options)],
      [
        [0, 1],
        [0, 0],
      ],
    ],
    ["triuIndices", [() => triuIndices(2, 1, options), () => triuIndices(2, 1, 0, options)], [[0], [0]]],
  ])("%s", (_, calls, values) => {
    for (const call of calls) {
      expect(call().tolist()).toEqual(values);
      expect(call().dtype).toBe("float64");
    }
  });
  it("and none at all", () => {
    expect(arange(1, 7, 3).tolist()).toEqual([1, 4]);
    expect(arange(3).dtype).toBe("int32");
    expect(eye(1, 2).tolist()).toEqual([[1, 0]]);
    expect(logspace(0, 1, 2).tolist()).toEqual([1, 10]);
  });
});
