// What Torch7's doc/simple.md says of layers that change shapes, with its figures; dimensions and indices count from 0 here.
import { arange, ones, randn, type Tensor, tensor, zeros } from "flambeau";
import {
  Collapse,
  Contiguous,
  Convert,
  Copy,
  Index,
  MaskedSelect,
  Narrow,
  Padding,
  Replicate,
  Reshape,
  Select,
  Squeeze,
  Transpose,
  Unsqueeze,
  View,
} from "flambeau/torch7";
import { describe, expect, test } from "vitest";

const rows = (x: Tensor, from: number, to: number) => x.narrow(0, from, to - from).tolist();

test("Narrow's examples", () => {
  const x = randn([4, 5]);
  expect(new Narrow(0, 1, 3).forward(x).tolist()).toEqual(rows(x, 1, 4));
  expect(new Narrow(0, 1, -1).forward(x).tolist()).toEqual(rows(x, 1, 4));
  expect(new Narrow(0, 1, 2).forward(x).tolist()).toEqual(rows(x, 1, 3));
  expect(new Narrow(0, 1, -2).forward(x).tolist()).toEqual(rows(x, 1, 3));
  expect(new Narrow(1, 1, 3).forward(x).tolist()).toEqual(x.narrow(1, 1, 3).tolist());
  expect(new Narrow(1, 1, -2).forward(x).tolist()).toEqual(x.narrow(1, 1, 3).tolist());
  expect(new Narrow(-2, 1).forward(x).tolist()).toEqual(rows(x, 1, 2));
  expect(new Narrow(0, -1, 1).forward(x).tolist()).toEqual(rows(x, 0, 3)); // all but the last
  expect(() => new Narrow(0, 3, 3).forward(x)).toThrow(/narrow/);
});

test("Replicate's example shares the memory", () => {
  const x = tensor([1, 2, 3, 4, 5]);
  const y = new Replicate(3).forward(x);
  expect(y.tolist()).toEqual([
    [1, 2, 3, 4, 5],
    [1, 2, 3, 4, 5],
    [1, 2, 3, 4, 5],
  ]);
  x.fill_(13);
  expect(y.sum().item()).toBe(13 * 15);
  expect(new Replicate(2, 1).forward(zeros([3, 4])).shape).toEqual([3, 2, 4]);
  expect(new Replicate(2, 0, 1).forward(zeros([3, 4])).shape).toEqual([3, 2, 4]);
  expect(new Replicate(2, 0, 2).forward(zeros([3, 4])).shape).toEqual([2, 3, 4]);
});

test("Reshape's examples", () => {
  const x = arange(1, 17).reshape([4, 4]);
  expect(new Reshape(2, 8).forward(x).tolist()).toEqual([
    [1, 2, 3, 4, 5, 6, 7, 8],
    [9, 10, 11, 12, 13, 14, 15, 16],
  ]);
  expect(new Reshape(8, 2).forward(x).shape).toEqual([8, 2]);
  expect(new Reshape(16).forward(x).shape).toEqual([16]);
  const y = zeros([1, 4]);
  expect(new Reshape(4).forward(y).shape).toEqual([1, 4]);
  expect(new Reshape(4, { batchMode: false }).forward(y).shape).toEqual([4]);
  expect(new Reshape(2, 2, { batchMode: true }).forward(zeros([4, 1, 4])).shape).toEqual([4, 2, 2]);
  expect(() => new Reshape(3).forward(x)).toThrow(/reshape/);
});

