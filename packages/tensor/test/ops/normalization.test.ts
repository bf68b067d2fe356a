import { grad } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import {
  batchNorm,
  layerNorm,
  ones,
  registerBackend,
  sum,
  type Tensor,
  tensor,
  tolist,
  zeros,
} from "../../src/index.ts";
import { type Call, withInterpreter } from "../../src/plugin.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});

const batch = () =>
  tensor([
    [1, 2],
    [3, 6],
  ]);
/** The calls that `run` makes. */
function callsOf(run: () => void): Call[] {
  const calls: Call[] = [];
  const op = (call: Call) => {
    calls.push(call);
    return call.next();
  };
  withInterpreter({ op }, run);
  return calls;
}

describe("batchNorm in training", () => {
  test("writes the running statistics, which are inputs and results of the op", () => {
    const [mean, variance] = [zeros([2]), ones([2])];
    const calls = callsOf(() => void batchNorm(batch(), mean, variance, { training: true, momentum: 0.5 }));
    const { op, inputs, attrs } = calls[calls.length - 1];
    expect([op.name, op.writes, inputs.length, attrs]).toEqual([
      "batchNormTracking",
      [1, 2],
      3,
      { eps: 1e-5, momentum: 0.5, weight: false, bias: false },
    ]);
    expect([tolist(mean), tolist(variance)]).toEqual([
      [1, 2],
      [1.5, 4.5],
    ]);
  });
  test("keeps one of them alone", () => {
    const [mean, variance] = [zeros([2]), ones([2])];
    batchNorm(batch(), mean, null, { training: true, momentum: 0.5 });
    batchNorm(batch(), null, variance, { training: true, momentum: 0.5 });
    expect([tolist(mean), tolist(variance)]).toEqual([
      [1, 2],
      [1.5, 4.5],
    ]);
  });
  test("a graph that saved them sees that they have changed", () => {
    const mean = zeros([2]);
    const x = tensor([1, 1], { requiresGrad: true });
    const y = sum(x.mul(mean));
    batchNorm(batch(), mean, ones([2]), { training: true });
    expect(() => grad(y, [x])).toThrow(/changed in place/);
  });
  test("of an empty batch changes nothing and gives parameters a gradient of 0", () => {
    const [mean, variance] = [zeros([2]), ones([2])];
    const weight = ones([2], { requiresGrad: true });
    const y = batchNorm(zeros([0, 2]), mean, variance, { weight, training: true });
    const [g] = grad(sum(y), [weight]) as Tensor[]; // it takes part
    expect([y.shape, tolist(g), tolist(mean), tolist(variance)]).toEqual([
      [0, 2],
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
  });
});

test("the gradient of a normalization is one op, whose own gradient goes through its parts", () => {
  const x = tensor([[1, 2, 4]], { requiresGrad: true });
  const y = sum(layerNorm(x, 3).mul(tensor([1, 0, 2])));
  const names = (createGraph: boolean) =>
    callsOf(() => void grad(y, [x], { createGraph, retainGraph: true })).map((c) => c.op.name);
  expect(names(false)).toContain("layerNormBackward");
  const [g] = grad(y, [x], { createGraph: true }) as Tensor[];
  const [gg] = grad(sum(g.mul(g)), [x]) as Tensor[];
  const slope = (at: number) => {
    const h = 1e-3;
    const square = (shift: number) => {
      const moved = tensor([[1, 2, 4].map((v, i) => v + (i === at ? shift : 0))], {
        dtype: "float64",
        requiresGrad: true,
      });
      const weights = tensor([1, 0, 2], { dtype: "float64" });
      const [d] = grad(sum(layerNorm(moved, 3).mul(weights)), [moved]) as Tensor[];
      return sum(d.mul(d)).item() as number;
    };
    return (square(h) - square(-h)) / (2 * h);
  };
  (tolist(gg) as number[][])[0].forEach((v, i) => {
    expect(v).toBeCloseTo(slope(i), 4);
  });
});
