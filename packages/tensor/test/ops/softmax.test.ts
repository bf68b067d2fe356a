import { grad } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type DType,
  dataSync,
  gumbelSoftmax,
  logSoftmax,
  logsumexp,
  manualSeed,
  memory,
  mul,
  registerBackend,
  softmax,
  softmin,
  sum,
  type Tensor,
  tensor,
  tidy,
  tolist,
  topk,
} from "../../src/index.ts";
import { withoutFused } from "../../src/plugin.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});
const values = (x: Tensor): number[] => Array.from(dataSync(x), Number);
const near = (found: readonly number[], wanted: readonly number[], tolerance = 1e-6) => {
  expect(found.length).toBe(wanted.length);
  const apart = found.map((v, i) => Math.abs(v - wanted[i]) / (1 + Math.abs(wanted[i])));
  expect(Math.max(...apart)).toBeLessThan(tolerance);
};

describe.each([
  ["softmax", softmax],
  ["logSoftmax", logSoftmax],
] as const)("%s", (_, f) => {
  const points = Array.from({ length: 60 }, (_, i) => Math.sin(i * 1.7) * 5);
  test.each([0, 1, 2])("along dimension %i the fast path gives the definition, with its gradients", (dim) => {
    const run = () => {
      const x = tensor(points, { dtype: "float32", requiresGrad: true });
      const cube = x.view([3, 4, 5]);
      const y = f(cube, dim);
      const [g] = grad([sum(mul(y, y))], [x], { createGraph: true });
      const [gg] = grad([sum(mul(g, g))], [x]);
      return [y, g, gg].map(values);
    };
    const [fast, defined] = [run(), withoutFused(run)];
    for (let k = 0; k < 3; k++) near(fast[k], defined[k], 2e-6);
  });
  test("of nothing is nothing", () => {
    expect(f(tensor([[], []]), 1).shape).toEqual([2, 0]);
    expect(f(tensor(3), 0).item()).toBe(f === softmax ? 1 : 0);
  });
});

// figures of PyTorch 2.13
describe("figures", () => {
  test("a dtype converts first", () => {
    const x = tensor([1, 2], { dtype: "int32" });
    expect(softmax(x, 0, { dtype: "float64" }).dtype).toBe("float64");
    near(values(softmin(x, 0, { dtype: "float32" })), [0.7310585975646973, 0.2689414322376251]);
  });
  test("logits of 1,000 do not overflow, minus infinity takes no part", () => {
    near(values(softmax(tensor([1000, 1000, -Infinity]), 0)), [0.5, 0.5, 0]);
    expect(logsumexp(tensor([1000, 1000]), 0).item()).toBeCloseTo(1000.6931471805599, 3);
    expect(logsumexp(tensor([-Infinity, -Infinity]), 0).item()).toBe(-Infinity);
  });
  test.each(["float16", "bfloat16"] as DType[])("%s sums in float32", (dtype) => {
    const x = tensor(new Array(4096).fill(1), { dtype });
    expect(sum(softmax(x, 0), 0, { dtype: "float32" }).item()).toBeCloseTo(1, 3);
  });
  test("gumbelSoftmax draws PyTorch's samples", () => {
    const logits = () =>
      tensor([
        [1, 2, 0.5],
        [0, -1, 3],
      ]);
    manualSeed(0);
    near(
      values(gumbelSoftmax(logits(), { tau: 0.7 })),
      [
        0.03916671499609947, 0.7301672101020813, 0.23066602647304535, 0.0068291714414954185, 0.005879244767129421,
        0.9872915744781494,
      ],
    );
    manualSeed(0);
    expect(tolist(gumbelSoftmax(logits(), { hard: true, dim: 0 }))).toEqual([
      [1, 1, 0],
      [0, 0, 1],
    ]);
  });
});

test("what an op makes for itself is freed with it", () => {
  tidy(() => {
    const x = tensor(
      Array.from({ length: 1000 }, (_, i) => i % 7),
      { shape: [10, 100] },
    );
    const before = memory().cpu.bytes;
    for (const run of [
      () => [withoutFused(() => softmax(x, 0))],
      () => [withoutFused(() => logSoftmax(x, 1))],
      () => [logsumexp(x, 1)],
      () => Object.values(topk(x, 3, 0)),
      () => Object.values(x.sort(0)),
      () => Object.values(x.mode(0)),
      () => Object.values(x.median(1)),
      () => [x.argmax()],
      () => [x.variance(0)],
      () => [x.cumprod(0)],
      () => Object.values(x.kthvalue(2, 0)),
    ]) {
      const results = run();
      const own = results.reduce((bytes, t) => bytes + t.storage.byteLength, 0);
      expect(memory().cpu.bytes - before, String(run)).toBe(own);
      for (const t of results) t.dispose();
      expect(memory().cpu.bytes, String(run)).toBe(before);
    }
  });
});
