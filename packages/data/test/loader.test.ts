import "./backend.ts";
import { memory, ones, stack, type Tensor, tensor } from "@flambeau/tensor";
import { defaultGenerator, Generator } from "@flambeau/tensor/functional";
import { beforeEach, describe, expect, it } from "vitest";
import {
  type Collated,
  DataLoader,
  type Dataset,
  defaultCollate,
  randomSplit,
  SequentialSampler,
  Subset,
  TensorDataset,
} from "../src/index.ts";

const counting = (n: number) => new TensorDataset(tensor(Int32Array.from({ length: n }, (_, i) => i)));
const values = (t: Tensor) => [...t.dataSync()];
const batchesOf = (loader: Iterable<readonly Tensor[]>) => [...loader].map(([t]) => values(t));
const seed = (n: number) => defaultGenerator.manualSeed(n);
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

beforeEach(() => {
  seed(0);
});

// The orders and the draws after them are what PyTorch 2.13 gives.
describe("the order of a shuffled DataLoader is PyTorch's", () => {
  it.each([
    [0, [6, 7, 1, 4, 2, 0, 9, 8, 3, 5]],
    [7, [3, 2, 7, 8, 6, 1, 5, 9, 0, 4]],
    [2026, [2, 1, 3, 5, 6, 9, 0, 8, 7, 4]],
  ])("with manualSeed(%i)", (n, order) => {
    seed(n);
    expect(batchesOf(new DataLoader(counting(10), { batchSize: 3, shuffle: true })).flat()).toEqual(order);
  });

  it("over two passes, and leaves the global stream where PyTorch leaves it", () => {
    seed(3);
    const loader = new DataLoader(counting(10), { batchSize: 4, shuffle: true });
    expect(batchesOf(loader)).toEqual([
      [6, 2, 0, 1],
      [8, 3, 5, 4],
      [7, 9],
    ]);
    expect(batchesOf(loader)).toEqual([
      [3, 4, 0, 9],
      [6, 7, 1, 2],
      [5, 8],
    ]);
    expect(defaultGenerator.uniform24()).toBe(0.5944212079048157);
  });

  it("from a generator of its own, which it leaves where PyTorch leaves it", () => {
    const generator = new Generator(5);
    const loader = new DataLoader(counting(6), { batchSize: 4, shuffle: true, generator });
    expect(batchesOf(loader).flat()).toEqual([1, 0, 4, 2, 3, 5]);
    expect(batchesOf(loader).flat()).toEqual([0, 4, 5, 3, 2, 1]);
    expect(range(3).map(() => generator.random32() % 100)).toEqual([84, 17, 91]);
  });

  it("with dropLast", () => {
    seed(3);
    const loader = new DataLoader(counting(6), { batchSize: 4, shuffle: true, dropLast: true });
    expect(batchesOf(loader)).toEqual([[2, 4, 0, 1]]);
    expect(loader.length).toBe(1);
    expect(defaultGenerator.uniform24()).toBe(0.47161436080932617);
  });

  it("without shuffling, a pass draws one seed all the same", () => {
    seed(3);
    expect(batchesOf(new DataLoader(counting(3), { batchSize: 2 }))).toEqual([[0, 1], [2]]);
    expect(defaultGenerator.uniform24()).toBe(0.2858424782752991);
  });

  it("and the same in for await", async () => {
    const order: number[] = [];
    for await (const [t] of new DataLoader(counting(10), { batchSize: 3, shuffle: true }))
      order.push(...values(t).map(Number));
    expect(order).toEqual([6, 7, 1, 4, 2, 0, 9, 8, 3, 5]);
  });
});

