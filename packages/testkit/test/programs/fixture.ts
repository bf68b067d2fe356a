import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";

/** A number, or what JSON lacks: "n" is NaN, "i" and "-i" are the infinities. Bools are 0 and 1. */
export type Value = number | "n" | "i" | "-i" | string;
/** Dtype, shape, elements, and 1 where a gradient is wanted. */
export type Figure = readonly [dtype: string, shape: readonly number[], values: readonly Value[], wanted?: 1];
export type Result = Figure | null;
/** What an argument may be besides plain data; `r` is the number of a tensor among the leaves and the results so far. */
export type Argument =
  | { readonly r: number }
  | { readonly f: "inf" | "-inf" | "nan" }
  | { readonly i: readonly number[]; readonly s: readonly number[] }
  | { readonly sl: readonly (number | null)[] }
  | { readonly c: Figure };
/** An op, its arguments, and PyTorch's results, which are left out where it refuses. */
export type Step = readonly [op: string, args: readonly unknown[], results?: readonly Result[]];

/** A random program of two to six ops, and what PyTorch 2.13 makes of it. */
export interface Program {
  readonly id: number;
  readonly leaves: readonly Figure[];
  readonly steps: readonly Step[];
  /** The tensors at the end; 0 for those that are as they were made. Left out where all are. */
  readonly final?: readonly (Result | 0)[];
  /** A digit for each tensor: 1 where it requires a gradient. */
  readonly requiresGrad: string;
  /** Of a weighted sum of all that requires one, for each leaf. */
  readonly gradients?: readonly Result[] | "refused";
  readonly createGraph?: true;
  /** Of a weighted sum of the gradients, for each leaf. */
  readonly second?: readonly Result[];
}

/** "sample": for each run. "further": the rest of the set, for the long one. Results have as many digits as are compared. */
export const programs = (which: "sample" | "further"): Program[] =>
  JSON.parse(brotliDecompressSync(readFileSync(new URL(`${which}.br`, import.meta.url))).toString()) as Program[];

const special: { readonly [name: string]: number } = { n: NaN, i: Infinity, "-i": -Infinity };
export const numberOf = (v: Value): number => (typeof v === "number" ? v : special[v]);
