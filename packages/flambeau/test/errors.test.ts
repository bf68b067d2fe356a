import {
  AutogradError,
  add_,
  arange,
  conv2d,
  DeviceError,
  DTypeError,
  grad,
  IndexError,
  losses,
  MemoryError,
  matmul,
  memory,
  nn,
  noGrad,
  ones,
  optim,
  randn,
  reclaim,
  ShapeError,
  setDefaultDevice,
  tensor,
  tidy,
  zeros,
} from "flambeau";
import { describe, expect, it } from "vitest";

const leaf = (values: number[]) => tensor(values, { requiresGrad: true });

/** What a call throws. */
function thrown(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error; // everything thrown here is an Error
  }
  throw new Error("nothing was thrown");
}

describe.each<[what: string, type: new (...args: never[]) => Error, message: string, call: () => unknown]>([
  [
    "inner sizes",
    ShapeError,
    "matmul: inner dimensions differ: [2,3] @ [4,2] (3 vs 4)",
    () => matmul(ones([2, 3]), ones([4, 2])),
  ],
  [
    "broadcasting",
    ShapeError,
    "add: shapes [2,3] and [2,4] do not broadcast: sizes 3 and 4 differ at dimension 1",
    () => ones([2, 3]).add(ones([2, 4])),
  ],
  [
    "channels",
    ShapeError,
    "conv2d: input has 3 channels but weight expects 1 (weight [32,1,3,3], input [64,3,28,28])",
    () => conv2d(zeros([64, 3, 28, 28]), zeros([32, 1, 3, 3])),
  ],
  [
    "reshape",
    ShapeError,
    "reshape: shape [4,2] does not hold the 6 elements of [2,3]",
    () => ones([2, 3]).reshape([4, 2]),
  ],
  ["ragged data", ShapeError, "tensor: data[1] has length 1, its neighbours have 2", () => tensor([[1, 2], [3]])],
  ["negative size", ShapeError, "zeros: sizes must be non-negative integers, got [2,-1]", () => zeros([2, -1])],
  [
    "view without copying",
    ShapeError,
    "view: [3,2] with strides [1,3] cannot be seen as [6] without copying",
    () => ones([2, 3]).t().view([6]),
  ],
  [
    "mixed dtypes",
    DTypeError,
    "matmul: operands have different dtypes: float32 and float64",
    () => matmul(ones([2, 2]), ones([2, 2], { dtype: "float64" })),
  ],
  ["bool subtraction", DTypeError, "sub: is not defined for bool tensors", () => tensor([true]).sub(tensor([true]))],
  ["mean of integers", DTypeError, "mean: needs a floating-point tensor, got int32", () => arange(4).mean()],
  ["unknown dtype", DTypeError, 'to: unknown dtype "float"', () => zeros([1]).to("float" as "float32")],
  [
    "in place into a lower kind",
    DTypeError,
    "add: a float32 result cannot be written in place into a int32 tensor",
    () => arange(3).add_(ones([3])),
  ],
  [
    "unknown device",
    DeviceError,
    'no backend is registered for device "tpu" (registered: cpu)',
    () => zeros([1], { device: "tpu" }),
  ],
  [
    "default device",
    DeviceError,
    'no backend is registered for device "webgpu" (registered: cpu)',
    () => setDefaultDevice("webgpu"),
  ],
  ["dimension", IndexError, "sum: dim 2 is out of range for 2 dimensions (expected -2..1)", () => ones([2, 2]).sum(2)],
  ["dimension twice", IndexError, "sum: dim 0 appears more than once in [0,0]", () => ones([2, 2]).sum([0, 0])],
  ["element", IndexError, "select: index 5 is out of range for dimension 0 of size 3", () => ones([3]).select(0, 5)],
  [
    "largest of nothing",
    IndexError,
    "amax: dimension 0 of shape [0] is empty: there is no largest or smallest element",
    () => zeros([0]).amax(),
  ],
  [
    "class targets",
    IndexError,
    "crossEntropy: a target is out of range for 2 classes (expected 0..1, or ignoreIndex)",
    () => losses.crossEntropy(zeros([1, 2]), tensor([2], { dtype: "int32" })),
  ],
  [
    "use after dispose",
    MemoryError,
    "this tensor was disposed: its memory has been given back",
    () => {
      const x = ones([2]);
      x.dispose();
      return x.add(1);
    },
  ],
  [
    "use after tidy",
    MemoryError,
    "this tensor was disposed: its memory has been given back",
    () => {
      let kept = ones([1]);
      tidy(() => {
        kept = ones([2]);
      });
      return kept.tolist();
    },
  ],
  [
    "non-scalar loss",
    AutogradError,
    "backward: only a scalar has an implicit gradient, this tensor has shape [2]",
    () => leaf([1, 2]).mul(2).backward(),
  ],
  [
    "no graph",
    AutogradError,
    "backward: this tensor does not require gradients and no recorded op made it",
    () => ones([1]).backward(),
  ],
  [
    "backward twice",
    AutogradError,
    "backward through MulBackward a second time: its saved tensors were freed after the first",
    () => {
      const x = leaf([2]);
      const y = x.mul(x);
      y.backward();
      y.backward();
    },
  ],
  [
    "changed saved tensor",
    AutogradError,
    "MulBackward: a tensor of shape [1] that it needs was changed in place (version 1, saved at version 0)",
    () => {
      const x = leaf([2]);
      const h = x.mul(1);
      const y = h.mul(h);
      h.add_(1);
      y.backward();
    },
  ],
  [
    "leaf in place",
    AutogradError,
    "add_: a leaf that requires gradients cannot be changed in place while recording",
    () => add_(leaf([1]), 1),
  ],
  [
    "view of a leaf in place",
    AutogradError,
    "add_: a view of a leaf that requires gradients cannot be changed in place while recording",
    () => add_(leaf([1, 2]).select(0, 0), 1),
  ],
  [
    "integers that require gradients",
    AutogradError,
    "only floating-point tensors can require gradients, this one is int32",
    () => arange(2, null, 1, { requiresGrad: true }),
  ],
  [
    "unused input",
    AutogradError,
    "grad: the outputs do not depend on input 1",
    () => {
      const [x, z] = [leaf([1]), leaf([1])];
      return grad(x.mul(2), [x, z]);
    },
  ],
])("%s", (_, type, message, call) => {
  it("throws a typed error that says what is wrong", () => {
    const error = thrown(call);
    expect(error).toBeInstanceOf(type);
    expect(error.message.split("\n")[0]).toBe(message);
  });
});

