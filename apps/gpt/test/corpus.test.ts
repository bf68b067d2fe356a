import { manualSeed } from "flambeau";
import { describe, expect, it } from "vitest";
import { allPieces, loadCorpus, piecesAt, randomPieces } from "../src/corpus.ts";

const ids = Int32Array.from({ length: 20 }, (_, i) => i);

describe("loadCorpus", () => {
  it("gives the text as numbers, its end for validation", async () => {
    const corpus = await loadCorpus("moby-dick-excerpt", { root: undefined, log: () => undefined });
    const { train, validation, tokenizer, source } = corpus;
    expect(train.length + validation.length).toBe(118_465);
    expect(train.length).toBe(106_618);
    expect(tokenizer.decode(train.subarray(22, 38))).toBe("Call me Ishmael.");
    expect(tokenizer.decode(validation)).toBe(source.text.slice(106_618));
  });
});

describe("pieces", () => {
  it("are what begins at the places, and what follows each character", () => {
    const [here, next] = piecesAt(ids, [3, 0], 4);
    expect(here.tolist()).toEqual([
      [3, 4, 5, 6],
      [0, 1, 2, 3],
    ]);
    expect(next.tolist()).toEqual([
      [4, 5, 6, 7],
      [1, 2, 3, 4],
    ]);
  });

  it("begin where PyTorch's randint says, the last place among them", () => {
    manualSeed(0);
    // torch.manual_seed(0); torch.randint(0, 16, (8,)): [12, 15, 5, 0, 3, 11, 3, 7]
    const [here] = randomPieces(ids, 8, 4);
    expect((here.tolist() as number[][]).map(([first]) => first)).toEqual([12, 15, 5, 0, 3, 11, 3, 7]);
    const firsts = new Set<number>();
    for (let i = 0; i < 100; i++)
      for (const [first] of randomPieces(ids, 8, 4)[0].tolist() as number[][]) firsts.add(first);
    expect([...firsts].sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i));
  });

  it.each([
    [20, 4, [4]],
    [21, 5, [4, 1]],
    [4, 0, []],
    [5, 1, [1]],
  ])("of %i characters in fours are %i, in batches of %j", (length, count, sizes) => {
    const text = Int32Array.from({ length }, (_, i) => i);
    const batches = [...allPieces(text, 4, 4)];
    expect(batches.map(([here]) => here.shape[0])).toEqual(sizes);
    expect(batches.flatMap(([, next]) => (next.tolist() as number[][]).map(([first]) => first))).toEqual(
      Array.from({ length: count }, (_, i) => 4 * i + 1),
    );
  });
});
