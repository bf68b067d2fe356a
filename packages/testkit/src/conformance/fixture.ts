import type { Encoded } from "./encoded.ts";

/** One fixture file: `ops/add`, read when it is its turn. */
export interface FixtureFile {
  readonly folder: string;
  readonly name: string;
  read(): Encoded;
  /** How far PyTorch's own figures are from those of the next wider dtype, where that was measured. */
  readonly distance?: Distance;
}

/** In units of PyTorch's default tolerance, over all cases of a file. */
export interface Distance {
  readonly results: number;
  readonly gradients: number;
}