describe("out of memory", () => {
  it("is a clear error and leaves everything as it was", () => {
    const model = new nn.Linear(4, 4);
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    const x = randn([2, 4]);
    reclaim(); // what tests before have dropped goes now, not before the error
    const before = memory().cpu;
    const weights = model.weight.tolist();
    const error = thrown(() => zeros([2 ** 27, 15]));
    expect(error).toBeInstanceOf(MemoryError);
    expect(error.message).toMatch(/^cpu: no room for 8053063680 bytes: \d+ bytes are in use, of 4294967296 at most/);
    expect(memory().cpu.bytes).toBe(before.bytes);
    expect(memory().cpu.tensors).toBe(before.tensors);
    expect(model.weight.tolist()).toEqual(weights);
    // and the program goes on
    model.forward(x).sum().backward();
    optimizer.step();
    expect(model.weight.tolist()).not.toEqual(weights);
  });

  it("in the middle of an op frees what the op had made", () => {
    reclaim();
    const big = zeros([2 ** 28]);
    const held = memory().cpu.bytes;
    const made: unknown[] = [];
    expect(
      thrown(() =>
        noGrad(() => {
          for (;;) made.push(big.add(1));
        }),
      ),
    ).toBeInstanceOf(MemoryError);
    for (const t of made) (t as ReturnType<typeof zeros>).dispose();
    expect(memory().cpu.bytes).toBe(held);
    big.dispose();
  });
});
