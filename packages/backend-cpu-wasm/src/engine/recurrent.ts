import { grainOf } from "./blocks.ts";
import type { Engine } from "./engine.ts";
import { gemm } from "./gemm.ts";
import { setArguments, withWorkspace } from "./workspace.ts";

/** One direction of a recurrent layer, float32: sizes, and addresses of what it is given, 0 where there is none. */
export interface Recurrent {
  kind: "tanh" | "relu" | "lstm" | "gru";
  steps: number;
  sequences: number;
  /** Values of a step's input, and of a state. */
  input: number;
  hidden: number;
  /** It reads from the end. */
  reverse: boolean;
  /** [steps, sequences, input]. */
  x: number;
  /** The first states [sequences, hidden]. */
  h: number;
  c: number;
  weightIh: number;
  weightHh: number;
  biasIh: number;
  biasHh: number;
  /** Integers [sequences], of `lengthBytes` each. */
  lengths: number;
  lengthBytes: number;
}
/** What a forward writes, and a backward reads. */
export interface RecurrentKept {
  /** [steps, sequences, hidden]. */
  output: number;
  /** The gates' sums [steps, sequences, gates * hidden]; none of a plain net. */
  sums: number;
  /** LSTM: c after each step. GRU: the state's share of n. [steps, sequences, hidden]. */
  cells: number;
}
/** A state, and what comes back to it. */
export interface RecurrentStates {
  h: number;
  c: number;
}
/** Addresses of the gradients, 0 of those that are not wanted; the states' must be there. */
export interface RecurrentGradients extends RecurrentStates {
  x: number;
  weightIh: number;
  weightHh: number;
  biasIh: number;
  biasHh: number;
}

const kinds = { tanh: 0, relu: 1, lstm: 2, gru: 3 } as const;
const gatesOf = { tanh: 1, relu: 1, lstm: 4, gru: 3 } as const;
/** Multiply-adds that pay for handing sequences to a thread. */
const worthSharing = 150_000;

/** Whether the rows of a step fit the threads' private memory. */
export const canRecur = (hidden: number): boolean => hidden <= 1 << 17;

/** Sequences that a thread takes at least: as many as there are for each, since all of W_hh is read for them at every step. */
const grainOfSequences = (engine: Engine, { kind, steps, sequences, hidden }: Recurrent): number =>
  Math.max(Math.ceil(sequences / engine.threads), grainOf(worthSharing, steps * gatesOf[kind] * hidden * hidden));

/** Bytes of a k × n matrix in panels. */
const panelsOf = (engine: Engine, k: number, n: number): number =>
  Math.ceil((n * 4) / engine.panelBytes) * k * engine.panelBytes;
function pack(engine: Engine, to: number, b: number, bRow: number, bCol: number, k: number, n: number): void {
  setArguments(engine, 0, [0, b, 0, 0, 0, n, k, 0, 0, 0, 0, bRow * 4, bCol * 4, 0, 0, 0, 0, 0, 0, 0, to]);
  const quads = Math.ceil((n * 4) / engine.panelBytes / 4);
  engine.run(engine.staticKernel("pack_b_f32"), engine.desc, quads, grainOf(16_384, k * engine.panelBytes));
}

function setCommon(engine: Engine, r: Recurrent, kept: RecurrentKept): void {
  const { kind, steps, sequences, hidden, reverse, lengths, lengthBytes } = r;
  setArguments(engine, 0, [kinds[kind], steps, sequences, hidden, reverse ? 1 : 0, lengths, lengthBytes]);
  setArguments(engine, 7, [kept.output, kept.sums, kept.cells]);
}

/** What the input's shares are shifted by: both shifts, but for n of a GRU, whose state's share is multiplied by a gate before it joins. */
function writeShifts(engine: Engine, { kind, hidden, biasIh, biasHh }: Recurrent, to: number): void {
  const { f32 } = engine;
  const all = gatesOf[kind] * hidden;
  const both = kind === "gru" ? 2 * hidden : all;
  for (let i = 0; i < all; i++) f32[to / 4 + i] = f32[biasIh / 4 + i] + (i < both ? f32[biasHh / 4 + i] : 0);
}

/** Writes what is kept, and the last states. */
export function recurrentForward(engine: Engine, r: Recurrent, kept: RecurrentKept, last: RecurrentStates): void {
  const { kind, steps, sequences, input, hidden } = r;
  const width = gatesOf[kind] * hidden;
  const gated = kind === "gru" ? 2 * hidden : width;
  const shifts = r.biasIh === 0 ? 0 : width * 4;
  const packed = panelsOf(engine, hidden, gated);
  const bytes = packed + (gated < width ? panelsOf(engine, hidden, hidden) : 0) + shifts;
  withWorkspace(engine, "a recurrent layer", bytes, (panels) => {
    const shift = shifts === 0 ? 0 : panels + bytes - shifts;
    if (shift !== 0) writeShifts(engine, r, shift);
    gemm(engine, "float32", {
      ...{ a: r.x, b: r.weightIh, c: kept.sums || kept.output, bias: shift, m: steps * sequences, n: width, k: input },
      ...{ aRow: input, aCol: 1, bRow: 1, bCol: input, cRow: width },
    });
    pack(engine, panels, r.weightHh, 1, hidden, hidden, gated);
    const own = r.weightHh + gated * hidden * 4;
    if (gated < width) pack(engine, panels + packed, own, 1, hidden, hidden, hidden);
    const { u8 } = engine;
    const state = sequences * hidden * 4;
    u8.copyWithin(last.h, r.h, r.h + state);
    if (kind === "lstm") u8.copyWithin(last.c, r.c, r.c + state);
    setCommon(engine, r, kept);
    const ownShift = kind === "gru" && r.biasHh !== 0 ? r.biasHh + gated * 4 : 0;
    setArguments(engine, 10, [last.h, last.c, panels, panels + packed, ownShift]);
    engine.run(engine.staticKernel("recurrent"), engine.desc, sequences, grainOfSequences(engine, r));
  });
}

