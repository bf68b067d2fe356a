import { cdist, registerBackend, type Tensor, tensor } from "@flambeau/tensor";
import { withoutFused } from "@flambeau/tensor/plugin";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CpuWasmBackend } from "../src/backend.ts";
import { builds } from "./engine/builds.ts";
import { generator } from "./memory.ts";

describe.each(builds)("distances (%s)", (build) => {
  const backend = new CpuWasmBackend({ threads: 3, native: build === "wasm" ? false : build });
  beforeAll(() => registerBackend(backend));
  afterAll(() => backend.dispose());
  const random = generator(9);
  const points = (shape: readonly number[], shift = 0): Tensor =>
    tensor(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform() * 2 - 1 + shift),
    ).reshape([...shape]);
  /** In float64. */
  function exact(x: Tensor, y: Tensor): number[] {
    const [batch, p, m, r] = [
      x.ndim === 3 ? x.shape[0] : 1,
      x.shape[x.ndim - 2],
      x.shape[x.ndim - 1],
      y.shape[y.ndim - 2],
    ];
    const [a, b] = [x.flatten().tolist() as number[], y.flatten().tolist() as number[]];
    const out: number[] = [];
    for (let n = 0; n < batch; n++)
      for (let i = 0; i < p; i++)
        for (let j = 0; j < r; j++) {
          let squares = 0;
          for (let k = 0; k < m; k++) squares += (a[(n * p + i) * m + k] - b[(n * r + j) * m + k]) ** 2;
          out.push(Math.sqrt(squares));
        }
    return out;
  }

  it.each([
    [[1, 1], 1],
    [[3, 2], 5],
    [[4, 32], 8],
    [[6, 33], 23],
    [[7, 100], 37],
    [[3, 5, 17], 41],
    [[2, 1, 1000], 6],
    [[90, 40], 130],
  ] as const)("of %j and %d points are those in float64, near ones too", (shape, others) => {
    const run = vi.spyOn(backend.fused.cdist as unknown as { run(): void }, "run");
    for (const shift of [0, 1000]) {
      const [x, y] = [points(shape, shift), points([...shape.slice(0, -2), others, shape[shape.length - 1]], shift)];
      backend.setThreads(3);
      const got = cdist(x, y).flatten().tolist() as number[];
      expect(run).toHaveBeenCalled();
      const want = exact(x, y);
      got.forEach((value, i) => {
        expect(Math.abs(value - want[i])).toBeLessThanOrEqual(1e-6 * want[i]);
      });
      backend.setThreads(1);
      expect(cdist(x, y).flatten().tolist()).toEqual(got);
      // turned, with other steps
      expect(cdist(x.transpose(-1, -2).contiguous().transpose(-1, -2), y).flatten().tolist()).toEqual(got);
    }
    run.mockRestore();
  });

  it("that are infinite, NaN or 0, and of no points", () => {
    const x = tensor([
      [0, Number.POSITIVE_INFINITY],
      [1, Number.NaN],
      [1, 2],
    ]);
    expect(cdist(x, tensor([[1, 2]])).tolist()).toEqual([[Number.POSITIVE_INFINITY], [Number.NaN], [0]]);
    expect(cdist(x, points([0, 2])).shape).toEqual([3, 0]);
    expect(cdist(points([2, 0]), points([3, 0])).tolist()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]); // prettier-ignore
  });

  it("of batches that broadcast are those of the definition", () => {
    for (const [a, b] of [
      [
        [2, 1, 3, 4],
        [1, 2, 5, 4],
      ],
      [
        [2, 1, 3, 4],
        [2, 1, 5, 4],
      ],
      [
        [3, 4],
        [2, 5, 4],
      ],
    ]) {
      const [x, y] = [points(a), points(b)];
      const [here, there] = [cdist(x, y), withoutFused(() => cdist(x, y) as never) as Tensor];
      expect(here.shape).toEqual(there.shape);
      const [got, want] = [here, there].map((t) => t.flatten().tolist() as number[]);
      got.forEach((value, i) => {
        expect(value).toBeCloseTo(want[i], 5);
      });
    }
  });
});
