import type { View } from "@flambeau/tensor/plugin";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Engine } from "../src/engine/engine.ts";
import { blockOf } from "../src/engine/memory.ts";
import { batchNormKernels } from "../src/fused/batch-norm.ts";
import type { WebGpuBackend } from "../src/index.ts";
import { adapterMissing, openBackend } from "./support/adapter.ts";

const [batch, channels, plane] = [37, 3, 29];
const size = batch * plane;
// a mean that is 10,000 times the spread
const x = Float32Array.from(
  { length: batch * channels * plane },
  (_, i) => 1e4 + ((Math.imul(i + 1, 2654435761) >>> 9) % 8191) / 4096 - 1,
);

describe.skipIf(await adapterMissing())("batch normalization", () => {
  let backend: WebGpuBackend;
  let engine: Engine;
  beforeAll(async () => {
    backend = await openBackend();
    engine = new Engine(backend.device, { memoryLimit: Number.POSITIVE_INFINITY, pump: null });
  });
  afterAll(() => engine.dispose());

  const view = (shape: number[]): View => {
    const strides = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1));
    return { buffer: engine.alloc(4 * shape.reduce((a, b) => a * b, 1)), dtype: "float32", offset: 0, shape, strides };
  };
  const floats = async (v: View): Promise<Float32Array> =>
    new Float32Array((await engine.read(blockOf(v.buffer), 0, 4 * v.shape[0])).buffer);

  test("keeps its digits where the mean is far from 0: statistics against float64 loops", async () => {
    const [input, y] = [view([batch, channels, plane]), view([batch, channels, plane])];
    engine.write(blockOf(input.buffer), 0, new Uint8Array(x.buffer));
    const [mean, rstd, runningMean, runningVar] = [1, 2, 3, 4].map(() => view([channels]));
    for (const v of [runningMean, runningVar])
      engine.write(blockOf(v.buffer), 0, new Uint8Array(new Float32Array(channels).buffer));
    const attrs = { eps: 1e-5, weight: false, bias: false, momentum: 1 };
    const kernel = batchNormKernels(engine).batchNormTracking;
    expect(kernel.supports([input, runningMean, runningVar], attrs)).toBe(true);
    kernel.run([input, runningMean, runningVar], [y, mean, rstd], attrs);
    const ours = await Promise.all([mean, rstd, runningMean, runningVar].map(floats));
    for (let c = 0; c < channels; c++) {
      const own = [...x].filter((_, i) => Math.floor(i / plane) % channels === c);
      const middle = own.reduce((a, b) => a + b, 0) / size;
      const spread = own.reduce((a, b) => a + (b - middle) ** 2, 0);
      const wanted = [middle, 1 / Math.sqrt(spread / size + 1e-5), middle, spread / (size - 1)];
      wanted.forEach((w, k) => {
        expect(Math.abs(ours[k][c] / w - 1)).toBeLessThan(1e-6);
      });
    }
  });
});
