// PyTorch's orders, as scripts/samplers.py has recorded them.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultGenerator } from "@flambeau/tensor/functional";
import { describe, expect, it } from "vitest";
import { DistributedSampler, randomSplit } from "../src/index.ts";
import { RandomSampler, SubsetRandomSampler, WeightedRandomSampler } from "../src/sampler.ts";

type Order = readonly number[] | string;
interface Case {
  readonly kind: "random" | "subset" | "weighted" | "split";
  readonly seed: number;
  readonly length: number;
  readonly numSamples?: number;
  readonly replacement?: boolean;
  readonly parts?: readonly number[];
  readonly drawn: readonly (Order | number)[];
}
interface Distributed {
  readonly length: number;
  readonly numReplicas: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly seed: number;
  readonly epoch: number;
  readonly perReplica: number;
  readonly all: Order;
}
const recorded: { readonly cases: readonly Case[]; readonly distributed: readonly Distributed[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, "fixtures/samplers.json"), "utf8"),
);

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const order = (indices: Iterable<number>): Order => {
  const all = [...indices];
  return all.length <= 12 ? all : createHash("sha256").update(all.join(",")).digest("hex").slice(0, 16);
};
/** PyTorch's `torch.randint(0, 10**6, ())`. */
const next = () => defaultGenerator.random32() % 1e6;

function samplerOf({ kind, seed, length, numSamples = length, replacement }: Case): Iterable<number> {
  if (kind === "random") return new RandomSampler({ length }, { numSamples, replacement });
  if (kind === "subset") return new SubsetRandomSampler(range(length).map((i) => 3 * i + 1));
  const weights = range(length).map((i) => ((7 * i + seed) % 13) / 8);
  return new WeightedRandomSampler(weights, numSamples, { replacement });
}

describe("orders are PyTorch's, over two passes, and the stream stands where PyTorch's stands", () => {
  it.each(["random", "subset", "weighted"])("%s", (kind) => {
    const cases = recorded.cases.filter((each) => each.kind === kind);
    expect(cases.length).toBeGreaterThan(20);
    for (const each of cases) {
      defaultGenerator.manualSeed(each.seed);
      const sampler = samplerOf(each);
      const { drawn: _, ...arguments_ } = each;
      expect([order(sampler), order(sampler), next()], JSON.stringify(arguments_)).toEqual(each.drawn);
    }
  });

  it("randomSplit", () => {
    const cases = recorded.cases.filter(({ kind }) => kind === "split");
    expect(cases.length).toBeGreaterThan(20);
    for (const { seed, length, parts = [], drawn } of cases) {
      defaultGenerator.manualSeed(seed);
      const split = randomSplit(range(length), parts).map(({ indices }) => order(indices));
      expect([...split, next()], `${length} samples, seed ${seed}`).toEqual(drawn);
    }
  });
});

describe("DistributedSampler", () => {
  it("gives each replica PyTorch's share", () => {
    expect(recorded.distributed.length).toBeGreaterThan(200);
    for (const { length, numReplicas, perReplica, all, epoch, ...options } of recorded.distributed) {
      const shares = range(numReplicas).map((rank) => {
        const sampler = new DistributedSampler({ length }, { numReplicas, rank, ...options });
        sampler.setEpoch(epoch);
        expect([sampler.length, sampler.epoch]).toEqual([perReplica, epoch]);
        return [...sampler];
      });
      const what = JSON.stringify({ length, numReplicas, epoch, ...options });
      expect(new Set(shares.map((share) => share.length)), what).toEqual(new Set([perReplica]));
      expect(order(shares.flat()), what).toEqual(all);
    }
  });

  it("gives nothing of nothing, and leaves the global stream alone", () => {
    defaultGenerator.manualSeed(4);
    const before = defaultGenerator.random32();
    defaultGenerator.manualSeed(4);
    expect([...new DistributedSampler({ length: 0 }, { numReplicas: 3, rank: 2 })]).toEqual([]);
    expect([...new DistributedSampler({ length: 9 }, { numReplicas: 3, rank: 2 })]).toHaveLength(3);
    expect(defaultGenerator.random32()).toBe(before);
  });

  it.each<[object, string]>([
    [{ numReplicas: 2, rank: 2 }, "DistributedSampler: rank must be an integer from 0 to 1, got 2"],
    [{ numReplicas: 0, rank: 0 }, "numReplicas must be a positive integer, got 0"],
    [{ rank: 0 }, "numReplicas must be a positive integer, got undefined"],
    [{ numReplicas: 2, rank: 0, seed: -1 }, "seed must be an integer of at least 0, got -1"],
    [{ numReplicas: 2, rank: 0, drop_last: true }, 'there is no option "drop_last"'],
  ])("refuses %j", (options, message) => {
    expect(() => new DistributedSampler({ length: 4 }, options as never)).toThrow(message);
  });

  it("refuses an epoch that is none", () => {
    const sampler = new DistributedSampler({ length: 4 }, { numReplicas: 2, rank: 0 });
    expect(() => sampler.setEpoch(1.5)).toThrow("DistributedSampler.setEpoch: epoch must be an integer of at least 0");
  });
});
