import { checkInteger } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { shown } from "../repr.ts";

/** What has a dimension that is counted in one example, and lies one further in a batch. */
export abstract class AlongDim extends Module {
  readonly dim: number;
  readonly nInputDims: number | undefined;
  constructor(name: string, dim: number, nInputDims: number | undefined) {
    super();
    checkInteger(name, "dim", dim);
    if (nInputDims !== undefined) checkInteger(name, "nInputDims", nInputDims, 0);
    this.dim = dim;
    this.nInputDims = nInputDims;
  }
  override extraRepr(): string {
    return shown({ dim: this.dim, nInputDims: this.nInputDims });
  }
}
