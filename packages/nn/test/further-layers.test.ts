import { withInterpreter } from "@flambeau/tensor/plugin";
import { grad, losses, manualSeed, nn, noGrad, randn, type Tensor, tensor } from "flambeau";
import { describe, expect, test } from "vitest";

const values = (t: Tensor): number[] => t.flatten().tolist() as number[]; // of one dimension
function expectNear(t: Tensor, expected: readonly number[], digits = 5): void {
  const found = values(t);
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, digits);
}
/** Runs with somebody looking on, who may not be asked for values. */
const watched = <T>(fn: () => T): T => withInterpreter({ op: (call) => call.next() }, fn as () => never);

describe("AdaptiveLogSoftmaxWithLoss", () => {
  const make = () => {
    manualSeed(7);
    return new nn.AdaptiveLogSoftmaxWithLoss(16, 20, [4, 10], { divValue: 2, headBias: true });
  };
  const input = () =>
    tensor(Array.from({ length: 96 }, (_, i) => -1 + (2 * i) / 95))
      .reshape([6, 16])
      .detach();
  const target = tensor([0, 3, 4, 9, 12, 19], { dtype: "int32" });

  // the figures are PyTorch 2.13's, from the same seed
  test.each([
    ["a tail for the examples in its cluster", <T>(fn: () => T) => fn()],
    ["every tail for all examples, where nobody can be asked which those are", watched],
  ])("has PyTorch's figures: %s", (_, way) => {
    const model = make();
    expect([...model.stateDict()].map(([name, t]) => `${name} ${t.shape}`)).toEqual([
      "head.weight 6,16",
      "head.bias 6",
      "tail.0.0.weight 8,16",
      "tail.0.1.weight 6,8",
      "tail.1.0.weight 4,16",
      "tail.1.1.weight 10,4",
    ]);
    const x = input();
    x.requiresGrad = true;
    const { output, loss } = way(() => model.forward(x, target));
    expectNear(output, [-1.674662, -1.510816, -3.714273, -3.713039, -4.589048, -5.070699]);
    expect(loss.item()).toBeCloseTo(3.378756, 5);
    loss.backward();
    const gradients = [
      [0.010113, 0.002574, -0.016725],
      [-0.007016, 0.016852, 0.032493],
      [0.028458, -0.005379, 0.02275],
      [0.031031, -0.029976, 0.042638],
      [-0.01346, 0.018974, 0.016746],
      [-0.038722, -0.015858, 0.013237],
    ];
    expectNear((x.grad as Tensor).narrow(1, 0, 3), gradients.flat());
    expectNear(model.head.bias?.grad as Tensor, [-0.025632, 0.217563, 0.178701, 0.030574, -0.193008, -0.208197]);
    const tail = model.getParameter("tail.1.0.weight").grad as Tensor;
    expectNear(tail.narrow(0, 0, 2).narrow(1, 0, 3), [-0.050993, -0.052215, -0.053437, -0.026146, -0.026708, -0.02727]);
  });

  test("knows all classes, the likeliest one, and a single example", () => {
    const model = make();
    const x = input();
    const all = model.logProb(x);
    expectNear(
      all.at(2).narrow(0, 0, 12),
      [
        -1.892524, -1.69152, -1.729157, -1.56873, -3.714273, -3.706496, -3.732144, -3.715547, -3.768461, -3.688509,
        -4.283833, -4.30589,
      ],
    );
    expectNear(all.exp().sum(1), [1, 1, 1, 1, 1, 1]);
    expect(model.predict(x).tolist()).toEqual([3, 3, 3, 1, 1, 1]);
    const one = model.forward(x.at(4), target.at(4));
    expect([one.output.shape, one.loss.shape]).toEqual([[], []]);
    expect(one.output.item()).toBeCloseTo(-4.589048, 5);
  });

  test("has features left in the rarest cluster, or none", () => {
    const { tail } = new nn.AdaptiveLogSoftmaxWithLoss(5, 10, [2, 4]);
    expect([...tail].map((t) => t.get(0).extraRepr())).toEqual([
      "in_features=5, out_features=1, bias=False",
      "in_features=5, out_features=0, bias=False",
    ]);
  });

  test.each([
    [() => new nn.AdaptiveLogSoftmaxWithLoss(4, 10, []), "a rising list of integers from 1 to 9"],
    [() => new nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3, 3]), "a rising list of integers from 1 to 9"],
    [() => new nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3, 10]), "a rising list of integers from 1 to 9"],
    [() => make().forward(input(), target.narrow(0, 0, 5)), "expected x [N, features] and target [N]"],
    [() => make().forward(input(), target.add(1)), "20"],
  ])("says what is wrong: %s", (call, message) => {
    expect(call).toThrow(message);
  });
});

