// What a model writes with the keys and values of what it has seen, and without: generation of as many tokens as its block holds.
import { cpuWasm, Generator, manualSeed, registerBackend, text } from "flambeau";
import { median } from "../statistics.ts";

export interface GenerateRow {
  readonly name: string;
  readonly title: string;
  /** How many times as fast it is with the cache, at least. */
  readonly least: number;
  readonly tokens: number;
  readonly make: () => text.GPT;
}
export interface GenerateFigure {
  readonly row: GenerateRow;
  /** Milliseconds of a whole text: with the cache, and without. */
  readonly ms: { readonly cached: number; readonly whole: number };
  /** Median over the rounds of without by with. */
  readonly times: number;
}

const sizes = { vocabSize: 65, heads: 4 };
export const generateRows: readonly GenerateRow[] = [
  {
    name: "gpt_d64",
    title: "GPT, width 64, 2 layers, 64 tokens",
    least: 1,
    tokens: 64,
    make: () => new text.GPT({ ...sizes, width: 64, layers: 2, blockSize: 64 }),
  },
  {
    name: "gpt_d128",
    title: "GPT, width 128, 4 layers, 256 tokens",
    least: 5,
    tokens: 256,
    make: () => new text.GPT({ ...sizes, width: 128, layers: 4, blockSize: 256 }),
  },
];

/** A row: the two take turns, and whoever begins changes. */
export async function timeGeneration(row: GenerateRow, rounds: number): Promise<GenerateFigure> {
  manualSeed(0);
  const model = row.make();
  const timeOf = async (useCache: boolean, maxNewTokens: number): Promise<number> => {
    const start = performance.now();
    const { tokens } = await text.generate(model, [0], { useCache, maxNewTokens, generator: new Generator(1) });
    if (tokens.length !== maxNewTokens) throw new Error(`${row.name}: ${tokens.length} tokens`);
    return performance.now() - start;
  };
  for (const useCache of [true, false]) await timeOf(useCache, Math.ceil(row.tokens / 4)); // compiles what is to be compiled
  const cached: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round < rounds; round++)
    for (const useCache of round % 2 === 0 ? [true, false] : [false, true])
      (useCache ? cached : whole).push(await timeOf(useCache, row.tokens));
  return {
    row,
    ms: { cached: median(cached), whole: median(whole) },
    times: median(whole.map((ms, i) => ms / cached[i])),
  };
}

export async function runGenerate(
  rows: readonly GenerateRow[],
  { threads, rounds }: { readonly threads: number; readonly rounds: number },
  progress: (line: string) => void,
): Promise<GenerateFigure[]> {
  registerBackend(cpuWasm({ threads }));
  const figures: GenerateFigure[] = [];
  for (const row of rows) {
    progress(row.name);
    figures.push(await timeGeneration(row, rounds));
  }
  return figures;
}

/** A heading, then a line for each row. */
export function generateCells(figures: readonly GenerateFigure[]): string[][] {
  const lines = figures.map(({ row, ms, times }) => [
    row.title,
    ms.cached.toFixed(1),
    ms.whole.toFixed(1),
    times.toFixed(1),
    String(row.least),
    ((1000 * row.tokens) / ms.cached).toFixed(0),
  ]);
  return [["", "cached ms", "whole ms", "×", "at least", "tokens/s"], ...lines];
}
/** What is not as fast as it has to be. */
export const underLimit = (figures: readonly GenerateFigure[]): string[] =>
  figures.flatMap(({ row, times }) =>
    times >= row.least ? [] : [`${row.name}: ${times.toFixed(1)} times as fast with the cache, expected ${row.least}`],
  );
