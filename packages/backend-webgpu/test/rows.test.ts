// Kernels along rows have two forms: an invocation a row where the device is software, a workgroup a row on GPUs. Both against
// float64 loops, at sizes that fill workgroups unevenly.
import type { DimAttrs, Fused, FusedKernel, View } from "@flambeau/tensor/plugin";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Engine } from "../src/engine/engine.ts";
import { blockOf } from "../src/engine/memory.ts";
import { layerNormKernels } from "../src/fused/layer-norm.ts";
import { lossKernels } from "../src/fused/loss.ts";
import { rmsNormKernels } from "../src/fused/rms-norm.ts";
import { softmaxKernels } from "../src/fused/softmax.ts";
import type { WebGpuBackend } from "../src/index.ts";
import { SortKernel } from "../src/kernels/sort.ts";
import { adapterMissing, openBackend } from "./support/adapter.ts";

const [rows, n] = [37, 2309];
const drawn = (size: number, seed: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => ((Math.imul(i + seed, 2654435761) >>> 9) % 8191) / 2048 - 2);
const x = drawn(rows * n, 1);
const g = drawn(rows * n, 77);
const weight = drawn(n, 5);
const row = (a: Float32Array, r: number): number[] => [...a.subarray(r * n, (r + 1) * n)];
const eachRow = (f: (r: number) => number[]): number[] => Array.from({ length: rows }, (_, r) => f(r)).flat();
const sum = (a: readonly number[]): number => a.reduce((s, v) => s + v, 0);