describe("CrossMapLRN2d", () => {
  const x = tensor([1.5409961, -0.2934289, -2.1787894, 0.5684313, -1.0845224, -1.3985955]).reshape([1, 6, 1, 1]);
  const byHand = (c: number, reach: number, size: number): number => {
    const at = values(x);
    const sum = at.reduce((s, v, j) => (Math.abs(j - c) <= reach ? s + v * v : s), 0);
    return at[c] / (2 + (3 / size) * sum) ** 0.6;
  };
  test.each([
    [3, 1],
    [4, 1],
    [5, 2],
  ])("is the formula: size %i", (size, reach) => {
    const y = new nn.CrossMapLRN2d(size, { alpha: 3, beta: 0.6, k: 2 }).forward(x);
    expectNear(
      y,
      [0, 1, 2, 3, 4, 5].map((c) => byHand(c, reach, size)),
    );
  });
  test("is LocalResponseNorm for odd sizes, prints as PyTorch's, and wants images", () => {
    const layer = new nn.CrossMapLRN2d(5);
    expect(values(layer.forward(x))).toEqual(values(new nn.LocalResponseNorm(5).forward(x)));
    expect(String(layer)).toBe("CrossMapLRN2d(5, alpha=0.0001, beta=0.75, k=1)");
    expect(() => layer.forward(tensor([[[1]]]))).toThrow("expected input [N, C, H, W], got [1,1,1]");
  });
});

describe("SyncBatchNorm", () => {
  test("is batch normalization of any number of dimensions", () => {
    manualSeed(1);
    const x = randn([4, 3, 5]);
    const [sync, plain] = [new nn.SyncBatchNorm(3), new nn.BatchNorm1d(3)];
    expect(values(sync.forward(x))).toEqual(values(plain.forward(x)));
    expect(values(sync.runningVar as Tensor)).toEqual(values(plain.runningVar as Tensor));
    expect(sync.forward(randn([2, 3, 2, 2, 2])).shape).toEqual([2, 3, 2, 2, 2]);
    expect(() => sync.forward(randn([3]))).toThrow("has a rank that this layer does not take");
    expect(String(sync)).toBe(
      "SyncBatchNorm(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)",
    );
  });
  test("takes the place of every batch normalization, with its state", () => {
    const inner = new nn.BatchNorm2d(4, { momentum: 0.3 }).eval();
    const net = new nn.Sequential(new nn.Conv2d(2, 4, 1), new nn.Sequential(inner, new nn.ReLU()));
    const keys = [...net.stateDict().keys()];
    expect(nn.SyncBatchNorm.convertSyncBatchnorm(net)).toBe(net);
    const found = net.getSubmodule("1.0") as nn.SyncBatchNorm;
    expect(found).toBeInstanceOf(nn.SyncBatchNorm);
    expect([found.weight, found.runningMean, found.momentum, found.training]).toEqual([
      inner.weight,
      inner.runningMean,
      0.3,
      false,
    ]);
    expect([...net.stateDict().keys()]).toEqual(keys);
    expect(nn.SyncBatchNorm.convertSyncBatchnorm(net)).toBe(net);
    expect(net.getSubmodule("1.0")).toBe(found);
    expect(nn.SyncBatchNorm.convertSyncBatchnorm(new nn.BatchNorm1d(2))).toBeInstanceOf(nn.SyncBatchNorm);
  });
});

describe("LinearCrossEntropyLoss", () => {
  test("is the loss of a linear layer, whose weights it learns", () => {
    manualSeed(1);
    const weight = tensor([1, 2, 0.5]);
    const model = new nn.LinearCrossEntropyLoss(4, 3, { bias: true, weight, labelSmoothing: 0.1, ignoreIndex: 1 });
    const x = randn([5, 4]);
    const target = tensor([0, 1, 2, 2, 0], { dtype: "int32" });
    const loss = model.forward(x, target);
    const options = { weight, labelSmoothing: 0.1, ignoreIndex: 1 };
    expect(loss.item()).toBeCloseTo(losses.crossEntropy(model.linear.forward(x), target, options).item(), 6);
    expect(grad(loss, [...model.parameters()]).every((g) => g.abs().sum().item() > 0)).toBe(true);
    expect([...model.stateDict().keys()]).toEqual(["weight", "linear.weight", "linear.bias"]);
    const soft = noGrad(() => randn([5, 3]).softmax(1));
    const { bias, weight: rows } = model.linear;
    const logits = x.matmul(rows.t()).add(bias as Tensor);
    const expected = losses.crossEntropy(logits, soft, { weight, labelSmoothing: 0.1 }).item();
    expect(model.forward(x, soft).item()).toBeCloseTo(expected, 6);
  });
  test("prints as PyTorch's", () => {
    expect(String(new nn.LinearCrossEntropyLoss(5, 4, { outFeatures: [3, 2] }))).toBe(
      "LinearCrossEntropyLoss(\n  in_features=5, num_classes=4, out_features=(3, 2), bias=False, reduction=mean, ignore_index=None, label_smoothing=0.0, options=None\n  (linear): Linear(in_features=5, out_features=24, bias=False)\n)",
    );
  });
});
