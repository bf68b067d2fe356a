import { median } from "../statistics.ts";
import { medianOfRatios, minimum, type Ratio, ratioOfMinima } from "./decision.ts";

/** How rows of one kind are measured, and what decides about them. */
export type Kind = {
  /** What the batches of a turn come down to, and the turns of a side, for the table. */
  readonly figure: (values: readonly number[]) => number;
  /** What decides, from the figures of the turns. */
  readonly ratio: Ratio;
  /** The largest ratio new/old that passes, unless chance alone reaches further. */
  readonly limit: number;
  /** Milliseconds of calls before the first batch, the milliseconds of a batch, and how many batches a turn measures. */
  readonly warm: number;
  readonly batch: number;
  readonly batches: number;
};

export const kinds = {
  // An op's overhead is the same work every time: what is above the minimum is the machine's doing. Batches are shorter than the
  // slices of time in which a busy machine shares a core out, so that some run undisturbed.
  op: { figure: minimum, ratio: ratioOfMinima, limit: 1.05, warm: 200, batch: 2, batches: 30 },
  // a step waits for memory, threads and the collector, which are part of what it costs
  step: { figure: median, ratio: medianOfRatios, limit: 1.03, warm: 150, batch: 20, batches: 4 },
  heap: { figure: median, ratio: medianOfRatios, limit: 1.01, warm: 0, batch: 0, batches: 1 },
} satisfies Record<string, Kind>;

/** One row of a comparison of two commits. */
export type Row = {
  readonly name: string;
  readonly kind: keyof typeof kinds;
  readonly unit: "us" | "ms" | "bytes";
  readonly title: string;
  /** So many calls a batch, where what is measured is not a time. */
  readonly calls?: number;
  /** Too slow to be measured unless a filter asks for it. */
  readonly onRequest?: true;
};

/** Calls before the first batch, calls of a batch, and batches. */
export type Calls = { readonly warm: number; readonly batch: number; readonly batches: number };

/** How often to call a row, from the milliseconds a call takes: at least twice before the first batch, as the first one compiles. */
export function callsFor({ kind, calls }: Row, msPerCall: number): Calls {
  if (calls) return { warm: 0, batch: calls, batches: 1 };
  const { warm, batch, batches } = kinds[kind];
  const times = (ms: number) => Math.round(ms / Math.max(msPerCall, 1e-6));
  return { warm: Math.max(2, times(warm)), batch: Math.max(1, times(batch)), batches };
}

const op = (name: string, title: string): Row => ({ name, kind: "op", unit: "us", title });
const heap = (name: string, title: string): Row => ({ name, kind: "heap", unit: "bytes", title, calls: 20_000 });
const step = (name: string, title: string, more: Partial<Row> = {}): Row => ({
  name,
  kind: "step",
  unit: "ms",
  title,
  ...more,
});

/** Every row, in the order of the table and of a turn. */
export const rows: readonly Row[] = [
  op("add_8x8_tidy_us", "8×8 + 8×8"),
  op("add_8x8_grad_tidy_us", "8×8 + 8×8 while recording for the gradient"),
  op("mul_number_8x8_tidy_us", "8×8 · number"),
  op("transpose_8x8_tidy_us", "a view of 8×8"),
  op("sum_8x8_tidy_us", "sum of 8×8"),
  op("sum_128x64_columns_tidy_us", "sum over the first of 128×64"),
  op("sum_4096x8_rows_tidy_us", "sum over the last of 4096×8"),
  op("sum_4096x4_rows_tidy_us", "sum over the last of 4096×4"),
  op("sum_512x7x8_stretches_tidy_us", "sum over the first and last of 512×7×8"),
  op("sum_1e6_tidy_us", "sum of 1,000,000 elements"),
  op("softmax_8x8_tidy_us", "softmax over the last of 8×8"),
  op("matmul_8x8_tidy_us", "8×8 @ 8×8"),
  op("backward_8x8_tidy_us", "forward and backward of (8×8 · 8×8).sum()"),
  heap("add_8x8_heap_bytes", "JavaScript heap that an 8×8 sum holds"),
  heap("add_8x8_grad_heap_bytes", "the same while recording for the gradient"),
  step("mlp_ms", "MLP 784-256-128-10, batch 64, Adam step"),
  step("cnn_ms", "CNN of PyTorch's MNIST example, batch 64, Adam step"),
  step("gpt_d64_ms", "GPT, 2 layers of width 64, 64 tokens, batch 12, AdamW step"),
  step("gpt_d128_ms", "GPT, 4 layers of width 128, 128 tokens, batch 16, AdamW step", { onRequest: true }),
  step("lstm_ms", "LSTM 64-128, 50 steps, batch 32, Adam step"),
];

/** The rows whose names contain one of the comma-separated words; without words all but those on request. */
export function selectRows(filter: string, among: readonly Row[] = rows): Row[] {
  const words = filter.split(",").filter(Boolean);
  if (words.length === 0) return among.filter(({ onRequest }) => !onRequest);
  return among.filter(({ name }) => words.some((word) => name.includes(word)));
}

/** The rows to run with so many threads: what an op costs and objects on the heap know no threads, one table has them. */
export function rowsFor(threads: number, all: readonly number[], chosen: readonly Row[]): Row[] {
  return threads === Math.min(...all) ? [...chosen] : chosen.filter(({ kind }) => kind === "step");
}
