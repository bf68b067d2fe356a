import "./backend.ts";
import { type Tensor, tensor } from "@flambeau/tensor";
import { defaultGenerator, Generator } from "@flambeau/tensor/functional";
import { describe, expect, it } from "vitest";
import {
  ChainDataset,
  ConcatDataset,
  DataLoader,
  type Dataset,
  IterableDataset,
  MapDataset,
  randomSplit,
  StackDataset,
  Subset,
  TensorDataset,
} from "../src/index.ts";

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const values = (t: Tensor) => [...t.dataSync()];
const counting = (n: number) => new TensorDataset(tensor(Int32Array.from(range(n))));
const late = <T>(samples: readonly T[]): Dataset<T> => ({
  length: samples.length,
  get: async (i) => samples[i],
});

describe("ConcatDataset", () => {
  it("finds each sample, also behind data sets that are empty", () => {
    const parts = [[0, 1], [], [2], [], [], [3, 4, 5], []];
    const all = new ConcatDataset(parts);
    expect([all.length, all.cumulativeSizes]).toEqual([6, [2, 2, 3, 3, 3, 6, 6]]);
    expect(range(6).map((i) => all.get(i))).toEqual(range(6));
    for (const i of [-1, 6, 0.5]) expect(() => all.get(i)).toThrow(`ConcatDataset.get: index ${i} is out of range`);
  });

  it("is loaded in batches across its parts, promises or not", async () => {
    const batches = [...new DataLoader(new ConcatDataset([counting(3), counting(2)]), { batchSize: 2 })];
    expect(batches.map(([t]) => values(t))).toEqual([[0, 1], [2, 0], [1]]);
    const seen: unknown[] = [];
    for await (const t of new DataLoader(new ConcatDataset([[1], late([2, 3])]), { batchSize: 2 }))
      seen.push(values(t));
    expect(seen).toEqual([[1, 2], [3]]);
  });

  it.each([[[]], [3], [[{ length: 3 }]], [[{ length: 0.5, get: () => 1 }]]])("refuses %o", (parts) => {
    expect(() => new ConcatDataset(parts as never)).toThrow(/^ConcatDataset: /);
  });
});

describe("StackDataset", () => {
  it("gives tuples, or objects of data sets by name", async () => {
    const tuple = new StackDataset(["a", "b"], late([1, 2]));
    const [word, number]: [string, number] = await tuple.get(1);
    expect([word, number]).toEqual(["b", 2]);
    const named = new StackDataset({ word: ["a", "b"], value: counting(2) });
    const sample = named.get(1) as { word: string; value: readonly Tensor[] }; // nothing in it answers with a promise
    expect([sample.word, sample.value[0].item()]).toEqual(["b", 1]);
    expect(Object.keys(named.datasets)).toEqual(["word", "value"]);
  });

  it("makes its batches of those that its data sets make, and they are the collated samples", async () => {
    let asked = 0;
    const own: Dataset<number> = {
      length: 3,
      get: (i) => 10 * i,
      getBatch: (indices) => {
        asked++;
        return tensor(indices.map((i) => 10 * i));
      },
    };
    const stacked = new StackDataset({ own, other: [1, 2, 3], later: late(["a", "b", "c"]) });
    const seen: unknown[] = [];
    for await (const { own, other, later } of new DataLoader(stacked, { batchSize: 2 }))
      seen.push([values(own), values(other), later]);
    expect(seen).toEqual([
      [
        [0, 10],
        [1, 2],
        ["a", "b"],
      ],
      [[20], [3], ["c"]],
    ]);
    expect(asked).toBe(2);
  });

  it("refuses lengths that differ, and nothing at all", () => {
    expect(() => new StackDataset([1, 2], [1])).toThrow("StackDataset: the data sets are of different lengths: 2, 1");
    expect(() => new StackDataset()).toThrow("StackDataset: needs at least one data set");
    expect(() => new StackDataset({})).toThrow("StackDataset: needs at least one data set");
    expect(() => new StackDataset({ a: 3 } as never)).toThrow("StackDataset: a data set has a length and get(index)");
    expect(() => new StackDataset([1]).get(1)).toThrow("StackDataset.get: index 1 is out of range for 1 samples");
  });
});

describe("MapDataset", () => {
  it("changes a sample when it is asked for, promises or not", async () => {
    const asked: number[] = [];
    const change = (x: number, i: number) => {
      asked.push(i);
      return x + 0.5;
    };
    const now = new MapDataset([1, 2, 3], change);
    expect([now.length, now.get(1), asked]).toEqual([3, 2.5, [1]]);
    expect(await new MapDataset(late([1, 2, 3]), change).get(2)).toBe(3.5);
    expect(await new MapDataset([4], async (x) => `${x}`).get(0)).toBe("4");
    expect([...new DataLoader(now, { batchSize: 3 })].map(values)).toEqual([[1.5, 2.5, 3.5]]);
    expect(() => now.get(3)).toThrow("MapDataset.get: index 3 is out of range for 3 samples");
    expect(() => new MapDataset([1], 3 as never)).toThrow("what changes a sample must be a function, got 3");
  });
});