describe.skipIf(await adapterMissing()).each([
  ["an invocation a row", true],
  ["a workgroup a row", false],
])("%s", (_, software) => {
  let backend: WebGpuBackend;
  let engine: Engine;
  beforeAll(async () => {
    backend = await openBackend();
    engine = new Engine(backend.device, { memoryLimit: Number.POSITIVE_INFINITY, pump: null });
  });
  afterAll(() => engine.dispose());

  const view = (shape: number[], values?: Float32Array | Int32Array): View => {
    const size = shape.reduce((a, b) => a * b, 1);
    const buffer = engine.alloc(4 * size);
    if (values) engine.write(blockOf(buffer), 0, new Uint8Array(values.buffer));
    const dtype = values instanceof Int32Array ? "int32" : "float32";
    return {
      buffer,
      dtype,
      offset: 0,
      shape,
      strides: shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1)),
    };
  };
  const floats = async (v: View): Promise<Float32Array> =>
    new Float32Array((await engine.read(blockOf(v.buffer), 0, 4 * v.shape.reduce((a, b) => a * b, 1))).buffer);
  const close = (actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void => {
    expect(actual.length).toBe(expected.length);
    let worst = 0;
    expected.forEach((e, i) => {
      worst = Math.max(worst, Math.abs(actual[i] - e) / (1e-3 + Math.abs(e)));
    });
    expect(worst).toBeLessThan(tolerance);
  };
  type Lines<Inputs extends readonly View[]> = FusedKernel<Fused<Inputs, readonly [View], DimAttrs>>;
  const one = async <I extends readonly View[]>(
    kernel: Lines<I>,
    inputs: I,
    attrs: DimAttrs,
  ): Promise<Float32Array> => {
    const out = view([rows, n]);
    kernel.run(inputs, [out], attrs);
    return floats(out);
  };
  const softmaxOf = (r: number): number[] => {
    const e = row(x, r).map(Math.exp);
    const total = sum(e);
    return e.map((v) => v / total);
  };

  test("softmax and logSoftmax with their gradients", async () => {
    const kernels = softmaxKernels(engine, software);
    const input = view([rows, n], x);
    const attrs = { dim: 1 };
    const y = eachRow(softmaxOf);
    close(await one(kernels.softmax, [input], attrs), y, 2e-6);
    const logs = y.map(Math.log);
    close(await one(kernels.logSoftmax, [input], attrs), logs, 2e-6);
    const upper = view([rows, n], g);
    const p = Float32Array.from(y);
    const dx = eachRow((r) => {
      const dot = sum(row(g, r).map((v, k) => v * p[r * n + k]));
      return row(g, r).map((v, k) => (v - dot) * p[r * n + k]);
    });
    close(await one(kernels.softmaxBackward, [upper, view([rows, n], p)], attrs), dx, 2e-6);
    const dlog = eachRow((r) => {
      const total = sum(row(g, r));
      return row(g, r).map((v, k) => v - y[r * n + k] * total);
    });
    close(await one(kernels.logSoftmaxBackward, [upper, view([rows, n], Float32Array.from(logs))], attrs), dlog, 4e-5);
  });

  test("layerNorm with its gradients", async () => {
    const kernels = layerNormKernels(engine, software);
    const attrs = { count: 1, eps: 1e-5, weight: true, bias: false };
    const outputs = [view([rows, n]), view([rows]), view([rows])] as const;
    kernels.layerNorm.run([view([rows, n], x), view([n], weight)], outputs, attrs);
    const stats = Array.from({ length: rows }, (_, r) => {
      const mean = sum(row(x, r)) / n;
      const variance = sum(row(x, r).map((v) => (v - mean) ** 2)) / n;
      return { mean, rstd: 1 / Math.sqrt(variance + 1e-5) };
    });
    const hat = eachRow((r) => row(x, r).map((v) => (v - stats[r].mean) * stats[r].rstd));
    close(
      await floats(outputs[0]),
      hat.map((h, i) => h * weight[i % n]),
      2e-4, // of values near the mean little is left but their rounding
    );
    close(
      await floats(outputs[2]),
      stats.map((s) => s.rstd),
      1e-6,
    );
    const gradients = [view([rows, n]), view([n])] as const;
    const inputs = [view([rows, n], g), view([rows, n], x), outputs[1], outputs[2], view([n], weight)] as const;
    kernels.layerNormBackward.run(inputs, gradients, attrs);
    const dx = eachRow((r) => {
      const scaled = row(g, r).map((v, k) => v * weight[k]);
      const mean = sum(scaled) / n;
      const dot = sum(scaled.map((v, k) => v * hat[r * n + k])) / n;
      return scaled.map((v, k) => stats[r].rstd * (v - mean - hat[r * n + k] * dot));
    });
    close(await floats(gradients[0]), dx, 5e-4);
    const dw = Array.from({ length: n }, (_, k) =>
      sum(Array.from({ length: rows }, (_, r) => g[r * n + k] * hat[r * n + k])),
    );
    close(await floats(gradients[1]), dw, 1e-3);
  });

  test("rmsNorm with its gradients", async () => {
    const kernels = rmsNormKernels(engine, software);
    const attrs = { count: 1, eps: 1e-5, weight: true, bias: false };
    const outputs = [view([rows, n]), view([rows])] as const;
    kernels.rmsNorm.run([view([rows, n], x), view([n], weight)], outputs, attrs);
    const rstd = Array.from({ length: rows }, (_, r) => 1 / Math.sqrt(sum(row(x, r).map((v) => v * v)) / n + 1e-5));
    const hat = eachRow((r) => row(x, r).map((v) => v * rstd[r]));
    close(
      await floats(outputs[0]),
      hat.map((h, i) => h * weight[i % n]),
      1e-6,
    );
    close(await floats(outputs[1]), rstd, 1e-6);
    const gradients = [view([rows, n]), view([n])] as const;
    kernels.rmsNormBackward.run(
      [view([rows, n], g), view([rows, n], x), outputs[1], view([n], weight)],
      gradients,
      attrs,
    );
    const dx = eachRow((r) => {
      const scaled = row(g, r).map((v, k) => v * weight[k]);
      const dot = sum(scaled.map((v, k) => v * hat[r * n + k])) / n;
      return scaled.map((v, k) => rstd[r] * (v - hat[r * n + k] * dot));
    });
    close(await floats(gradients[0]), dx, 2e-4); // of gradients along hat little is left but their rounding
    const dw = Array.from({ length: n }, (_, k) =>
      sum(Array.from({ length: rows }, (_, r) => g[r * n + k] * hat[r * n + k])),
    );
    close(await floats(gradients[1]), dw, 1e-3);
  });

  test("crossEntropy", async () => {
    const kernel = lossKernels(engine, software).crossEntropy;
    const target = Int32Array.from({ length: rows }, (_, r) => (r % 5 === 0 ? -100 : (r * 613) % n));
    const out = [view([]), view([2 * rows + 1])] as const;
    kernel.run([view([rows, n], x), view([rows], target)], out, { ignoreIndex: -100, reduction: "mean" });
    const losses = Array.from(target, (t, r) => (t < 0 ? [] : [-Math.log(softmaxOf(r)[t])])).flat();
    close(await floats(out[0]), [sum(losses) / losses.length], 1e-6);
    expect((await floats(out[1])).at(-1)).toBe(losses.length);
  });

  test("sort", async () => {
    const [values, indices] = [view([rows, n]), view([rows, n], new Int32Array(rows * n))];
    new SortKernel(engine, software).run(view([rows, n], x), values, indices, true);
    const order = eachRow((r) => {
      const line = row(x, r);
      return line.map((_, k) => k).sort((i, j) => line[j] - line[i] || i - j);
    });
    expect([...new Int32Array((await floats(indices)).buffer)]).toEqual(order);
    expect([...(await floats(values))]).toEqual(order.map((k, i) => x[Math.floor(i / n) * n + k]));
  });
});
