import { ArgumentError, defaultGenerator, Generator } from "@flambeau/tensor/functional";
import { beforeEach, describe, expect, it } from "vitest";
import {
  BatchSampler,
  RandomSampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
} from "../src/sampler.ts";

// The orders are what torch.utils.data of PyTorch 2.13 gives after torch.manual_seed(0), unless another seed is said.
beforeEach(() => {
  defaultGenerator.manualSeed(0);
});
const source = (length: number) => ({ length });

describe("RandomSampler", () => {
  it("gives PyTorch's order", () => {
    expect([...new RandomSampler(source(7))]).toEqual([0, 3, 6, 4, 1, 2, 5]);
    expect([...new RandomSampler(source(7), { replacement: true, numSamples: 40 })]).toEqual([
      0, 1, 1, 1, 1, 6, 2, 1, 2, 0, 3, 2, 4, 0, 6, 4, 4, 5, 2, 2, 3, 1, 6, 4, 6, 0, 5, 0, 1, 4, 4, 4, 2, 1, 3, 3, 2, 0,
      1, 5,
    ]);
    expect([...new RandomSampler(source(3), { numSamples: 8 })]).toEqual([2, 0, 1, 2, 0, 1, 1, 0]);
  });

  it("leaves a generator of its own where PyTorch leaves it", () => {
    const generator = new Generator(5);
    const sampler = new RandomSampler(source(6), { generator });
    expect([...sampler]).toEqual([5, 0, 1, 3, 4, 2]);
    expect([...sampler]).toEqual([1, 0, 5, 2, 4, 3]);
    expect([0, 0, 0].map(() => generator.random32() % 100)).toEqual([9, 47, 12]);
  });

  it("refuses to draw nothing", () => {
    expect(() => new RandomSampler(source(0))).toThrow(
      "RandomSampler: the data source's length must be a positive integer, got 0",
    );
    expect(() => new RandomSampler(source(3), { numSamples: 1.5 })).toThrow(
      "numSamples must be a positive integer, got 1.5",
    );
  });
});

describe("the other samplers", () => {
  it("SequentialSampler counts", () => {
    expect([...new SequentialSampler(source(4))]).toEqual([0, 1, 2, 3]);
  });

  it("SubsetRandomSampler gives PyTorch's order", () => {
    expect([...new SubsetRandomSampler([10, 20, 30, 40, 50])]).toEqual([50, 10, 20, 40, 30]);
  });

  it("WeightedRandomSampler gives PyTorch's draws, with and without replacement", () => {
    const sampler = new WeightedRandomSampler([0.1, 0.9, 0.4, 0.7, 3.0, 0.6], 5);
    expect([...sampler]).toEqual([5, 4, 4, 5, 4]);
    expect([...new WeightedRandomSampler([0.9, 0.4, 0.05, 0.2, 0.3, 0.1], 5, { replacement: false })]).toEqual([
      1, 4, 0, 3, 5,
    ]);
  });

  it("WeightedRandomSampler refuses more samples than there are", () => {
    expect(() => new WeightedRandomSampler([1, 2], 3, { replacement: false })).toThrow(
      "WeightedRandomSampler: cannot draw 3 of 2 indices without replacement",
    );
  });

  it.each([
    [[1, -1], "WeightedRandomSampler: weights must be finite and at least 0, got -1 at 1"],
    [[Number.NaN], "got NaN at 0"],
    [[1, Number.POSITIVE_INFINITY], "got Infinity at 1"],
    [[0, 0], "the weights sum to 0"],
    [[], "the weights sum to 0"],
  ])("WeightedRandomSampler refuses the weights %j with an ArgumentError", (weights, message) => {
    const make = () => new WeightedRandomSampler(weights, 1);
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  });

  it.each([
    [false, [[0, 1, 2], [3, 4, 5], [6]], 3],
    [
      true,
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      2,
    ],
  ])("BatchSampler groups, dropLast %s", (dropLast, groups, length) => {
    const sampler = new BatchSampler(new SequentialSampler(source(7)), 3, dropLast);
    expect([...sampler]).toEqual(groups);
    expect(sampler.length).toBe(length);
  });

  it("BatchSampler has a length only when its sampler has one", () => {
    const endless = new BatchSampler(new Set([1, 2, 3]), 2, false);
    expect([...endless]).toEqual([[1, 2], [3]]);
    expect(() => endless.length).toThrow("BatchSampler.length: the sampler has no length");
  });
});
