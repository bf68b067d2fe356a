import { type Arguments, from } from "./arguments.ts";

// Arguments of the kernels over rows, channels, heads and elements: numbers, and the bytes that their operands take, by slot.

/** A float's bits. */
const float = (value: number): number => new Int32Array(Float32Array.of(value).buffer)[0];

/** Their operands may have room for more indices than there are. */
const open = true;

function overRows(): Record<string, Arguments> {
  const [rows, n] = [5, 37];
  const [all, each, row] = [rows * n * 4, rows * 4, n * 4];
  return {
    softmax: { numbers: { 2: n }, operands: { 0: all, 1: all }, count: rows, open },
    log_softmax: { numbers: { 2: n }, operands: { 0: all, 1: all }, count: rows, open },
    softmax_backward: { numbers: { 2: n }, operands: { 0: all, 1: all, 3: all }, count: rows, open },
    log_softmax_backward: { numbers: { 2: n }, operands: { 0: all, 1: all, 3: all }, count: rows, open },
    layer_norm: {
      numbers: from(6, n, float(1e-5)),
      operands: { 0: all, 1: row, 2: row, 3: all, 4: each, 5: each },
      count: rows,
      open,
    },
    layer_norm_backward: {
      numbers: from(7, n, rows, 2),
      operands: { 0: all, 1: all, 2: row, 3: each, 4: each, 5: all, 6: 3 * 2 * row },
      count: 3,
    },
    sum_parts: { numbers: from(2, 6, n), operands: { 0: 6 * row, 1: row }, count: n, open },
    cross_entropy: {
      numbers: from(4, n, -100),
      operands: { 0: all, 1: each, 2: each, 3: 2 * each, 6: 4 },
      count: rows,
      open,
    },
    cross_entropy_backward: {
      numbers: { 4: 1, ...from(6, n, -100) },
      operands: { 0: all, 1: each, 2: 2 * each, 3: each, 5: 4, 8: all },
      count: rows,
      open,
    },
  };
}

function overChannels(): Record<string, Arguments> {
  const [images, channels, plane] = [3, 5, 19];
  const [all, each] = [images * channels * plane * 4, channels * 4];
  const shape = from(6, images, channels, plane);
  return {
    batch_norm: {
      numbers: { ...shape, 9: float(1e-5), 12: float(0.1) },
      operands: { 0: all, 1: each, 2: each, 3: all, 4: each, 5: each, 10: each, 11: each },
      count: channels,
    },
    batch_norm_backward: {
      numbers: shape,
      operands: { 0: all, 1: all, 2: each, 3: each, 4: each, 5: all, 9: each, 10: each },
      count: channels,
    },
  };
}

function overHeads(): Record<string, Arguments> {
  const [batch, heads, queries, keys, dim, dimV] = [2, 3, 21, 18, 7, 5];
  const steps = (rows: number, width: number) => [heads * rows * width * 4, rows * width * 4, width * 4];
  const bytes = (rows: number, width: number) => batch * heads * rows * width * 4;
  const [q, k, v, out, sums, mask] = [
    bytes(queries, dim),
    bytes(keys, dim),
    bytes(keys, dimV),
    bytes(queries, dimV),
    bytes(queries, 1),
    bytes(queries, keys),
  ];
  const common = {
    ...from(6, heads, queries, keys, dim, dimV),
    ...from(11, ...steps(queries, dim), ...steps(keys, dim), ...steps(keys, dimV), ...steps(queries, dimV)),
    ...from(23, ...steps(queries, keys), 4, float(0.4), 1, 8, 3),
    47: 4,
    48: 16,
  };
  return {
    attention: {
      numbers: common,
      operands: { 0: q, 1: k, 2: v, 3: out, 4: sums, 5: mask },
      count: batch * heads * 3,
      open,
    },
    attention_backward: {
      numbers: {
        ...common,
        ...from(35, ...steps(queries, dim), ...steps(keys, dim), ...steps(keys, dimV), ...steps(queries, dimV)),
      },
      operands: { 0: q, 1: k, 2: v, 3: out, 4: sums, 5: mask, 31: out, 32: q, 33: k, 34: v },
      count: batch * heads,
      open,
    },
  };
}

function overElements(): Record<string, Arguments> {
  const n = 131;
  const all = n * 4;
  return {
    sgd_step: {
      numbers: { 4: 1, ...from(6, ...[0.1, 0.9, 0, 0.01].map(float)) },
      operands: { 0: all, 1: all, 2: all },
      count: n,
      open,
    },
    adam_step: {
      numbers: from(6, ...[1e-3, 1, 0.1, 0.999, 1e-3, 1e-8, 0.01, 1].map(float)),
      operands: { 0: all, 1: all, 2: all, 3: all, 4: all },
      count: n,
      open,
    },
    square_parts: { numbers: { 2: 5000 }, operands: { 0: 20000, 1: 16 }, count: 2 },
    // y·exp(-x) + 2: a constant, a number and a register
    map_f32: {
      numbers: { 1: 2, ...from(5, 4, 4, 0, 33 * 4, 33 * 4, 4, 33, 5) },
      operands: { 0: 4 * (5 + 3 + 1 + 2 * 6), 2: 165 * 4, 3: 165 * 4, 4: 5 * 4 },
      words: { 0: [2, 1, 1, 1, 2, 0, 0, 0, float(2), 11, 0, 0, 0, 0, 0, 54, 1, 1, 4, 3, 3] },
      count: 165,
    },
    // the same of float16 and bfloat16, to float16
    "map_f32 of halves": {
      numbers: { 1: 2, ...from(5, 2, 2, 0, 33 * 2, 33 * 2, 2, 33, 5) },
      operands: { 0: 4 * (5 + 3 + 1 + 2 * 6), 2: 165 * 2, 3: 165 * 2, 4: 5 * 2 },
      words: { 0: [2, 1, 1, 1, 2, 1, 1, 2, float(2), 11, 0, 0, 0, 0, 0, 54, 1, 1, 4, 3, 3] },
      count: 165,
    },
  };
}

function sums(): Record<string, Arguments> {
  // chunks of 50 of 130 values: of 3 rows, and of 3 columns
  const [count, n, chunk] = [3, 130, 50];
  const loops = (inStep: number) => from(5, 4, inStep, 0, 4 * count, 0, chunk, count, 3);
  return {
    sum_f32: {
      numbers: { 1: 2, ...loops(4 * n), ...from(13, 4, n, chunk, n) },
      operands: { 2: 9 * 4, 3: count * n * 4 },
      count: 9,
    },
    "sum_f32 across": {
      numbers: { 0: 1, 1: 2, ...loops(4), ...from(13, 4 * count, n, chunk, n) },
      operands: { 2: 9 * 4, 3: count * n * 4 },
      count: 9,
    },
  };
}

/** All of them. */
export const overRowsAndElements = (): Record<string, Arguments> => ({
  ...overRows(),
  ...overChannels(),
  ...overHeads(),
  ...overElements(),
  ...sums(),
});
