// What others computed: figures/text_figures.py.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Tensor, text } from "flambeau";
import { expect } from "vitest";

interface Subwords {
  readonly file: object;
  readonly vocabSize: number;
  readonly cases: readonly { text: string; ids: number[]; bare: number[]; decoded: string; whole: string }[];
}
interface Batch {
  readonly batch: { readonly texts: string[]; readonly ids: number[][]; readonly mask: number[][] };
}
interface Figures {
  readonly sinusoidal: { readonly even: number[][]; readonly odd: number[][] };
  readonly rotary: {
    readonly x: number[][][][];
    readonly cases: readonly { offset: number; base: number; interleaved: boolean; y: number[][][][] }[];
  };
  readonly choices: readonly {
    readonly logits: number[];
    readonly seen: number[];
    readonly repetitionPenalty: number;
    readonly temperature: number;
    readonly topK: number | null;
    readonly topP: number | null;
    readonly probabilities: number[];
  }[];
  readonly tokens13a: readonly [string, string[]][];
  readonly bleu: readonly (text.Bleu & {
    readonly candidates: string[];
    readonly references: string[][];
    readonly smoothing: text.BleuSmoothing;
    readonly maxN: number;
  })[];
  readonly words: readonly [string, string[]][];
  readonly vocab: { readonly lines: string[][]; readonly cases: readonly { minFreq: number; tokens: string[] }[] };
  readonly perplexity: {
    readonly logits: number[][][];
    readonly targets: number[][];
    readonly masked: number[][];
    readonly all: number;
    readonly some: number;
  };
  readonly subwords: { readonly bpe: Subwords; readonly wordpiece: Subwords & Batch };
}
const bytes = readFileSync(new URL("../figures/text-figures.json.gz", import.meta.url));
export const figures: Figures = JSON.parse(gunzipSync(bytes).toString());

export function near(got: Tensor, expected: unknown, far: number): void {
  const values = got.detach().flatten().tolist() as number[]; // of one dimension
  const wanted = (expected as unknown[]).flat(Infinity as 1) as number[]; // nested lists of them
  expect(values.length).toBe(wanted.length);
  for (const [i, value] of values.entries()) expect(Math.abs(value - wanted[i])).toBeLessThanOrEqual(far);
}