describe("View", () => {
  test("has the documentation's examples", () => {
    const x = arange(1, 17).reshape([4, 4]);
    expect(new View(2, 8).forward(x).tolist()).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8],
      [9, 10, 11, 12, 13, 14, 15, 16],
    ]);
    expect(new View(16).forward(x).shape).toEqual([16]);
    const m = new View(-1).setNumInputDims(2);
    expect(m.forward(zeros([2, 3])).shape).toEqual([6]);
    expect(m.forward(zeros([5, 2, 3])).shape).toEqual([5, 6]);
  });
  test.each([
    // the first four are those of nntest.View in Torch7's test.lua, the others follow from the rule in View.lua
    [[-1], 1, [5, 10], [5, 10]],
    [[-1], 2, [5, 4, 10], [5, 40]],
    [[4, -1], 2, [2, 5, 4, 10], [10, 4, 10]],
    [[6], undefined, [5, 2, 6], [10, 6]],
    [[9], undefined, [2, 3, 4], null],
    [[6, 4], undefined, [2, 3, 4], [6, 4]],
    [[-1], 2, [1, 2, 3], [1, 6]],
    [[3, -1], 2, [2, 3, 4], [2, 3, 4]],
    [[12], 2, [2, 3, 4], [2, 12]],
    [[4], undefined, [2, 3, 4], [6, 4]],
    [[-1, 4], undefined, [2, 3, 4], [6, 4]],
    [[6], 1, [3, 6], [3, 6]],
    [[2], 1, [3, 6], [9, 2]],
  ] as const)("to %j of %j dimensions makes of %j %j", (sizes, dims, shape, expected) => {
    const view = new View(...sizes);
    if (dims !== undefined) view.setNumInputDims(dims);
    if (expected === null) expect(() => view.forward(zeros(shape))).toThrow("View: [2,3,4] does not fit [9]");
    else expect(view.forward(zeros(shape)).shape).toEqual(expected);
  });
  test("takes other sizes", () => {
    expect(new View(3).resetSize(2, 2).forward(zeros([4])).shape).toEqual([2, 2]);
    expect(() => new View(-1, -1)).toThrow("only one size can be -1");
    expect(() => new View(-2)).toThrow("View: size 0 must be");
  });
});

test("Collapse joins what is no batch", () => {
  expect(new Collapse(3).forward(zeros([2, 3, 4])).shape).toEqual([24]);
  expect(new Collapse(3).forward(zeros([5, 2, 3, 4])).shape).toEqual([5, 24]);
  expect(new Collapse(3).forward(zeros([1, 2, 3, 4])).shape).toEqual([1, 24]);
});

test("Unsqueeze's examples", () => {
  const x = zeros([2, 4, 3]);
  expect(new Unsqueeze(0).forward(x).shape).toEqual([1, 2, 4, 3]);
  expect(new Unsqueeze(3).forward(x).shape).toEqual([2, 4, 3, 1]);
  const m = new Unsqueeze(1);
  expect(m.forward(x).shape).toEqual([2, 1, 4, 3]);
  expect(m.forward(zeros([3, 5, 7])).shape).toEqual([3, 1, 5, 7]);
  const batch = zeros([5, 2, 4, 3]);
  expect(new Unsqueeze(3, 3).forward(batch).shape).toEqual([5, 2, 4, 3, 1]);
  expect(new Unsqueeze(1).setNumInputDims(3).forward(batch).shape).toEqual([5, 2, 1, 4, 3]);
  expect(() => new Unsqueeze(1, 3).forward(zeros([2, 4]))).toThrow("an example has 3 dimensions, got [2,4]");
});

test("Squeeze keeps the batch", () => {
  expect(new Squeeze().forward(zeros([1, 2, 1, 3])).shape).toEqual([2, 3]);
  expect(new Squeeze(2).forward(zeros([1, 2, 1, 3])).shape).toEqual([1, 2, 3]);
  expect(new Squeeze(1, 3).forward(zeros([1, 2, 1, 3])).shape).toEqual([1, 2, 3]);
  expect(new Squeeze().setNumInputDims(3).forward(zeros([1, 2, 1, 3])).shape).toEqual([1, 2, 3]);
  expect(new Squeeze(1).forward(zeros([1, 2])).shape).toEqual([1, 2]);
});

test("Transpose's examples", () => {
  const x = zeros([5, 2, 4, 3]);
  expect(new Transpose([0, 2]).forward(x).shape).toEqual([4, 2, 5, 3]);
  expect(new Transpose([0, 2]).setNumInputDims(3).forward(x).shape).toEqual([5, 3, 4, 2]);
  expect(new Transpose([0, 3], [0, 2]).forward(x).shape).toEqual([4, 2, 3, 5]);
  expect(() => new Transpose(0 as never)).toThrow("Transpose: takes pairs of dimensions, got 0");
});

