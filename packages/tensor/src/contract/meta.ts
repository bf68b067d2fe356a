import { dtypes } from "../core/dtype.ts";
import { DataDependentError } from "../core/errors.ts";
import type { Backend, Kernels } from "./backend.ts";
import type { FusedKernels } from "./fused-ops.ts";

const nothing = (): void => {};
const kernels: Kernels = {
  map: nothing,
  reduce: nothing,
  argReduce: nothing,
  scan: nothing,
  matmul: nothing,
  gather: nothing,
  scatter: nothing,
  sort: nothing,
  random: nothing,
};
/** It has every fast path: a decomposition would make tables on the host. */
const fused = new Proxy<FusedKernels>({}, { get: () => ({ strided: true, supports: () => true, run: nothing }) });
const none = { bytes: 0, peakBytes: 0, reservedBytes: 0, buffers: 0 };

/**
 * The device without memory and values, which is always there: a program that runs on it finds shapes, dtypes, strides and errors, and
 * costs nothing. What an op gives on it is its shape inference.
 */
export const metaBackend: Backend = {
  name: "meta",
  contract: 2,
  dtypes: new Set(dtypes),
  info: "shapes and dtypes, no values",
  alloc: () => ({}),
  free: nothing,
  write: nothing,
  read: async () => {
    throw new DataDependentError("read", "a tensor on meta has no values");
  },
  kernels,
  fused,
  checkIndices: nothing,
  memory: () => none,
  dispose: nothing,
};
