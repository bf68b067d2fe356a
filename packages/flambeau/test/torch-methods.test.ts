// Methods and forms that programs ported from PyTorch use. The values are PyTorch 2.13's.
import {
  AutogradError,
  arange,
  DTypeError,
  fromTransferable,
  IndexError,
  isTensor,
  nn,
  noGrad,
  qr,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from "flambeau";
import { describe, expect, test } from "vitest";

describe("dtypes by name", () => {
  test.each([
    ["float", "float32", [0.5, -1.5, 300]],
    ["double", "float64", [0.5, -1.5, 300]],
    ["half", "float16", [0.5, -1.5, 300]],
    ["bfloat16", "bfloat16", [0.5, -1.5, 300]],
    ["int", "int32", [0, -1, 300]],
    ["long", "int64", [0, -1, 300]],
    ["short", "int16", [0, -1, 300]],
    ["bool", "bool", [true, true, true]],
  ] as const)("%s() is %s", (name, dtype, values) => {
    const y = tensor([0.5, -1.5, 300])[name]();
    expect([y.dtype, y.tolist()]).toEqual([dtype, values]);
  });
  test("a tensor that has it already is itself, and gradients flow", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(x.float()).toBe(x);
    x.double().mul(3).sum().backward();
    expect([x.grad?.dtype, x.grad?.tolist()]).toEqual(["float32", [3, 3]]);
    expect(x.typeAs(zeros([0], { dtype: "float64" })).dtype).toBe("float64");
    expect(x.char().dtype + x.byte().dtype).toBe("int8uint8");
  });
});

