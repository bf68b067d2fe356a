import type { Program } from "./program.ts";
import type { View } from "./view.ts";

/**
 * A kernel and the map of its result in one, so that the result itself never lies in memory:
 * `output[i] = program(result[i], others[0][i], ..., params)`. The program's first input is the result, in its dtype. `outputs` are those of
 * the kernel, but for the first one, which is the map's: row-major, of the result's shape or, where {@link Epilogues} says so, of two
 * dimensions. `others` have its shape (strides are 0 along broadcast dimensions); one of them may be its very window, else nothing that is
 * read lies in the same memory.
 */
export interface Epilogue {
  /** Whether it takes these. A plan asks before there is any memory: the views' buffers say only which of them are the same. */
  supports(inputs: readonly View[], outputs: readonly View[], program: Program, others: readonly View[]): boolean;
  /** `attrs` are the kernel's; a primitive's are empty. */
  run(
    inputs: readonly View[],
    outputs: readonly View[],
    attrs: object,
    program: Program,
    others: readonly View[],
    params: readonly number[],
  ): void;
}

/** Kernels that take a program behind them, by name. */
export interface Epilogues {
  /** The primitive: inputs a and b, all of three dimensions. */
  readonly matmul?: Epilogue;
  /** The fused op: inputs x, weight and perhaps bias; rows and features. */
  readonly linear?: Epilogue;
  /** The fused op, of which the normalized values are mapped: rows and what is normalized. */
  readonly layerNorm?: Epilogue;
  /** The fused op, of which the gradient of x is mapped: rows and what was normalized. */
  readonly layerNormBackward?: Epilogue;
}
