import { cat, copy_, mul, noGrad, sum, type Tensor } from "@flambeau/tensor";
import type { Scenario } from "./fused-scenarios.ts";

/** What is used of @flambeau/nn, which the testkit does not know. */
interface Layers {
  readonly [name: string]: new (
    input: number,
    hidden: number,
    options: object,
  ) => {
    parameters(): Iterable<Tensor>;
    forward(x: unknown, first: unknown): readonly [output: unknown, last: Tensor | readonly Tensor[]];
  };
}
interface Packing {
  packPaddedSequence(x: Tensor, lengths: readonly number[], options: object): unknown;
  padPackedSequence(x: unknown): readonly [x: Tensor, lengths: Tensor];
}

interface Case {
  readonly steps: number;
  readonly count: number;
  readonly input: number;
  readonly hidden: number;
  /** Of a packed sequence; it may be decomposed. */
  readonly lengths?: readonly number[];
  /** Sequences come before steps, so that what a layer reads is no row-major tensor. */
  readonly batchFirst?: boolean;
  readonly [option: string]: unknown;
}

/** A recurrent net with all gradients: of its parameters, its input and its first states. */
const recurrent = (kind: string, op: string, about: string, of: Case): Scenario => {
  const { steps, count, input, hidden, lengths, ...options } = of;
  const direct = lengths === undefined && options.projSize === undefined;
  return {
    name: `${kind} ${about}`,
    covers: direct ? [op, `${op}Backward`] : [],
    needs: "nn",
    run(make, { nn }) {
      const x = make.floats(of.batchFirst ? [count, steps, input] : [steps, count, input], { leaf: true });
      const made = new (nn as unknown as Layers)[kind](input, hidden, { ...options, device: x.device }); // `needs`
      const parameters = [...made.parameters()];
      noGrad(() => {
        for (const p of parameters) copy_(p, mul(make.floats(p.shape), 1 / Math.sqrt(hidden)));
      });
      const places = (of.bidirectional ? 2 : 1) * ((of.numLayers as number | undefined) ?? 1);
      const widths = kind === "LSTM" ? [(of.projSize as number | undefined) ?? hidden, hidden] : [hidden];
      const first = widths.map((width) => make.floats([places, count, width], { leaf: true }));
      const states = kind === "LSTM" ? first : first[0];
      let output: Tensor;
      let last: Tensor | readonly Tensor[];
      if (lengths === undefined) [output, last] = made.forward(x, states) as [Tensor, typeof last];
      else {
        const { rnn } = (nn as unknown as { readonly utils: { readonly rnn: Packing } }).utils;
        const given = rnn.packPaddedSequence(x, lengths, { enforceSorted: false });
        const [packed, after] = made.forward(given, states);
        [output] = rnn.padPackedSequence(packed);
        last = after;
      }
      const results = [output, ...(kind === "LSTM" ? (last as readonly Tensor[]) : [last as Tensor])];
      sum(cat(results.map((r) => mul(r, make.floats(r.shape)).reshape(-1)))).backward();
      return [...results, ...[x, ...first, ...parameters].flatMap(({ grad }) => (grad ? [grad] : []))];
    },
  };
};

const kinds: readonly (readonly [kind: string, op: string])[] = [
  ["LSTM", "lstmLayer"],
  ["GRU", "gruLayer"],
  ["RNN", "rnnLayer"],
];
export const recurrentScenarios: readonly Scenario[] = [
  ...kinds.flatMap(([kind, op]) => [
    recurrent(kind, op, "of few sequences", { steps: 5, count: 3, input: 4, hidden: 6 }),
    recurrent(kind, op, "of one sequence and one step, without shifts", {
      steps: 1,
      count: 1,
      input: 3,
      hidden: 5,
      bias: false,
    }),
    recurrent(kind, op, "in two layers both ways, of sizes that fill no vector", {
      steps: 9,
      count: 33,
      input: 7,
      hidden: 21,
      numLayers: 2,
      bidirectional: true,
    }),
    recurrent(kind, op, "of a wide state, sequences first", {
      steps: 4,
      count: 2,
      input: 5,
      hidden: 301,
      batchFirst: true,
    }),
    recurrent(kind, op, "of sequences with lengths, both ways", {
      steps: 6,
      count: 4,
      input: 4,
      hidden: 8,
      bidirectional: true,
      lengths: [3, 6, 1, 4],
    }),
  ]),
  recurrent("RNN", "rnnLayer", "with relu", { steps: 5, count: 6, input: 4, hidden: 9, nonlinearity: "relu" }),
  recurrent("LSTM", "lstmLayer", "with a projection", { steps: 5, count: 6, input: 4, hidden: 9, projSize: 5 }),
];
