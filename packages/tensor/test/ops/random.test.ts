import { readFileSync } from "node:fs";
import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { registerBackend } from "../../src/core/context.ts";
import * as f from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});
beforeEach(() => {
  f.manualSeed(3);
});

// PyTorch 2.13 on the CPU, right after manual_seed(3): shape and values of each draw below.
const file = new URL("random-torch213.json", import.meta.url);
const figures: Record<string, { shape: number[]; values: number[] }> = JSON.parse(readFileSync(file, "utf8"));

const turned = (...shape: number[]): f.Tensor => f.transpose(f.ones(shape), 0, -1);
const count = (...shape: number[]): f.Tensor =>
  f
    .arange(
      0,
      shape.reduce((a, b) => a * b),
      1,
      { dtype: "float32" },
    )
    .reshape(shape);
const draws: Record<string, () => f.Tensor> = {
  "randLike of transposed": () => f.randLike(turned(3, 4)),
  "randnLike of transposed": () => f.randnLike(turned(4, 5)),
  "dropout of transposed": () => f.dropout(turned(3, 4), 0.4),
  "dropout of permuted": () => f.dropout(f.permute(f.ones([2, 3, 4]), [1, 2, 0]), 0.4),
  "normal_ into strided": () => f.normal_(turned(5, 8), 1, 2),
  "uniform_ into strided": () => f.uniform_(turned(3, 4), -1, 1),
  dropout1d: () => f.dropout1d(f.ones([2, 5, 3])),
  "dropout1d unbatched": () => f.dropout1d(f.ones([5, 3])),
  dropout2d: () => f.dropout2d(f.ones([2, 5, 2, 2])),
  dropout3d: () => f.dropout3d(f.ones([2, 5, 2, 1, 2]), 0.3),
  alphaDropout: () => f.alphaDropout(count(12), 0.3, true),
  featureAlphaDropout: () => f.featureAlphaDropout(count(2, 3, 4), 0.3, true),
  "bernoulli with p": () => f.bernoulli(f.zeros([9]), 0.3),
  "bernoulli_ with tensor": () => f.bernoulli_(f.zeros([2, 5]), f.linspace(0, 1, 5)),
  random_: () => f.random_(f.zeros([5], { dtype: "int32" })),
  "random_ to": () => f.random_(f.zeros([5], { dtype: "int32" }), 10),
  "random_ from to": () => f.random_(f.zeros([5]), -5, 5),
  geometric_: () => f.geometric_(f.zeros([6]), 0.2),
  cauchy_: () => f.cauchy_(f.zeros([6]), 1, 2),
  logNormal_: () => f.logNormal_(f.zeros([6]), 0, 0.5),
  "rand float16": () => f.rand([6], { dtype: "float16" }),
  "rand bfloat16": () => f.rand([6], { dtype: "bfloat16" }),
  "normal of tensors": () => f.normal(count(4), f.add(count(4), 1)),
  "normal of numbers": () => f.normal(2, 3, [17]),
  randintLike: () => f.randintLike(f.zeros([2, 3]), 5),
  "multinomial rows": () =>
    f.multinomial(
      f.tensor([
        [0.1, 0.2, 0.7],
        [0.5, 0.5, 0],
      ]),
      2,
    ),
};

test.each(Object.keys(figures))("%s", (name) => {
  const out = draws[name]();
  const { shape, values } = figures[name];
  expect(out.shape).toEqual(shape);
  const ours = out.to("float64").reshape([-1]).tolist() as number[]; // one dimension
  for (let i = 0; i < values.length; i++)
    expect(Math.abs(ours[i] - values[i])).toBeLessThanOrEqual(1e-6 * (1 + Math.abs(values[i])));
});

describe("generators", () => {
  test("a seed gives the same draws again, on its own generator too", () => {
    const first = f.rand([4]).tolist();
    expect(f.manualSeed(3)).toBe(f.defaultGenerator);
    expect(f.rand([4]).tolist()).toEqual(first);
    expect(f.rand([4], { generator: new f.Generator(3) }).tolist()).toEqual(first);
  });
  test("a given generator leaves the default one alone", () => {
    const state = f.getRngState();
    f.dropout(f.ones([8]), 0.5, true, { generator: new f.Generator(1) });
    f.normal_(f.zeros([20]), 0, 1, { generator: new f.Generator(1) });
    expect(f.getRngState()).toEqual(state);
  });
  test("a saved state continues", () => {
    f.rand([7]);
    const state = f.getRngState();
    const next = f.randn([5]).tolist();
    f.setRngState(state);
    expect(f.randn([5]).tolist()).toEqual(next);
  });
  test("nothing is drawn where dropout has nothing to drop", () => {
    const state = f.getRngState();
    const x = f.ones([3]);
    expect(f.dropout(x, 0.5, false)).toBe(x);
    expect(f.dropout(x, 0)).toBe(x);
    expect(f.dropout(x, 1).tolist()).toEqual([0, 0, 0]);
    expect(f.getRngState()).toEqual(state);
  });
});

test("dropout's gradient has the mask of its forward pass", () => {
  const x = f.ones([50], { requiresGrad: true });
  const y = f.dropout(x, 0.3);
  y.backward({ gradient: f.ones([50]) });
  expect(x.grad?.tolist()).toEqual(y.tolist());
});

describe("errors", () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      "a probability above 1",
      () => f.dropout(f.ones([2]), 1.5),
      /^dropout: p must be a probability in \[0, 1\], got 1\.5$/,
    ],
    [
      "real numbers in integers",
      () => f.rand([2], { dtype: "int32" }),
      /^rand: draws real numbers, which int32 cannot hold\n {2}hint/,
    ],
    [
      "dropout of integers",
      () => f.dropout(f.ones([2], { dtype: "int32" })),
      /^dropout: draws real numbers, which int32 cannot hold/,
    ],
    ["an empty range", () => f.randint(3, 3, [2]), /^randint: low must be less than high, got low=3, high=3$/],
    [
      "probabilities outside [0, 1]",
      () => f.bernoulli(f.tensor([0.5, 2])),
      /^bernoulli: p must be in \[0, 1\], got 2$/,
    ],
    [
      "more samples than categories",
      () => f.multinomial(f.ones([2]), 3),
      /^multinomial: cannot sample 3 of 2 categories without replacement/,
    ],
    ["a negative deviation", () => f.normal_(f.zeros([2]), 0, -1), /^normal_: std must be at least 0, got -1$/],
    ["numbers without a shape", () => f.normal(0, 1), /^normal: two numbers need a shape/],
    ["a negative length", () => f.randperm(-1), /^randperm: n must be a non-negative integer, got -1$/],
  ])("%s", (_, call, message) => {
    const state = f.getRngState();
    expect(call).toThrow(message);
    expect(f.getRngState()).toEqual(state);
  });
});
