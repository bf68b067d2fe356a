import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, expect, test } from "vitest";
import {
  type DType,
  kthvalue,
  registerBackend,
  stack,
  type Tensor,
  takeAlongDim,
  tensor,
  tolist,
  topk,
} from "../../src/index.ts";
import { withoutFused } from "../../src/plugin.ts";

interface Case {
  readonly n: number;
  /** Values are below it; null for the sequence that is worst for medians of three. */
  readonly m: number | null;
  readonly nan: boolean;
  readonly dtype: DType;
  readonly k: number;
  readonly kth: number;
  readonly largest: readonly number[];
  readonly smallest: readonly number[];
}
// made by selection_torch213.py
const cases: readonly Case[] = JSON.parse(
  gunzipSync(readFileSync(new URL("selection-torch213.json.gz", import.meta.url))).toString(),
);

function worst(n: number): number[] {
  const half = n / 2;
  const out = new Array<number>(n).fill(0);
  for (let i = 1; i <= half; i++) {
    if (i % 2 === 1) {
      out[i - 1] = i;
      out[i] = half + i;
    }
    out[half + i - 1] = 2 * i;
  }
  return out.map((v) => Math.floor(v / 3));
}
const lineOf = ({ n, m, nan, dtype }: Case): Tensor =>
  tensor(
    m === null
      ? worst(n)
      : Array.from({ length: n }, (_, i) => (nan && i % 11 === 4 ? Number.NaN : ((i * i * 7 + i * 3) % 101) % m)),
    { dtype },
  );

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});

test("of equal elements kthvalue and topk select PyTorch's", () => {
  expect(cases.length).toBeGreaterThan(350);
  for (const c of cases) {
    const x = lineOf(c);
    const name = JSON.stringify({ ...c, largest: undefined, smallest: undefined });
    expect(tolist(kthvalue(x, c.k).indices), name).toBe(c.kth);
    for (const largest of [true, false]) {
      const { values, indices } = topk(x, c.k, 0, { largest });
      expect(tolist(indices), name).toEqual(c[largest ? "largest" : "smallest"]);
      expect(tolist(values)).toEqual(tolist(takeAlongDim(x, indices, 0)));
    }
  }
});

test("each line is selected from for itself, whatever its strides", () => {
  const some = cases.filter((c) => c.n === 33 && c.k === 16);
  expect(some.length).toBe(5);
  const columns = stack(some.map(lineOf), 1);
  expect(tolist(kthvalue(columns, 16, 0).indices)).toEqual(some.map((c) => c.kth));
  expect(tolist(topk(columns, 16, 0).indices.transpose(0, 1))).toEqual(some.map((c) => c.largest));
  expect(tolist(topk(columns.transpose(0, 1), 16, 1).indices)).toEqual(some.map((c) => c.largest));
});

test("values are those of the definition, a stable sort", () => {
  for (const c of cases.filter((c) => c.n > 30 && c.n < 400)) {
    const x = lineOf(c);
    const both = () => [kthvalue(x, c.k).values, topk(x, c.k).values, topk(x, c.k, 0, { largest: false }).values];
    expect(both().map(tolist)).toEqual(withoutFused(both).map(tolist));
  }
});