describe("questions", () => {
  const x = zeros([2, 3, 4]).transpose(0, 2);
  test("sizes", () => {
    const last: number = x.sizeAt(-1);
    expect([last, x.sizeAt(0), x.dim(), x.ndimension(), x.numel(), x.nelement()]).toEqual([2, 4, 3, 3, 24, 24]);
    expect([x.stride(), x.stride(-1), x.elementSize(), x.storageOffset()]).toEqual([[1, 4, 12], 12, 4, 0]);
    expect(() => x.sizeAt(3)).toThrow(IndexError);
    expect(() => zeros([]).sizeAt(0)).toThrow(IndexError);
  });
  test("kinds", () => {
    expect([x.isContiguous(), x.isFloatingPoint(), x.isSigned(), x.bool().isSigned()]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([isTensor(x), isTensor(new nn.Parameter(x)), isTensor([1]), isTensor(null)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

test("new tensors have the dtype and the device of the old one", () => {
  const x = tensor([1, 2], { dtype: "int32" });
  expect(x.newZeros([2]).tolist()).toEqual([0, 0]);
  expect(x.newOnes([1, 2]).tolist()).toEqual([[1, 1]]);
  expect(x.newFull([2], 7).tolist()).toEqual([7, 7]);
  expect(x.newTensor([2.5]).tolist()).toEqual([2]);
  expect([x.newEmpty([3]), x.newZeros([1]), x.newTensor([1])].map((t) => t.dtype)).toEqual(["int32", "int32", "int32"]);
  expect(x.newOnes([1], { dtype: "float64" }).dtype).toBe("float64");
  expect(x.to("meta").newZeros([1]).device).toBe("meta");
});

describe("views in place", () => {
  test.each<[string, (x: Tensor) => Tensor, (x: Tensor) => Tensor]>([
    ["squeeze_", (x) => x.squeeze_(0), (x) => x.squeeze(0)],
    ["unsqueeze_", (x) => x.unsqueeze_(-1), (x) => x.unsqueeze(-1)],
    ["transpose_", (x) => x.transpose_(0, 2), (x) => x.transpose(0, 2)],
    ["swapaxes_", (x) => x.swapaxes_(1, 2), (x) => x.swapaxes(1, 2)],
    ["swapdims_", (x) => x.swapdims_(1, 2), (x) => x.swapdims(1, 2)],
    ["t_", (x) => x.squeeze_().t_(), (x) => x.squeeze().t()],
  ])("%s changes the tensor as the view would be", (_, change, view) => {
    const weights = tensor([1, 2, 3, 4, 5, 6]);
    const run = (f: (x: Tensor) => Tensor, inPlace: boolean) => {
      const x = tensor(
        [
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
        ],
        { requiresGrad: true },
      );
      const y = x.mul(2);
      y.retainGrad();
      const z = f(y);
      if (inPlace) expect(z).toBe(y);
      z.reshape(6).mul(weights).sum().backward();
      return [z.shape, z.strides, z.tolist(), x.grad?.tolist()];
    };
    expect(run(change, true)).toEqual(run(view, false));
  });
  test("the gradient that a result retains has its new shape", () => {
    const y = tensor([1, 2], { requiresGrad: true }).mul(2);
    y.retainGrad();
    y.unsqueeze_(0).sum().backward();
    expect(y.grad?.tolist()).toEqual([[1, 1]]);
  });
  test("with recording off the graph keeps up with the shape", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const y = x.mul(1);
    noGrad(() => y.t_());
    y.mul(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    )
      .sum()
      .backward();
    expect(x.grad?.tolist()).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });
  test("of a view: writes still reach what it shows, and its gradient", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const y = x.mul(1);
    y.select(0, 0).unsqueeze_(0).mul_(5);
    expect(y.tolist()).toEqual([
      [5, 10],
      [3, 4],
    ]);
    y.sum().backward();
    expect(x.grad?.tolist()).toEqual([
      [5, 5],
      [1, 1],
    ]);
  });
  test("leaves that require gradients are refused, and so is detaching a view", () => {
    const leaf = tensor([[1, 2]], { requiresGrad: true });
    expect(() => leaf.t_()).toThrow(AutogradError);
    expect(leaf.shape).toEqual([1, 2]);
    noGrad(() => leaf.squeeze_());
    expect(leaf.shape).toEqual([2]);
    expect(() => leaf.mul(2).select(0, 0).detach_()).toThrow("a view cannot leave the graph of what it shows");
  });
  test("detach_ and requiresGrad_", () => {
    const y = tensor([1], { requiresGrad: true }).mul(2);
    expect(y.detach_()).toBe(y);
    expect([y.requiresGrad, y.isLeaf]).toEqual([false, true]);
    expect(y.requiresGrad_().requiresGrad).toBe(true);
    expect(y.requiresGrad_(false).requiresGrad).toBe(false);
    expect(() => tensor([1]).int().requiresGrad_()).toThrow(AutogradError);
  });
});

test("viewAs takes a shape from a tensor; in place comparisons have NumPy's names", () => {
  expect(
    arange(6)
      .viewAs(zeros([2, 3]))
      .tolist(),
  ).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
  expect(tensor([1, 3]).greater_(2).tolist()).toEqual([0, 1]);
  expect(() => arange(3).trueDivide_(2)).toThrow(DTypeError);
});

describe("what tensors are made of", () => {
  const thrown =
    (data: unknown, options = {}) =>
    () =>
      tensor(data as number[], options);
  test("typed arrays of all kinds", () => {
    expect(tensor(Buffer.from([1, 255])).dtype).toBe("uint8");
    expect(tensor([new Float64Array([1, 2]), new Float64Array([3, 4])]).tolist()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(tensor([new Float64Array(2)]).dtype).toBe("float64");
    const Half = globalThis.Float16Array;
    if (!Half) return; // from Node 24 on
    expect([tensor(new Half([1, 0.1])).dtype, tensor(new Half([0.1]), { dtype: "float64" }).item()]).toEqual([
      "float16",
      0.0999755859375,
    ]);
  });
  test("what is none is named, at once", () => {
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    expect(thrown(cyclic)).toThrow("nested more than 64 deep, or holds itself");
    const later: unknown[] = [1];
    later.push(later);
    expect(thrown(later)).toThrow("data[1] is nested deeper than its neighbours");
    const sparse: unknown[] = [1];
    sparse.length = 3;
    expect(thrown(sparse, { dtype: "int32" })).toThrow("data[1] is undefined");
    expect(thrown([tensor([1])])).toThrow("stack() and cat() join tensors");
    expect(thrown(["2"], { dtype: "float32" })).toThrow('data[0] is "2"');
  });
});

describe("elsewhere", () => {
  test("JSON holds the values", () => {
    expect(
      JSON.stringify({
        w: tensor([
          [1, 2],
          [3, Number.NaN],
        ]),
        n: tensor([2n ** 60n]),
        ok: tensor(true),
      }),
    ).toBe('{"w":[[1,2],[3,null]],"n":["1152921504606846976"],"ok":true}');
  });
  test("structured clone and transfer keep every bit", () => {
    for (const x of [tensor([0.1, -0]).half(), tensor([2n ** 60n + 1n]), tensor([[true, false]]), zeros([0, 3])]) {
      const data = x.t().toTransferable();
      const there = fromTransferable(structuredClone(data, { transfer: [data.bytes.buffer] }));
      expect([there.dtype, there.shape, there.tolist()]).toEqual([x.dtype, x.t().shape, x.t().tolist()]);
    }
    expect(() => fromTransferable(5 as never)).toThrow("data must be what toTransferable gives, got 5");
  });
});

describe("named results", () => {
  test("also come in their order", () => {
    const x = tensor([
      [1, 5],
      [7, 3],
    ]);
    const [values, indices] = x.max(1);
    expect([values.tolist(), indices.tolist()]).toEqual([
      [5, 7],
      [1, 0],
    ]);
    expect(x.sort(1)[1].tolist()).toEqual([
      [0, 1],
      [1, 0],
    ]);
    const [q, r] = qr(x.double());
    expect(q.matmul(r).sub(x).abs().max().item()).toBeLessThan(1e-12);
    const [u, s, vh] = x.svd();
    expect([u.shape, s.shape, vh.shape]).toEqual([[2, 2], [2], [2, 2]]);
    expect(Object.keys(x.svd())).toEqual(["U", "S", "Vh"]);
  });
  test("outlive tidy by either way", () => {
    const found = tidy(() => tensor([3, 4]).add(1).max(0));
    expect([found.values.item(), found[1].item()]).toEqual([5, 1]);
  });
});
