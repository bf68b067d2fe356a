import type { Encoded } from "./encoded.ts";

/** One fixture file: `ops/add`, read when it is its turn. */
export interface FixtureFile {
  readonly folder: string;
  readonly name: string;
  read(): Encoded;
}