describe("randomSplit", () => {
  it("splits as PyTorch does", () => {
    seed(1);
    const parts = randomSplit(counting(10), [3, 7]);
    expect(parts.map(({ indices }) => indices)).toEqual([
      [5, 6, 1],
      [2, 0, 8, 9, 3, 7, 4],
    ]);
    expect(randomSplit(counting(10), [0.35, 0.35, 0.3]).map(({ length }) => length)).toEqual([4, 3, 3]);
    expect(defaultGenerator.uniform24()).toBeCloseTo(0.9371, 4);
  });

  it.each([
    [[3, 8], "randomSplit: the parts [3, 8] do not make up the 10 samples"],
    [[0.5, 0.4], "the parts [0.5, 0.4] do not make up the 10 samples"],
    [[1.5, -0.5], "fraction 1 is -0.5, must be between 0 and 1"],
  ])("refuses %j", (lengths, message) => {
    expect(() => randomSplit(counting(10), lengths)).toThrow(message);
  });
});

describe("TensorDataset and Subset", () => {
  const pairs = () =>
    new TensorDataset(
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      tensor([7, 8, 9], { dtype: "int32" }),
    );

  it("give slices that share memory", () => {
    const dataset = pairs();
    const [x, y] = dataset.get(1);
    expect([values(x), values(y)]).toEqual([[3, 4], [8]]);
    x.mul_(10);
    expect(values(dataset.tensors[0])).toEqual([1, 2, 30, 40, 5, 6]);
  });

  it("gather batches that are the stacked samples", () => {
    const dataset = new Subset(pairs(), [2, 0, 1]);
    const [x, y] = (dataset.getBatch as TensorDataset<[Tensor, Tensor]>["getBatch"])([0, 2, 0]); // TensorDataset's, whose it passes on
    const single = [0, 2, 0].map((i) => dataset.get(i) as [Tensor, Tensor]);
    expect(values(x)).toEqual(values(stack(single.map(([x]) => x))));
    expect(values(y)).toEqual(values(stack(single.map(([, y]) => y))));
    expect([x.shape, y.shape, y.dtype]).toEqual([[3, 2], [3], "int32"]);
  });

  it("name what does not fit", () => {
    expect(() => new TensorDataset(ones([3]), ones([2]))).toThrow("TensorDataset: the first dimensions must be equal");
    expect(() => pairs().get(3)).toThrow("TensorDataset.get: index 3 is out of range for 3 samples");
    expect(() => new Subset(pairs(), [1]).get(1)).toThrow("Subset.get: index 1 is out of range for 1 samples");
  });
});

describe("defaultCollate", () => {
  it("stacks tensors, makes tensors of numbers, and goes into arrays and objects", () => {
    const sample = (i: number) => ({ x: tensor([i, i + 0.5]), y: [i, i > 0] as const, name: `n${i}`, big: BigInt(i) });
    const batch: Collated<ReturnType<typeof sample>> = defaultCollate([sample(0), sample(1)]);
    expect([batch.x.shape, values(batch.x)]).toEqual([
      [2, 2],
      [0, 0.5, 1, 1.5],
    ]);
    expect([batch.y[0].dtype, batch.y[1].dtype, batch.big.dtype]).toEqual(["float32", "bool", "int64"]);
    expect(values(batch.y[1])).toEqual([0, 1]);
    expect(batch.name).toEqual(["n0", "n1"]);
  });

  it.each<[string, unknown[], string]>([
    ["different lengths", [[1, 2], [1]], "collate: samples are of different lengths"],
    ["different keys", [{ a: { b: 1 } }, { a: { c: 1 } }], "collate: samples.a have different keys"],
    ["different types", [[1], ["a"]], "collate: samples[0] are of different types"],
    ["no samples", [], "collate: a batch needs at least one sample"],
  ])("refuses %s", (_, samples, message) => {
    expect(() => defaultCollate(samples)).toThrow(message);
  });
});

