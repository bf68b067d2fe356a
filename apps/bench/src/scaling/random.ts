// Random numbers.
import { dropout, rand, randn, randperm } from "flambeau";
import { both, op, type ScalingRow } from "./row.ts";

export const random: readonly ScalingRow[] = [
  op("rand", "1,000,000 uniform numbers", () => () => rand([1_000_000])),
  op("randn", "1,000,000 normal numbers", () => () => randn([1_000_000]), { target: both(2.5) }),
  op("randperm", "100,000 numbers in random order", () => () => randperm(100_000)),
  op("bernoulli", "dropout of 1,000,000 elements", () => {
    const x = randn([1_000_000]);
    return () => dropout(x, 0.5, true);
  }),
];
