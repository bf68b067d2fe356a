import { Generator, type Tensor, tensor } from "@flambeau/tensor";
import type { Args } from "./places.ts";

/** Makes the tensors of a call on a backend. */
export class Maker {
  readonly device: string;
  constructor(device: string) {
    this.device = device;
  }
  /** Distinct numbers, in no order. */
  floats(...shape: number[]): Tensor {
    const n = shape.reduce((a, s) => a * s, 1);
    return tensor(
      Float32Array.from({ length: n }, (_, i) => ((i * 7 + 3) % 31) / 4 - 3),
      { shape, device: this.device },
    );
  }
  ints(...values: number[]): Tensor {
    return tensor(Int32Array.from(values), { device: this.device });
  }
  /** Options of a creation on the device. */
  get here(): { readonly device: string } {
    return { device: this.device };
  }
  /** Options of a draw: the same numbers each time. */
  get seeded(): { readonly generator: Generator } {
    return { generator: new Generator(5) };
  }
  /** {@link seeded} on the device. */
  get drawn(): { readonly device: string; readonly generator: Generator } {
    return { ...this.here, ...this.seeded };
  }
}

/** The arguments of a call that goes, its integers marked. */
export type Call = (make: Maker) => Args;
/** Calls by the name of the function: one, or several where the arguments have several forms. */
export type Calls = { readonly [name: string]: Call | readonly Call[] };
