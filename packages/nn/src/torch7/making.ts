import { type DType, empty, type Tensor } from "@flambeau/tensor/functional";
import { checkInteger, type Kinds, option } from "@flambeau/tensor/plugin";
import { uniform_ } from "../init.ts";
import { Parameter } from "../parameter.ts";

/** Where and of what a layer makes its parameters. */
export interface MadeOptions {
  /** What parameters are made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where they live (default: the default device). */
  readonly device?: string | undefined;
}
export const madeKinds: Kinds<MadeOptions> = { dtype: option.dtype, device: option.string };

/** A parameter drawn uniformly from `-bound .. bound`, as Torch7's `reset` does. */
export const uniformParameter = (shape: readonly number[], bound: number, made: MadeOptions = {}): Parameter =>
  within(new Parameter(empty(shape, made)), bound);
export function within<T extends Tensor>(t: T, bound: number): T {
  uniform_(t, -bound, bound);
  return t;
}
/** 1 / sqrt(n), the bound of Torch7's initial weights; 0 where there are none. */
export const boundOf = (n: number): number => (n > 0 ? 1 / Math.sqrt(n) : 0);

export function checkSizes(op: string, sizes: readonly number[]): void {
  for (const [i, size] of sizes.entries()) checkInteger(op, `size ${i}`, size, 1);
}
