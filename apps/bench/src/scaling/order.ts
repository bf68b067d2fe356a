// Sorting, and what can do with less than sorting.
import { randint, randn, topk, unique } from "flambeau";
import { both, op, type ScalingRow } from "./row.ts";

function ofLength(n: number): ScalingRow[] {
  const more = n === 1_000_000 ? { target: both(1.5) } : {};
  const lines = `${n.toLocaleString("en-US")} elements`;
  return [
    op(
      `sort_${n}`,
      `sort of ${lines}`,
      () => {
        const x = randn([n]);
        return () => x.sort();
      },
      more,
    ),
    op(
      `topk10_${n}`,
      `the 10 largest of ${lines}`,
      () => {
        const x = randn([n]);
        return () => topk(x, 10);
      },
      more,
    ),
    op(
      `unique_${n}`,
      `the distinct of ${lines} below 1000`,
      () => {
        const x = randint(0, 1000, [n]).to("int64");
        return () => unique(x);
      },
      more,
    ),
    op(
      `median_${n}`,
      `median of ${lines}`,
      () => {
        const x = randn([n]);
        return () => x.median();
      },
      more,
    ),
  ];
}

export const order: readonly ScalingRow[] = [
  ...[1000, 10_000, 100_000, 1_000_000].flatMap(ofLength),
  op("sortrows_1000x1000", "sort of each row of 1000×1000", () => {
    const x = randn([1000, 1000]);
    return () => x.sort();
  }),
  op("topkrows_1000x1000", "the 10 largest of each row of 1000×1000", () => {
    const x = randn([1000, 1000]);
    return () => topk(x, 10);
  }),
];