test("Select, Index and MaskedSelect's examples", () => {
  const x = randn([10, 5]);
  expect(new Select(0, 2).forward(x).tolist()).toEqual(x.select(0, 2).tolist());
  expect(new Select(-1, -1).forward(x).tolist()).toEqual(x.select(1, 4).tolist());
  const index = tensor([3, 0, 3], { dtype: "int32" });
  expect(new Index(0).forward([x, index]).tolist()).toEqual(x.indexSelect(0, index).tolist());
  const values = tensor(
    [
      [10, 20],
      [30, 40],
    ],
    { requiresGrad: true },
  );
  const picked = new MaskedSelect().forward([
    values,
    tensor([
      [1, 0],
      [0, 1],
    ]),
  ]);
  expect(picked.tolist()).toEqual([10, 40]);
  picked.mul(picked.detach()).sum().backward();
  expect(values.grad?.tolist()).toEqual([
    [10, 0],
    [0, 40],
  ]);
});

test("Padding's examples, and places within", () => {
  const pads =
    (...args: ConstructorParameters<typeof Padding>) =>
    (values: readonly number[] | readonly number[][]) =>
      new Padding(...args).forward(tensor(values as number[])).tolist();
  expect(pads(0, 2, 1, -1)([1, 2, 3])).toEqual([1, 2, 3, -1, -1]);
  expect(
    pads(
      0,
      -2,
      1,
      -1,
    )([
      [1, 2, 3],
      [4, 5, 6],
    ]),
  ).toEqual([
    [-1, -1, 1, 2, 3],
    [-1, -1, 4, 5, 6],
  ]);
  expect(
    pads(
      0,
      -2,
      1,
      -1,
      1,
    )([
      [1, 2, 3],
      [4, 5, 6],
    ]),
  ).toEqual([
    [1, -1, -1, 2, 3],
    [4, -1, -1, 5, 6],
  ]);
  expect(pads(0, 1, 1, 9, 1)([1, 2, 3])).toEqual([1, 2, 9, 3]);
  expect(pads(1, 1)([[1], [2]])).toEqual([
    [1, 0],
    [2, 0],
  ]);
});

describe("conversions", () => {
  test("Convert's examples", () => {
    const x = randn([3, 2, 3, 1]);
    for (const layouts of [
      ["bchw", "bf"],
      ["chw", "f"],
    ])
      expect(new Convert(...layouts).forward(x).tolist()).toEqual(x.reshape([3, 6]).tolist());
    const y = ones([1, 2, 3, 2]);
    y.select(1, 1).fill_(2);
    expect(new Convert("chw", "hwc").forward(y).tolist()).toEqual([
      [
        [
          [1, 2],
          [1, 2],
        ],
        [
          [1, 2],
          [1, 2],
        ],
        [
          [1, 2],
          [1, 2],
        ],
      ],
    ]);
    expect(new Convert("chw", "hwc").forward(y.select(0, 0)).shape).toEqual([3, 2, 2]);
    expect(new Convert().forward(tensor([1, 2, 3], { dtype: "float64" })).dtype).toBe("float32");
    expect(new Convert("bf", "bf", { dtype: "float64" }).forward(zeros([2, 2])).dtype).toBe("float64");
  });
  test("Convert goes between batches of scalars, classes and features", () => {
    expect(new Convert("b", "bf").forward(zeros([4])).shape).toEqual([4, 1]);
    expect(new Convert("b", "bt").forward(zeros([4])).shape).toEqual([4, 1]);
    expect(
      new Convert("bt", "b")
        .forward(
          tensor([
            [1, 2],
            [3, 4],
          ]),
        )
        .tolist(),
    ).toEqual([1, 3]);
    expect(new Convert("fb", "b").forward(tensor([[1, 2]])).tolist()).toEqual([1, 2]);
    expect(new Convert("chwb", "bf").forward(zeros([2, 3, 4, 5])).shape).toEqual([5, 24]);
    expect(() => new Convert("bf", "b").forward(zeros([2, 3]))).toThrow('to "b" goes a batch of one feature');
    expect(() => new Convert("bf", "bchw")).toThrow('Convert: cannot make "bchw" of "bf"');
    expect(() => new Convert(undefined, "bf")).toThrow("an outputShape needs an inputShape");
    expect(() => new Convert("bccw", "bf")).toThrow("inputShape is made of letters");
  });
  test("Copy's result has another dtype, its gradient that of the input", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = new Copy("float64").forward(x);
    expect(y.dtype).toBe("float64");
    y.sum().backward();
    expect(x.grad?.dtype).toBe("float32");
  });
  test("Contiguous leaves what is so already", () => {
    const x = zeros([2, 3]);
    expect(new Contiguous().forward(x)).toBe(x);
    expect(new Contiguous().forward(x.t()).strides).toEqual([2, 1]);
  });
});