describe("DataLoader", () => {
  it.each([-1, 1.5, 99, Number.NaN, "0", undefined])(
    "refuses the index %o of a sampler, whatever the data set does",
    (index) => {
      const own = { length: 5, get: (i: number) => i };
      const batches = (options: object) => [...new DataLoader(own, options)];
      for (const options of [{ sampler: [0, index] }, { batchSampler: [[0], [index]] }])
        expect(() => batches(options)).toThrow(/DataLoader: index .* is out of range for 5 samples/);
      expect(() => batches({ batchSampler: [0] })).toThrow(/a batch is a list of indices, the sampler gave 0/);
    },
  );
  it.each([Number.NaN, -1, 1.5, "3", undefined, Number.POSITIVE_INFINITY])(
    "refuses a data set of length %o",
    (length) => {
      const endless = { length: length as number, get: (i: number) => i };
      expect(() => new DataLoader(endless)).toThrow(/the data set's length must be a whole number/);
      expect(() => new DataLoader(endless, { shuffle: true })).toThrow(/the data set's length must be a whole number/);
    },
  );
  it("takes arrays, samplers, batch samplers and a collate function", () => {
    expect(batchesOf(new DataLoader([[1], [2], [3]], { batchSize: 2 }))).toEqual([[1, 2], [3]]);
    const sampler = [4, 2, 0];
    expect(batchesOf(new DataLoader(counting(5), { batchSize: 2, sampler }))).toEqual([[4, 2], [0]]);
    const batchSampler = [[3], [1, 0]];
    const loader = new DataLoader(counting(5), { batchSampler });
    expect(batchesOf(loader)).toEqual([[3], [1, 0]]);
    expect(loader.length).toBe(2);
    expect([...new DataLoader([1, 2, 3], { batchSize: 2, collate: (samples) => samples.length })]).toEqual([2, 1]);
  });

  it("batches iterables and streams in their own order", async () => {
    const numbers = new Set([5, 6, 7]);
    expect([...new DataLoader(numbers, { batchSize: 2 })].map(values)).toEqual([[5, 6], [7]]);
    async function* stream() {
      yield* numbers;
    }
    const batches: unknown[] = [];
    for await (const t of new DataLoader(stream(), { batchSize: 2, dropLast: true })) batches.push(values(t));
    expect(batches).toEqual([[5, 6]]);
  });

  it.each<[object, string]>([
    [{ batchSize: 0 }, "DataLoader: batchSize must be a positive integer, got 0"],
    [{ prefetch: 0.5 }, "DataLoader: prefetch must be a positive integer, got 0.5"],
    [{ sampler: new SequentialSampler({ length: 3 }), shuffle: true }, "sampler and shuffle exclude each other"],
    [{ batchSampler: [[0]], batchSize: 2 }, "batchSampler and batchSize exclude each other"],
    [{ batchSampler: [[0]], dropLast: true }, "batchSampler and dropLast exclude each other"],
    [{ batch_size: 2 }, 'DataLoader: there is no option "batch_size"\n  hint: did you mean batchSize?'],
    [{ shuffle: 1 }, "DataLoader: the option shuffle is a boolean, got 1"],
    [{ sampler: 3 }, "DataLoader: the option sampler is an iterable, got 3"],
  ])("refuses %j", (options, message) => {
    expect(() => new DataLoader(counting(3), options)).toThrow(message);
  });

  it("takes the default for what is undefined, and options by name only", () => {
    const undefinedOptions = { batchSize: undefined, shuffle: undefined, batchSampler: undefined, collate: undefined };
    expect(batchesOf(new DataLoader(counting(2), undefinedOptions))).toEqual([[0], [1]]);
    const call = () => new DataLoader(counting(2), 32 as never);
    expect(call).toThrow("DataLoader: options are given by name, got 32\n  hint: write { batchSize: 32 }");
  });

  it("refuses to order a stream", () => {
    expect(() => new DataLoader(new Set([1]), { shuffle: true })).toThrow("an iterable data set has its own order");
    expect(() => new DataLoader(new Set([1])).length).toThrow(
      "DataLoader.length: the data set or its sampler has no length",
    );
  });

  /** A data set that answers with promises, in any order, and counts the open questions. */
  class Remote implements Dataset<number> {
    readonly length = 12;
    asked = 0;
    open = 0;
    mostOpen = 0;
    async get(index: number): Promise<number> {
      this.asked++;
      this.mostOpen = Math.max(this.mostOpen, ++this.open);
      await new Promise((resolve) => setTimeout(resolve, (index * 7) % 5));
      this.open--;
      if (index === 11) throw new Error("sample 11 is lost");
      return index;
    }
  }

  it("keeps the order of samples that come as promises, with `prefetch` batches under way ahead", async () => {
    const remote = new Remote();
    const batches: unknown[] = [];
    for await (const t of new DataLoader(new Subset(remote, range(10)), { batchSize: 2, prefetch: 3 })) {
      batches.push(values(t));
      if (batches.length === 1) expect(remote.asked).toBe(8);
    }
    expect(batches).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7],
      [8, 9],
    ]);
    expect(remote.mostOpen).toBe(8);
  });

  it("throws a sample's error where its batch would come", async () => {
    const batches: unknown[] = [];
    const pass = async () => {
      for await (const t of new DataLoader(new Remote(), { batchSize: 5 })) batches.push(values(t));
    };
    await expect(pass()).rejects.toThrow("sample 11 is lost");
    expect(batches).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7, 8, 9],
    ]);
  });

  it("waits no longer than its time-out for a batch, and for a stream's sample", async () => {
    const hangs: Dataset<number> = {
      length: 4,
      get: (i) => (i < 2 ? Promise.resolve(i) : new Promise<number>(() => {})),
    };
    const seen: unknown[] = [];
    const pass = async () => {
      for await (const t of new DataLoader(hangs, { batchSize: 2, timeout: 0.05 })) seen.push(values(t));
    };
    await expect(pass()).rejects.toMatchObject({
      name: "UnavailableError",
      message: "DataLoader: the data set took more than 0.05 s for a batch",
    });
    expect(seen).toEqual([[0, 1]]);
    async function* stream() {
      yield 1;
      await new Promise(() => {});
    }
    const streamed = async () => {
      for await (const t of new DataLoader(stream(), { timeout: 0.05 })) seen.push(values(t));
    };
    await expect(streamed()).rejects.toThrow("more than 0.05 s");
    expect(seen).toEqual([[0, 1], [1]]);
    expect(() => new DataLoader(hangs, { timeout: -1 })).toThrow("timeout must be at least 0 seconds, got -1");
    // a longer time than timers know
    for await (const t of new DataLoader(new Subset(new Remote(), [3]), { timeout: 1e9 }))
      expect(values(t)).toEqual([3]);
  });

  it("closes the stream that a loop leaves", async () => {
    let closed = false;
    async function* stream() {
      try {
        for (;;) yield 1;
      } finally {
        closed = true;
      }
    }
    for await (const _ of new DataLoader(stream())) break;
    expect(closed).toBe(true);
  });

  it.each([-1, 1.5, 99, Number.NaN])("refuses the index %s of an array", (index) => {
    expect(() => [...new DataLoader([1, 2, 3], { sampler: [index] })]).toThrow(
      `DataLoader: index ${index} is out of range for 3 samples`,
    );
  });

  it("says that promises need for await", () => {
    expect(() => [...new DataLoader(new Remote())]).toThrow("DataLoader: the data set answers with promises");
  });

  it("holds memory steady in a loop that frees nothing", async () => {
    // 300 batches of 4 MiB: 1.2 GB in all
    const dataset: Dataset<Tensor> = { length: 300, get: () => ones([1]), getBatch: () => ones([1 << 20]) };
    const before = memory().cpu.bytes;
    let peak = 0;
    for await (const batch of new DataLoader(dataset)) {
      batch.mul(2);
      peak = Math.max(peak, memory().cpu.bytes - before);
    }
    expect(peak).toBeLessThan(600 << 20);
  });
});
