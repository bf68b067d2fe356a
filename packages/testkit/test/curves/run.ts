import type { Module } from "@flambeau/nn";
import { type DType, manualSeed, type Tensor } from "@flambeau/tensor";
import { Decoder } from "../../src/conformance/decode.ts";
import type { Encoded, EncodedTensor } from "../../src/conformance/encoded.ts";

/** What a tensor is told by: sums in float64 and the first elements. */
export interface Sums {
  readonly shape: readonly number[];
  readonly sum: number;
  readonly abs: number;
  readonly first: readonly number[];
}
/** A recorded training run of PyTorch's, in float32 and again in float64 from the same start. */
export interface Curve {
  readonly name: string;
  readonly seed: number;
  readonly data: { readonly [name: string]: EncodedTensor };
  readonly init: { readonly [net: string]: { readonly [key: string]: EncodedTensor } };
  readonly loss: readonly number[];
  readonly loss_float64: readonly number[];
  readonly max_abs_difference: number;
  readonly extra: { readonly [name: string]: readonly Encoded[] };
  readonly final: { readonly [net: string]: { readonly [key: string]: Sums } };
}

/** Gives one loss after the other. */
export type Program = (run: Run) => Iterable<Tensor> | AsyncIterable<Tensor>;

const decoder = new Decoder("cpu");
/**
 * What a program runs on: `net` and `data` take what PyTorch drew, in the order in which PyTorch drew it, and compare what this library draws
 * from the same seed. In float64 the nets and data are those of float32, from the same seed again.
 */
export class Run {
  readonly steps = 50;
  readonly curve: Curve;
  readonly dtype: "float32" | "float64";
  readonly notes: { [name: string]: unknown[] } = {};
  readonly nets: { [name: string]: Module } = {};
  /** What was drawn otherwise than by PyTorch. */
  readonly drawn: string[] = [];

  constructor(curve: Curve, dtype: "float32" | "float64") {
    this.curve = curve;
    this.dtype = dtype;
    manualSeed(curve.seed);
  }
  get double(): boolean {
    return this.dtype === "float64";
  }
  data(name: string, draw: () => Tensor): Tensor {
    const recorded = decoder.tensor(this.curve.data[name]);
    if (!this.double) this.compare(name, draw(), recorded); // PyTorch's second run did not draw again
    return recorded.dtype === "float32" ? recorded.to(this.dtype) : recorded;
  }
  net<M extends Module>(name: string, net: M): M {
    const recorded = this.curve.init[name];
    const state = net.stateDict();
    const [ours, theirs] = [[...state.keys()].join(), Object.keys(recorded).join()];
    if (ours !== theirs) this.drawn.push(`${name}: keys ${ours}, PyTorch's are ${theirs}`);
    const decoded = Object.entries(recorded).map(([key, t]) => [key, decoder.tensor(t)] as const);
    for (const [key, t] of decoded) if (state.has(key)) this.compare(`${name}.${key}`, state.get(key) as Tensor, t);
    net.loadStateDict(new Map(decoded));
    this.nets[name] = net;
    return this.double ? net.double() : net;
  }
  note(name: string, value: unknown): void {
    (this.notes[name] ??= []).push(value);
  }
  /** A tensor's values, whatever the dtype, in the dtype of the run. */
  real(x: Tensor, dtype: DType = this.dtype): Tensor {
    return x.to(dtype);
  }
  private compare(name: string, ours: Tensor, theirs: Tensor): void {
    const [a, b] = [[...ours.dataSync()].map(Number), [...theirs.dataSync()].map(Number)];
    // float32's last bits: exp and log of the normal draws
    if (a.length !== b.length || a.some((v, i) => !(Math.abs(v - b[i]) <= 2e-6 * Math.max(1, Math.abs(b[i])))))
      this.drawn.push(`${name} is drawn otherwise: ${a.slice(0, 3)}, PyTorch drew ${b.slice(0, 3)}`);
  }
}

/** The checksums of a state dict. */
export function sumsOf(state: ReadonlyMap<string, Tensor>): { [key: string]: Sums } {
  return Object.fromEntries(
    [...state].map(([key, t]) => {
      const values = [...t.detach().to("float64").dataSync()].map(Number);
      const sum = values.reduce((a, b) => a + b, 0);
      const abs = values.reduce((a, b) => a + Math.abs(b), 0);
      return [key, { shape: [...t.shape], sum, abs, first: values.slice(0, 3) }];
    }),
  );
}
