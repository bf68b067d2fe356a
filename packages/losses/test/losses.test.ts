import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { registerBackend, tensor, zeros } from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import * as losses from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

const classes = (values: number[]) => tensor(values, { dtype: "int32" });

describe("losses", () => {
  // figures: PyTorch 2.13
  it("divide a divergence by the number of examples", () => {
    const input = tensor([
      [0.2, 0.8],
      [0.5, 0.5],
    ]).log();
    const target = tensor([
      [0.5, 0.5],
      [0.5, 0.5],
    ]);
    expect(losses.klDiv(input, target, { reduction: "batchmean" }).item()).toBeCloseTo(0.1115718, 6);
    expect(losses.klDiv(input, target, { reduction: "sum" }).item()).toBeCloseTo(0.2231436, 6);
  });

  it("go by the user's name in graphs, whichever formula is theirs", () => {
    const x = tensor([-0.5, -1], { requiresGrad: true });
    for (const logTarget of [false, true])
      expect(losses.klDiv(x, x.detach(), { logTarget, reduction: "none" }).gradFn?.name).toBe("KlDivBackward");
  });

  it("give classes of probability 0 no divergence", () => {
    expect(losses.klDiv(tensor([0, -5]), tensor([1, 0]), { reduction: "sum" }).item()).toBe(0);
  });

  it("keep the two-class logistic loss finite for scores far on the wrong side of its gradient", () => {
    const x = tensor([-80, 80], { requiresGrad: true });
    losses.softMargin(x, tensor([1, 1]), { reduction: "sum" }).backward();
    expect(x.grad?.tolist()).toEqual([-1, expect.closeTo(0, 30)]);
  });

  it("end a list of labels at the first negative entry", () => {
    const scores = tensor([[0.1, 0.2, 0.4, 0.8]]);
    // PyTorch's own example: 0.25 * ((1-(0.1-0.2)) + (1-(0.1-0.4)) + (1-(0.8-0.2)) + (1-(0.8-0.4)))
    expect(losses.multilabelMargin(scores, tensor([[3, 0, -1, 1]], { dtype: "int32" })).item()).toBeCloseTo(0.85, 6);
  });

  it("count all alignments of a target", () => {
    // two steps, classes {blank, a}: "a" comes from aa, a- and -a, each of probability 1/4
    const logProbs = tensor([[[0.5, 0.5]], [[0.5, 0.5]]]).log();
    const loss = losses.ctc(logProbs, tensor([[1]], { dtype: "int32" }), [2], [1], { reduction: "sum" });
    expect(loss.item()).toBeCloseTo(-Math.log(3 / 4), 6);
  });

  it("make a target without alignment infinite, or count it for nothing", () => {
    const logProbs = tensor([[[0.5, 0.5]]], { requiresGrad: true });
    const target = tensor([[1, 1]], { dtype: "int32" });
    expect(losses.ctc(logProbs, target, [1], [2]).item()).toBe(Infinity);
    const none = losses.ctc(logProbs, target, [1], [2], { zeroInfinity: true });
    none.backward();
    expect([none.item(), logProbs.grad?.tolist()]).toEqual([0, [[[0, 0]]]]);
  });
});

describe("loss modules", () => {
  const wrong = (x: unknown) => x as never; // the types refuse it
  it("check their options when they are made", () => {
    expect(() => new losses.CrossEntropyLoss(wrong({ label_smoothing: 0.1 }))).toThrow(
      'CrossEntropyLoss: there is no option "label_smoothing"\n  hint: did you mean labelSmoothing?',
    );
    expect(() => new losses.HuberLoss(wrong("sum"))).toThrow(
      'HuberLoss: options are given by name, got "sum"\n  hint: write { reduction: "sum" }',
    );
    expect(() => new losses.MSELoss(wrong(null))).toThrow("MSELoss: options are given by name, got null");
  });
  it("take the default for what is undefined", () => {
    const [x, y] = [tensor([1, 2]), tensor([1, 4])];
    const loss = new losses.HuberLoss({ delta: undefined, reduction: undefined, weight: undefined });
    expect(loss.forward(x, y).item()).toBe(new losses.HuberLoss().forward(x, y).item());
    expect(String(loss)).toBe("HuberLoss()");
  });
  it("name the function when a loss is called by its positional form", () => {
    expect(() => losses.smoothL1(zeros([2]), zeros([2]), wrong("mean"))).toThrow('write { reduction: "mean" }');
    expect(() => losses.crossEntropy(zeros([1, 2]), classes([0]), wrong(zeros([2])))).toThrow(
      "crossEntropy: options are given by name",
    );
    const call = () => losses.smoothL1(zeros([2]), zeros([3]), { beta: 0 });
    expect(call).toThrow("smoothL1: ");
  });
});

