import { expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import {
  batchNormBackward,
  batchNormForward,
  layerNormBackward,
  layerNormForward,
  logSoftmaxBackward,
  logSoftmaxForward,
  softmaxBackward,
  softmaxForward,
} from "../../src/engine/norm.ts";
import { describeBuilds } from "./builds.ts";
import { error, get, numbers, numericGradient, put, random } from "./reference.ts";

let engine: Engine;
const use = (made: Engine) => {
  engine = made;
};

const rows = (x: ArrayLike<number>, n: number) =>
  Array.from({ length: x.length / n }, (_, r) => Float64Array.from({ length: n }, (_, i) => x[r * n + i]));

function softmaxReference(x: ArrayLike<number>, n: number): number[] {
  return rows(x, n).flatMap((row) => {
    const m = Math.max(...row);
    const e = row.map((v) => Math.exp(v - m));
    const sum = e.reduce((a, b) => a + b);
    return [...e.map((v) => v / sum)];
  });
}

describeBuilds("softmax", { threads: 2 }, use, () => {
  it.each([1, 3, 4, 7, 8, 65, 1000])("rows of %i, forward and backward", (n) => {
    const count = n < 100 ? 6 : 2;
    const next = numbers(n);
    const x = random(count * n, () => 8 * next());
    const g = random(count * n, next);
    const [px, pg] = [put(engine, x), put(engine, g)];
    const [py, pd] = [put(engine, g), put(engine, g)];
    softmaxForward(engine, count, n, px, py);
    expect(error(get(engine, py, count * n), softmaxReference(x, n))).toBeLessThan(5e-7);
    softmaxBackward(engine, count, n, pg, py, pd);
    const log = (v: ArrayLike<number>) => softmaxReference(v, n).map(Math.log);
    if (n < 100) {
      const expected = numericGradient((v) => softmaxReference(v, n), x, g);
      if (n > 1) expect(error(get(engine, pd, count * n), expected)).toBeLessThan(2e-6);
      else expect([...get(engine, pd, count)]).toEqual(new Array(count).fill(0));
    }
    logSoftmaxForward(engine, count, n, px, py);
    if (n > 1) expect(error(get(engine, py, count * n), log(x))).toBeLessThan(5e-7);
    logSoftmaxBackward(engine, count, n, pg, py, pd);
    if (n > 1 && n < 100) expect(error(get(engine, pd, count * n), numericGradient(log, x, g))).toBeLessThan(2e-6);
  });

  it("gives exactly 0 for -∞, keeps precision far from 0, and lets NaN through", () => {
    const I = Number.POSITIVE_INFINITY;
    const x = put(engine, [1, -I, 1, -I, 0, 10000, 10001, 9000, -20000, 10001, 1, Number.NaN, 2, 3, 4]);
    const y = engine.alloc(60);
    softmaxForward(engine, 3, 5, x, y);
    const p = 1 / (2 + Math.exp(-1));
    expect(error(get(engine, y, 4), [p, 0, p, 0])).toBeLessThan(1.2e-7);
    expect([engine.f32[y / 4 + 1], engine.f32[y / 4 + 3]]).toEqual([0, 0]);
    expect(get(engine, y + 40, 5).every(Number.isNaN)).toBe(true);
    logSoftmaxForward(engine, 3, 5, x, y);
    const log = Math.log(2 + Math.exp(-1));
    expect(error(get(engine, y + 20, 2), [-1 - log, -log])).toBeLessThan(1e-7);
  });
});

const layer = (n: number, eps: number) => (x: ArrayLike<number>, w: ArrayLike<number>, b: ArrayLike<number>) =>
  rows(x, n).flatMap((row) => {
    const mean = row.reduce((a, v) => a + v, 0) / n;
    const variance = row.reduce((a, v) => a + (v - mean) ** 2, 0) / n;
    return [...row.map((v, i) => ((v - mean) / Math.sqrt(variance + eps)) * w[i] + b[i])];
  });

describeBuilds("layer norm", { threads: 2 }, use, () => {
  it.each([
    [5, 4],
    [40, 13],
    [3, 300],
  ])("%i rows of %i: output and all gradients", (count, n) => {
    const next = numbers(count);
    const x = random(count * n, () => 3 + 2 * next());
    const [w, b, g] = [random(n, next), random(n, next), random(count * n, next)];
    const f = layer(n, 1e-5);
    const [px, pw, pb, pg] = [x, w, b, g].map((v) => put(engine, v));
    const [py, pm, pr, pd, pdw, pdb] = [x, x, x, x, x, x].map((v) => put(engine, v));
    const shape = { rows: count, n, input: px, weight: pw, mean: pm, rstd: pr };
    layerNormForward(engine, shape, { ...shape, bias: pb, eps: 1e-5, output: py });
    expect(error(get(engine, py, count * n), f(x, w, b))).toBeLessThan(1e-6);
    const wanted = { ...shape, gradient: pg, inputGradient: pd, weightGradient: pdw, biasGradient: pdb };
    layerNormBackward(engine, shape, wanted);
    expect(
      error(
        get(engine, pd, count * n),
        numericGradient((v) => f(v, w, b), x, g),
      ),
    ).toBeLessThan(3e-6);
    expect(
      error(
        get(engine, pdw, n),
        numericGradient((v) => f(x, v, b), w, g),
      ),
    ).toBeLessThan(2e-6);
    expect(
      error(
        get(engine, pdb, n),
        numericGradient((v) => f(x, w, v), b, g),
      ),
    ).toBeLessThan(2e-6);
  });

  it("without weight and bias normalises only, and gives only the gradient that is asked for", () => {
    const x = random(60, numbers(9));
    const g = random(60, numbers(10));
    const [px, pg, py, pm, pr, pd] = [x, g, x, x, x, x].map((v) => put(engine, v));
    const shape = { rows: 6, n: 10, input: px, weight: 0, mean: pm, rstd: pr };
    layerNormForward(engine, shape, { ...shape, bias: 0, eps: 1e-5, output: py });
    const f = (v: ArrayLike<number>) => layer(10, 1e-5)(v, new Array(10).fill(1), new Array(10).fill(0));
    expect(error(get(engine, py, 60), f(x))).toBeLessThan(1e-6);
    layerNormBackward(engine, shape, { ...shape, gradient: pg, inputGradient: pd, weightGradient: 0, biasGradient: 0 });
    expect(error(get(engine, pd, 60), numericGradient(f, x, g))).toBeLessThan(3e-6);
  });
});

describeBuilds("batch norm", { threads: 2 }, use, () => {
  it.each([
    [4, 3, 9],
    [6, 5, 1],
    [2, 2, 700],
  ])("%i images of %i channels of %i values: output, running statistics and gradients", (images, channels, plane) => {
    const next = numbers(plane);
    const count = images * channels * plane;
    const x = random(count, () => 1 + next());
    const [w, b] = [random(channels, next), random(channels, next)];
    const g = random(count, next);
    const channelOf = (i: number) => Math.floor(i / plane) % channels;
    const statistics = (v: ArrayLike<number>) => {
      const mean = new Float64Array(channels);
      const variance = new Float64Array(channels);
      const m = images * plane;
      for (let i = 0; i < count; i++) mean[channelOf(i)] += v[i] / m;
      for (let i = 0; i < count; i++) variance[channelOf(i)] += (v[i] - mean[channelOf(i)]) ** 2 / m;
      return { mean, variance };
    };
    const f = (v: ArrayLike<number>, weight: ArrayLike<number>, bias: ArrayLike<number>) => {
      const { mean, variance } = statistics(v);
      return Float64Array.from({ length: count }, (_, i) => {
        const c = channelOf(i);
        return ((v[i] - mean[c]) / Math.sqrt(variance[c] + 1e-5)) * weight[c] + bias[c];
      });
    };
    const [px, pw, pb, pg] = [x, w, b, g].map((v) => put(engine, v));
    const [py, pm, pr, pd, pdw, pdb] = [x, x, x, x, x, x].map((v) => put(engine, v));
    const runningMean = put(engine, new Float32Array(channels));
    const runningVariance = put(engine, new Float32Array(channels).fill(1));
    const shape = { images, channels, plane, input: px, weight: pw, mean: pm, rstd: pr };
    const running = { mean: runningMean, variance: runningVariance, momentum: 0.1 };
    batchNormForward(engine, shape, { ...shape, bias: pb, eps: 1e-5, output: py }, running);
    expect(error(get(engine, py, count), f(x, w, b))).toBeLessThan(2e-6);
    const { mean, variance } = statistics(x);
    const m = images * plane;
    expect(
      error(
        get(engine, runningMean, channels),
        mean.map((v) => 0.1 * v),
      ),
    ).toBeLessThan(1e-6);
    const unbiased = variance.map((v) => 0.9 + (0.1 * v * m) / (m - 1));
    expect(error(get(engine, runningVariance, channels), unbiased)).toBeLessThan(1e-6);
    const wanted = { inputGradient: pd, weightGradient: pdw, biasGradient: pdb };
    batchNormBackward(engine, shape, { ...shape, gradient: pg, ...wanted });
    if (count < 1000) {
      expect(
        error(
          get(engine, pd, count),
          numericGradient((v) => f(v, w, b), x, g),
        ),
      ).toBeLessThan(5e-6);
    }
    expect(
      error(
        get(engine, pdw, channels),
        numericGradient((v) => f(x, v, b), w, g),
      ),
    ).toBeLessThan(5e-6);
    expect(
      error(
        get(engine, pdb, channels),
        numericGradient((v) => f(x, w, v), b, g),
      ),
    ).toBeLessThan(5e-6);
  });
});