/** The number of steps of sequence `i`. */
const lengthOf = (engine: Engine, { lengths, lengthBytes }: Recurrent, i: number): number =>
  lengthBytes === 8 ? Number(engine.i64[lengths / 8 + i]) : engine.i32[lengths / 4 + i];
/** x with zeros where a sequence has no step: whatever stands there must not reach the gradients, not even times 0. */
function copyWithin(engine: Engine, r: Recurrent, to: number): void {
  const { f32 } = engine;
  const { x, steps, sequences, input } = r;
  for (let i = 0; i < sequences; i++) {
    const length = lengthOf(engine, r, i);
    for (let t = 0, at = i * input; t < steps; t++, at += sequences * input) {
      if (t < length) f32.copyWithin(to / 4 + at, x / 4 + at, x / 4 + at + input);
      else f32.fill(0, to / 4 + at, to / 4 + at + input);
    }
  }
}

/**
 * The gradients, from those of the output `g` and, in the places of the first states' own, of the last states. Back through the steps goes
 * what the sums of the gates get; weights and inputs get theirs from that in one product each.
 */
export function recurrentBackward(
  engine: Engine,
  r: Recurrent,
  kept: RecurrentKept,
  g: number,
  to: RecurrentGradients,
): void {
  const { kind, steps, sequences, input, hidden, reverse } = r;
  const width = gatesOf[kind] * hidden;
  // of each step: a GRU's n has one for its share of the input and one for that of the state
  const row = kind === "gru" ? 4 * hidden : width;
  const rows = steps * sequences;
  const biased = to.biasIh !== 0 || to.biasHh !== 0;
  // a sequence that is read from its end has no output before its first step that another one's step would not stand in the place of
  const ragged = reverse && r.lengths !== 0;
  const sizes = [
    rows * row * 4,
    panelsOf(engine, width, hidden),
    biased ? sequences * row * 4 : 0,
    ragged && to.weightHh !== 0 ? sequences * row * 4 : 0,
    r.lengths !== 0 && to.weightIh !== 0 ? rows * input * 4 : 0,
  ];
  const bytes = sizes.reduce((a, b) => a + b);
  withWorkspace(engine, "a recurrent layer's gradient", bytes, (gradients) => {
    let next = gradients;
    const [d, panels, sums, firsts, within] = sizes.map((size) => {
      next += size;
      return size === 0 ? 0 : next - size;
    });
    pack(engine, panels, r.weightHh, hidden, 1, width, hidden);
    setCommon(engine, r, kept);
    setArguments(engine, 10, [r.h, r.c, panels, g, to.h, to.c, d, sums, firsts]);
    engine.run(engine.staticKernel("recurrent_backward"), engine.desc, sequences, grainOfSequences(engine, r));

    /** dᵀ·x of the gradients from column `from` on, for `k` rows from the address of `d` on. */
    const ofMatrix = (c: number, at: number, m: number, b: number, n: number, k: number, accumulate = false) =>
      gemm(engine, "float32", { a: at, b, c, m, n, k, aRow: 1, aCol: row, bRow: n, bCol: 1, cRow: n, accumulate });
    if (to.weightIh !== 0) {
      if (within !== 0) copyWithin(engine, r, within);
      ofMatrix(to.weightIh, d, width, within || r.x, input, rows);
    }
    if (to.weightHh !== 0) {
      // the outputs before the steps are those of the steps before, and the first state
      const others = (steps - 1) * sequences;
      const [later, earlier] = reverse ? [0, sequences] : [sequences, 0];
      const first = firsts || d + (reverse ? others * row * 4 : 0);
      const part = (c: number, column: number, m: number): void => {
        const outputs = kept.output + earlier * hidden * 4;
        if (others > 0) ofMatrix(c, d + (later * row + column) * 4, m, outputs, hidden, others);
        ofMatrix(c, first + column * 4, m, r.h, hidden, sequences, others > 0);
      };
      if (row === width) part(to.weightHh, 0, width);
      else {
        part(to.weightHh, 0, 2 * hidden);
        part(to.weightHh + 2 * hidden * hidden * 4, 3 * hidden, hidden);
      }
    }
    if (to.x !== 0)
      gemm(engine, "float32", {
        ...{ a: d, b: r.weightIh, c: to.x, m: rows, n: input, k: width },
        ...{ aRow: row, aCol: 1, bRow: input, bCol: 1, cRow: input },
      });
    const sum = (out: number, column: number, count: number): void => {
      setArguments(engine, 0, [sums + column * 4, out, sequences, row]);
      const grain = Math.max(64, Math.ceil(8192 / sequences));
      engine.run(engine.staticKernel("sum_parts"), engine.desc, count, grain);
    };
    if (to.biasIh !== 0) sum(to.biasIh, 0, width);
    if (to.biasHh === 0) return;
    sum(to.biasHh, 0, kind === "gru" ? 2 * hidden : width);
    if (kind === "gru") sum(to.biasHh + 2 * hidden * 4, 3 * hidden, hidden);
  });
}