describe("messages", () => {
  it.each([
    [
      "reduction",
      () => losses.mse(zeros([2]), zeros([2]), { reduction: "avg" as "mean" }),
      'mse: the option reduction is "mean" or "sum" or "none", got "avg"',
    ],
    [
      "a negative variance",
      () => losses.gaussianNll(zeros([2]), zeros([2]), tensor([1, -1])),
      "gaussianNll: the variance must not be negative",
    ],
    [
      "a variance of another shape",
      () => losses.gaussianNll(zeros([2, 3]), zeros([2, 3]), zeros([3])),
      "gaussianNll: variance [3] does not fit input [2,3]",
    ],
    [
      "ranks that differ",
      () => losses.marginRanking(zeros([2]), zeros([2]), zeros([2, 1])),
      "marginRanking: inputs and target need the same number of dimensions, got [2], [2] and [2,1]",
    ],
    [
      "a target of pairs",
      () => losses.cosineEmbedding(zeros([2, 3]), zeros([2, 3]), zeros([2, 1])),
      "cosineEmbedding: expected targets [N] for inputs [N, D], or a 0-d target for [D], got [2,1] for [2,3] and [2,3]",
    ],
    [
      "a power",
      () => losses.multiMargin(zeros([2, 3]), classes([0, 1]), { p: 3 }),
      "multiMargin: p must be 1 or 2, got 3",
    ],
    [
      "a class out of range",
      () => losses.multiMargin(zeros([2, 3]), classes([0, 3])),
      "multiMargin: index 3 is out of range",
    ],
    [
      "weights",
      () => losses.multiMargin(zeros([2, 3]), classes([0, 1]), { weight: zeros([2]) }),
      "multiMargin: weight must have shape [3], got [2]",
    ],
    [
      "lists of labels",
      () => losses.multilabelMargin(zeros([2, 3]), zeros([2, 2])),
      "multilabelMargin: target [2,2] must have the input's shape [2,3]",
    ],
    [
      "a margin of 0",
      () => losses.tripletMargin(zeros([1, 2]), zeros([1, 2]), zeros([1, 2]), { margin: 0 }),
      "tripletMargin: margin must be positive, got 0",
    ],
    [
      "lengths",
      () => losses.ctc(zeros([4, 2, 3]), classes([1, 2]), [4], [1, 1]),
      "ctc: for 2 inputs there are 1 input lengths and 2 target lengths",
    ],
    [
      "a blank",
      () => losses.ctc(zeros([4, 1, 3]), classes([1]), [4], [1], { blank: 3 }),
      "ctc: blank must be a class of 3, got 3",
    ],
    [
      "targets",
      () => losses.ctc(zeros([4, 1, 3]), classes([1]), [4], [2]),
      "ctc: targets [1] do not hold 1 lists of lengths [2]",
    ],
  ])("name %s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});

describe("loss modules", () => {
  it("print their options", () => {
    expect(String(new losses.HuberLoss({ delta: 0.5, reduction: "sum" }))).toBe("HuberLoss(delta=0.5, reduction=sum)");
    expect(String(new losses.NLLLoss({ weight: zeros([3]) }))).toBe("NLLLoss(weight=tensor of shape [3])");
    expect(String(new losses.MSELoss())).toBe("MSELoss()");
  });
});
