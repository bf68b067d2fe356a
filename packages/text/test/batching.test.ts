import { data, Generator, manualSeed, memory, type Tensor, text } from "flambeau";
import { describe, expect, test } from "vitest";

describe("BucketBatchSampler", () => {
  const random = new Generator(1);
  const lengths = Array.from({ length: 103 }, () => random.random32() % 50);
  const passes = (options: text.BucketOptions) => [...new text.BucketBatchSampler(lengths, 8, options)];

  test("gives each sample once, in the order that its generator says", () => {
    for (const pool of [1, 3, 100]) {
      const batches = passes({ pool, generator: new Generator(4) });
      expect(batches.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
      expect(batches.length).toBe(13);
      expect(passes({ pool, generator: new Generator(4) })).toEqual(batches);
      expect(passes({ pool, generator: new Generator(5) })).not.toEqual(batches);
    }
    manualSeed(3);
    const sampler = new text.BucketBatchSampler(lengths, 8);
    const [first, second] = [[...sampler], [...sampler]];
    expect(second).not.toEqual(first);
    manualSeed(3);
    expect([...sampler]).toEqual(first);
  });

  test("pads less the more is sorted, and none of the incomplete comes with dropLast", () => {
    const padding = (pool: number) =>
      passes({ pool, generator: new Generator(0) }).reduce((sum, batch) => {
        const own = batch.map((i) => lengths[i]);
        return sum + own.reduce((s, n) => s + Math.max(...own) - n, 0);
      }, 0);
    expect(padding(4)).toBeLessThan(padding(1) / 2);
    expect(padding(100)).toBeLessThan(padding(4));
    const whole = passes({ dropLast: true });
    expect([whole.length, new text.BucketBatchSampler(lengths, 8, { dropLast: true }).length]).toEqual([12, 12]);
    expect(whole.every((batch) => batch.length === 8)).toBe(true);
  });

  test("without shuffling it goes from short to long", () => {
    const own = passes({ shuffle: false })
      .flat()
      .map((i) => lengths[i]);
    expect(own).toEqual([...own].sort((a, b) => a - b));
  });

  test("is the batchSampler of a DataLoader", async () => {
    const lines = lengths.map((n) => Array.from({ length: n + 1 }, () => n + 1));
    const loader = new data.DataLoader(lines, {
      batchSampler: new text.BucketBatchSampler(lengths, 8, { generator: new Generator(2) }),
      collate: (batch: number[][]) => text.padTokens(batch),
    });
    let tokens = 0;
    for await (const { ids, mask } of loader) {
      expect(ids.ne(0).equal(mask)).toBe(true);
      tokens += mask.sum().item();
    }
    expect(tokens).toBe(lengths.reduce((sum, n) => sum + n + 1, 0));
    expect(loader.length).toBe(13);
  });
});

describe("masks and padding", () => {
  const made: [string, () => Tensor, unknown][] = [
    [
      "causal",
      () => text.causalMask(3),
      [
        [true, false, false],
        [true, true, false],
        [true, true, true],
      ],
    ],
    [
      "of lengths",
      () => text.paddingMask([0, 2], { length: 3 }),
      [
        [false, false, false],
        [true, true, false],
      ],
    ],
    [
      "on the left",
      () => text.paddingMask([1, 3], { side: "left" }),
      [
        [false, false, true],
        [true, true, true],
      ],
    ],
  ];
  test.each(made)("%s", (_, make, expected) => {
    const before = memory().cpu.tensors;
    const mask = make();
    expect([mask.dtype, mask.tolist()]).toEqual(["bool", expected]);
    expect(memory().cpu.tensors).toBe(before + 1);
  });
  test("what is too long loses what is farthest from what comes next", () => {
    const lines = [[1, 2, 3], [4]];
    expect(text.padTokens(lines, { length: 2, value: 9 }).ids.tolist()).toEqual([
      [1, 2],
      [4, 9],
    ]);
    expect(text.padTokens(lines, { length: 2, value: 9, side: "left" }).ids.tolist()).toEqual([
      [2, 3],
      [9, 4],
    ]);
  });
  test.each([
    [() => text.padTokens([]), "takes lists of tokens, got []"],
    [() => text.padTokens([[1.5]]), "each of sequences must be a non-negative integer"],
    [() => text.paddingMask([3], { length: 2 }), "length must be an integer of at least 3"],
    [() => text.causalMask(0), "length must be a positive integer"],
    [() => new text.BucketBatchSampler([1, -1], 2), "each of lengths must be a non-negative integer"],
    [() => new text.BucketBatchSampler([1], 0), "batchSize must be a positive integer"],
  ])("%#: %s", (run, message) => {
    expect(run).toThrow(message);
  });
});
