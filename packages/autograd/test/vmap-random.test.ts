import { readFileSync } from "node:fs";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  alphaDropout,
  arange,
  bernoulli,
  dropout,
  manualSeed,
  multinomial,
  normal,
  rand,
  randint,
  randLike,
  randn,
  randperm,
  registerBackend,
  select,
  type Tensor,
  tensor,
  zeros,
} from "@flambeau/tensor";
import { describe, expect, it, test } from "vitest";
import { vmap } from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

interface Case {
  readonly fn: string;
  readonly randomness: "same" | "different";
  readonly input: "batched" | "held";
  readonly seed: number;
  /** float32 [4, 3]. */
  readonly x: string;
  /** Null where PyTorch refuses. */
  readonly out: { readonly dtype: string; readonly shape: readonly number[]; readonly data: string } | null;
}
// what PyTorch 2.13 gives for vmap(i, v -> fn(v) + 0 i)(arange(4), x) after manual_seed(seed); v is x[0] for all where it is held
const { cases }: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL("vmap-randomness.json", import.meta.url), "utf8"),
);
const fns: { readonly [name: string]: (x: Tensor) => Tensor } = {
  rand: (x) => x.add(rand([3])),
  randn: (x) => x.mul(randn([3])),
  dropout: (x) => dropout(x, 0.5),
  randint: (x) => x.add(randint(0, 10, [3])),
  bernoulli: (x) => bernoulli(x.sigmoid()),
  rand_like: (x) => x.add(randLike(x)),
  randperm: (x) => x.add(randperm(3)),
  multinomial: (x) => multinomial(x.softmax(0), 4, { replacement: true }),
  alpha_dropout: (x) => alphaDropout(x, 0.3, true),
  normal_like: (x) => normal(x, 1),
};
const bytes = (data: string): Uint8Array => Uint8Array.from(Buffer.from(data, "base64"));
const numbers = (data: string, dtype: string): number[] => {
  const { buffer } = bytes(data);
  return dtype === "int64" ? Array.from(new BigInt64Array(buffer), Number) : Array.from(new Float32Array(buffer));
};

describe("vmap draws PyTorch's numbers", () => {
  test.each(cases.map((c) => [`${c.fn}, ${c.randomness}, ${c.input}`, c] as const))("%s", (_, c) => {
    const x = tensor(new Float32Array(numbers(c.x, "float32"))).reshape([4, 3]);
    manualSeed(c.seed);
    const run = (i: Tensor, v: Tensor) => fns[c.fn](c.input === "batched" ? v : select(x, 0, 0)).add(i.mul(0));
    const found = vmap(run, { randomness: c.randomness })(arange(4), x);
    if (c.out === null) {
      // PyTorch refuses the same draws for tensors that differ: each sample gets what it would get alone
      const alone = [0, 1, 2, 3].map((k) => {
        manualSeed(c.seed);
        return fns[c.fn](x.select(0, k)).tolist();
      });
      expect(found.tolist()).toEqual(alone);
      return;
    }
    expect(found.shape).toEqual(c.out.shape);
    const wanted = numbers(c.out.data, c.out.dtype);
    (found.flatten().tolist() as number[]).forEach((value, i) => {
      // an ulp or two of exp and log
      expect(Math.abs(value - wanted[i])).toBeLessThanOrEqual(2e-7 * Math.max(1, Math.abs(wanted[i])));
    });
  });
});

describe("vmap and draws", () => {
  const draw = (x: Tensor): Tensor => x.add(rand([2]));
  it("refuse each other unless it is said how they go together", () => {
    expect(() => vmap(draw)(zeros([3, 2]))).toThrow(/rand: a random draw inside vmap/);
  });
  it("give each sample the same, also in chunks, or other numbers", () => {
    for (const chunkSize of [null, 1, 2]) {
      manualSeed(1);
      const rows = vmap(draw, { randomness: "same", chunkSize })(zeros([3, 2])).tolist() as number[][];
      expect(rows[1]).toEqual(rows[0]);
      expect(rows[2]).toEqual(rows[0]);
      manualSeed(1);
      const other = vmap(draw, { randomness: "different", chunkSize })(zeros([3, 2]));
      manualSeed(1);
      expect(other.tolist()).toEqual(rand([3, 2]).tolist());
    }
  });
  it("write into batches in place, and not into what is the same for all where it shall differ", () => {
    manualSeed(2);
    const into = vmap((x: Tensor) => x.clone().uniform_(0, 1), { randomness: "different" })(zeros([3, 2]));
    manualSeed(2);
    expect(into.tolist()).toEqual(rand([3, 2]).tolist());
    const same = vmap((x: Tensor) => x.clone().uniform_(0, 1), { randomness: "same" })(
      zeros([3, 2]),
    ).tolist() as number[][];
    expect(same[2]).toEqual(same[0]);
    const shared = zeros([2]);
    const write = (x: Tensor) => x.add(shared.uniform_(0, 1));
    expect(() => vmap(write, { randomness: "different" })(zeros([3, 2]))).toThrow(
      /cannot be drawn into a tensor that is the same/,
    );
    expect(vmap(write, { randomness: "same" })(zeros([3, 2])).shape).toEqual([3, 2]);
  });
});
