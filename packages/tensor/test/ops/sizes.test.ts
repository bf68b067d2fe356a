// Sizes as PyTorch's methods take them, and what is said to those who give functions no list.
import { ArgumentError, arange, expand, permute, rand, repeat, reshape, type Tensor, tile, zeros } from "flambeau";
import { describe, expect, expectTypeOf, it } from "vitest";

const x = () => arange(6, null, 1, { dtype: "float32" }).reshape([2, 3]);

describe("methods take sizes in a list or one after another", () => {
  // shapes and elements as PyTorch gives them
  it.each<[what: string, spread: (t: Tensor) => Tensor, listed: (t: Tensor) => Tensor, shape: number[]]>([
    ["reshape", (t) => t.reshape(3, -1), (t) => t.reshape([3, -1]), [3, 2]],
    ["view", (t) => t.view(6), (t) => t.view([6]), [6]],
    ["permute", (t) => t.permute(1, 0), (t) => t.permute([1, 0]), [3, 2]],
    ["expand", (t) => t.expand(4, -1, -1), (t) => t.expand([4, -1, -1]), [4, 2, 3]],
    ["repeat", (t) => t.repeat(2, 1, 2), (t) => t.repeat([2, 1, 2]), [2, 2, 6]],
    ["tile", (t) => t.tile(2), (t) => t.tile([2]), [2, 6]],
    ["flip", (t) => t.flip(0, 1), (t) => t.flip([0, 1]), [2, 3]],
  ])("%s", (_, spread, listed, shape) => {
    expect(spread(x()).shape).toEqual(shape);
    expect(spread(x()).tolist()).toEqual(listed(x()).tolist());
  });
  it("and no sizes at all for 0-d results", () => {
    expect(x().at(0, 0).reshape().shape).toEqual([]);
    expect(x().at(0, 0).expand().shape).toEqual([]);
  });
  it("as types", () => {
    expectTypeOf<Tensor["reshape"]>().toBeCallableWith(2, 3);
    expectTypeOf<Tensor["reshape"]>().toBeCallableWith([2, 3]);
    // @ts-expect-error a list and a number
    void (() => x().reshape([2], 3));
  });
});

describe("functions take a list", () => {
  const one = 6 as unknown as number[]; // what a program without types may pass
  it.each<[what: string, call: () => unknown]>([
    ["reshape", () => reshape(x(), one)],
    ["permute", () => permute(x(), one)],
    ["expand", () => expand(x(), one)],
    ["repeat", () => repeat(x(), one)],
    ["tile", () => tile(x(), one)],
    ["zeros", () => zeros(one)],
    ["rand", () => rand(one)],
  ])("%s says so", (_, call) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow("takes a list, got 6\n  hint: several numbers go in one list: zeros([2, 3])");
  });
});
