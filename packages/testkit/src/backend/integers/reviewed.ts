import { at, random_, setAt_, type Tensor, unsqueeze } from "@flambeau/tensor";
import type { Meaning } from "./places.ts";

/** Values that are no integers of 53 bits and yet have a meaning, beyond those of arguments that may be left out. */
export interface Reviewed {
  readonly calls: readonly string[];
  readonly arguments: readonly string[];
  readonly values: readonly unknown[];
  readonly means: Meaning;
  readonly why: string;
}

const huge = [2 ** 53, 1e300];
const adaptive = ["adaptiveAvgPool", "adaptiveMaxPool"].flatMap((name) => [1, 2, 3].map((n) => `${name}${n}d`));
type Entry = number | null | readonly unknown[];

export const reviewed: readonly Reviewed[] = [
  {
    calls: ["slice", "sliceCopy", "sliceScatter"],
    arguments: ["start", "end"],
    values: huge,
    means: { value: 4 },
    why: "positions beyond the end of the dimension (of size 4) mean its end, as in Python",
  },
  {
    calls: ["at", "setAt_"],
    arguments: ["from", "to"],
    values: huge,
    means: { value: 3 },
    why: "the same, in a range of a dimension of size 3",
  },
  {
    calls: ["at"],
    arguments: ["indices_0", "indices_1"],
    values: [null],
    means: {
      // a list before it stands for one dimension of the result, a number for none
      call: (x: Tensor, ...indices: Entry[]) => {
        const place = indices.slice(0, indices.indexOf(null)).filter(Array.isArray).length;
        return unsqueeze(at(x, ...(indices.filter((i) => i !== null) as number[])), place);
      },
    },
    why: "null is an index of its own: a new dimension, as None in PyTorch",
  },
  {
    calls: ["setAt_"],
    arguments: ["indices_0", "indices_1"],
    values: [null],
    means: {
      call: (x: Tensor, value: number, ...indices: Entry[]) =>
        setAt_(x, value, ...(indices.filter((i) => i !== null) as number[])),
    },
    why: "a new dimension, which one value for all elements does not see",
  },
  {
    calls: [...adaptive, ...adaptive.filter((name) => name.includes("Max")).map((name) => `${name}WithIndices`)],
    arguments: ["outputSize", "outputSize[0]", "outputSize[1]", "outputSize[2]"],
    values: [null],
    means: { value: 5 },
    why: "null keeps the input's size (5), as None in PyTorch",
  },
  {
    calls: ["arange"],
    arguments: ["step"],
    values: huge,
    means: { value: 5 },
    why: "a step may be any number: this one passes the end (5) at once",
  },
  {
    calls: ["random_"],
    arguments: ["to"],
    values: [undefined, null],
    means: { call: (x: Tensor, from: number, _, options: object) => random_(x, 0, from, options) },
    why: "random_(x, to) draws from 0 on, as in PyTorch",
  },
];