describe("arrays are data sets", () => {
  it("for Subset and randomSplit", () => {
    expect(new Subset(["a", "b", "c"], [2, 0]).get(0)).toBe("c");
    expect(() => new Subset(["a"], [1]).get(0)).toThrow("Subset.get: index 1 is out of range for 1 samples");
    defaultGenerator.manualSeed(1);
    expect(randomSplit(range(10), [3, 7])[0].indices).toEqual([5, 6, 1]);
  });
});

class Counting extends IterableDataset<number> {
  readonly count: number;
  /** The numbers that were asked for so far. */
  asked = 0;
  closed = 0;
  constructor(count: number) {
    super();
    this.count = count;
  }
  override get length(): number {
    return this.count;
  }
  async *[Symbol.asyncIterator]() {
    try {
      for (let i = 0; i < this.count; i++) {
        this.asked++;
        yield i;
      }
    } finally {
      this.closed++;
    }
  }
}

describe("IterableDataset", () => {
  const all = <T>(stream: AsyncIterable<T>) => Array.fromAsync(stream);

  it("is mapped, filtered and cut, each time anew, and reads no further than it must", async () => {
    const source = new Counting(100);
    const stream = source
      .filter((x) => x % 2 === 1)
      .map(async (x, i) => [x, i])
      .take(3);
    const expected = [[1, 0], [3, 1], [5, 2]]; // biome-ignore format: one line
    expect(await all(stream)).toEqual(expected);
    expect([source.asked, source.closed]).toEqual([6, 1]);
    expect(await all(stream)).toEqual(expected);
    expect([source.take(5).length, source.take(500).length, source.map(String).length]).toEqual([5, 100, 100]);
    expect(source.filter(() => true).length).toBe(undefined);
  });

  it.each([1, 2, 7, 100, 1000])(
    "is shuffled with a buffer of %i: nothing is lost, and it comes no later than it can",
    async (size) => {
      const source = new Counting(100);
      const order = await all(source.shuffle(size, { generator: new Generator(3) }));
      expect(order.toSorted((a, b) => a - b)).toEqual(range(100));
      // sample i is read when i others were, of which all but `size` have been given
      expect(order.filter((x, at) => at < x - size)).toEqual([]);
      expect(await all(source.shuffle(size, { generator: new Generator(3) }))).toEqual(order);
      if (size === 1) expect(order).toEqual(range(100));
      else expect(order).not.toEqual(range(100));
    },
  );

  it("with a buffer for all has each order equally often", async () => {
    const generator = new Generator(8);
    const counts = new Map<string, number>();
    for (let i = 0; i < 1200; i++) {
      const order = (await all(new Counting(3).shuffle(3, { generator }))).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // chi-squared with five degrees of freedom is beyond 20.5 once in a thousand seeds
    const chi = [...counts.values()].reduce((sum, n) => sum + (n - 200) ** 2 / 200, 0);
    expect(chi).toBeLessThan(20.5);
  });

  it("is loaded in batches, and closed when the loop is left", async () => {
    const source = new Counting(10);
    const batches: unknown[] = [];
    for await (const t of new DataLoader(
      source.map((x) => x * x),
      { batchSize: 4 },
    )) {
      batches.push(values(t));
      if (batches.length === 2) break;
    }
    expect(batches).toEqual([
      [0, 1, 4, 9],
      [16, 25, 36, 49],
    ]);
    expect(source.closed).toBe(1);
  });

  it("refuses what is no function and no count", () => {
    const stream = new Counting(3);
    expect(() => stream.map(3 as never)).toThrow("IterableDataset.map: needs a function, got 3");
    expect(() => stream.filter("a" as never)).toThrow('IterableDataset.filter: needs a function, got "a"');
    expect(() => stream.take(0)).toThrow("IterableDataset.take: count must be a positive integer, got 0");
    expect(() => stream.shuffle(1.5)).toThrow(
      "IterableDataset.shuffle: bufferSize must be a positive integer, got 1.5",
    );
  });

  it("is chained: each is opened when the one before has ended", async () => {
    const [a, b] = [new Counting(2), new Counting(3)];
    const chain = new ChainDataset<number>([a, new Set([7]), b]);
    const seen: number[] = [];
    for await (const x of chain) {
      seen.push(x);
      if (x === 7) expect([a.closed, b.asked]).toEqual([1, 0]);
    }
    expect(seen).toEqual([0, 1, 7, 0, 1, 2]);
    expect([chain.length, new ChainDataset([a, b]).length]).toEqual([undefined, 5]);
    expect(() => new ChainDataset([])).toThrow("ChainDataset: needs an array of at least one stream");
    expect(() => new ChainDataset([3 as never])).toThrow("ChainDataset: a stream is an iterable, got 3");
  });
});
