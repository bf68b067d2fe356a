import { registerBackend, type Tensor, tensor } from "@flambeau/tensor";
import { withoutFused } from "@flambeau/tensor/plugin";
import { afterAll, describe, expect, it } from "vitest";
import { CpuWasmBackend } from "../src/backend.ts";
import { generator } from "./memory.ts";

const backend = new CpuWasmBackend({ threads: 1 });
registerBackend(backend);
afterAll(() => backend.dispose());
const random = generator(11);

const kinds: { readonly [name: string]: (i: number) => number } = {
  "all apart": (i) => Math.fround((random.uniform() - 0.5) * 10 + i * 1e-7),
  "of one exponent": () => 1 + random.uniform(),
  "few values": () => random.below(5) - 2,
  "all equal": () => 3,
  special: () => [NaN, Infinity, -Infinity, 0, -0, 1e-45, -1e-45, 3.4e38, random.uniform()][random.below(9)],
};
/** Values, 0 and -0 being equal. */
const lists = (x: Tensor) => x.add(0).tolist() as number[];

describe.each(Object.keys(kinds))("values that are %s", (kind) => {
  for (const [rows, n] of [
    [1, 9],
    [3, 64],
    [5, 1000],
    [2, 4099],
    [1, 20_011],
  ]) {
    const x = tensor(Float32Array.from({ length: rows * n }, (_, i) => kinds[kind](i))).reshape([rows, n]);
    it(`[${rows}, ${n}] gives medians where a sort does`, () => {
      for (const op of ["median", "nanmedian"] as const) {
        const got = x[op](1);
        const want = withoutFused(() => x[op](1));
        expect(lists(got.indices)).toEqual(lists(want.indices));
        expect(lists(got.values)).toEqual(lists(want.values));
        expect(x[op]().item()).toEqual(withoutFused(() => x[op]().item()));
      }
    });
    it(`[${rows}, ${n}] gives the first ones in order`, () => {
      for (const k of [1, 2, 7, Math.floor(n / 8), Math.floor(n / 3)])
        for (const largest of [true, false]) {
          if (k < 1) continue;
          const got = x.topk(k, 1, { largest });
          const want = x.sort(1, { descending: largest });
          expect(lists(got.values)).toEqual(lists(want.values.narrow(1, 0, k)));
          // what is chosen among equal ones is another test's: here, that it is what the value says
          expect(lists(x.gather(1, got.indices))).toEqual(lists(got.values));
          const places = got.indices.tolist() as unknown as number[][];
          for (const row of places) expect(new Set(row).size).toBe(k);
        }
    });
  }
});

it("equal elements are chosen as they are of lines that are not rows", () => {
  const values = Float32Array.from({ length: 4 * 500 }, () => random.below(40));
  const x = tensor(values).reshape([4, 500]);
  const turned = x.t().contiguous();
  for (const k of [1, 5, 60])
    for (const largest of [true, false])
      expect(lists(x.topk(k, 1, { largest }).indices)).toEqual(lists(turned.topk(k, 0, { largest }).indices.t()));
});

it("does not depend on the number of threads", () => {
  const x = tensor(Float32Array.from({ length: 200 * 700 }, () => random.uniform())).reshape([200, 700]);
  const one = [lists(x.topk(9).indices), lists(x.median(1).indices)];
  backend.setThreads(2);
  expect([lists(x.topk(9).indices), lists(x.median(1).indices)]).toEqual(one);
  backend.setThreads(1);
});
