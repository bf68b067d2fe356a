// Lines long enough to be cut in parts, against float64 loops.
import { cummax, cumsum, logcumsumexp, permute, registerBackend, tensor } from "@flambeau/tensor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { adapterMissing, openBackend } from "./support/adapter.ts";

const drawn = (n: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => ((Math.imul(i + 5, 2654435761) >>> 10) % 4001) / 2000 - 0.7);

describe.skipIf(await adapterMissing())("scan", () => {
  let dispose = (): void => {};
  beforeAll(async () => {
    const backend = registerBackend(await openBackend());
    dispose = () => backend.dispose();
  });
  afterAll(() => dispose());

  test.each([
    ["one long line", 1, 200_001],
    ["some lines", 7, 3000],
    ["many lines", 5000, 40],
  ])("%s", (_, lines, n) => {
    const x = drawn(lines * n);
    const onDevice = tensor(x, { shape: [lines, n], device: "webgpu" });
    // the same lines as columns
    const columns = permute(permute(onDevice, [1, 0]).contiguous(), [1, 0]);
    const sums = cumsum(onDevice, 1).flatten().tolist() as number[];
    expect(cumsum(columns, 1).flatten().tolist()).toEqual(sums);
    const { values, indices } = cummax(columns, 1);
    const high = values.flatten().tolist() as number[];
    const places = indices.flatten().tolist() as number[];
    const logs = logcumsumexp(onDevice, 1).flatten().tolist() as number[];
    let worst = 0;
    for (let l = 0, i = 0; l < lines; l++) {
      let [sum, size, exps, best] = [0, 0, 0, -Infinity];
      let place = 0;
      for (let k = 0; k < n; k++, i++) {
        sum += x[i];
        size += Math.abs(x[i]);
        exps += Math.exp(x[i]);
        if (x[i] >= best) [best, place] = [x[i], k];
        worst = Math.max(worst, Math.abs(sums[i] - sum) / (size || 1), Math.abs(logs[i] - Math.log(exps)) / 10);
        if (high[i] !== best || places[i] !== place) expect([i, high[i], places[i]]).toEqual([i, best, place]);
      }
    }
    expect(worst).toBeLessThan(5e-7);
  });
});
