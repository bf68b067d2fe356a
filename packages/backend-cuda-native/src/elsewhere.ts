// What bundlers for pages take in place of the backend (the package's condition "node"): nothing of the backend reaches a page.
import { UnavailableError } from "@flambeau/tensor/functional";
import type { cudaNative as native } from "./cuda.ts";

export type { CudaBackend } from "./backend.ts";
export type { CudaOptions, DriverOptions } from "./cuda.ts";

const unavailable = () =>
  new UnavailableError(
    "cuda: NVIDIA cards are reached from Node, on Linux; this is another platform",
    "compute with WebGPU, or on the cpu",
  );

export const cudaNative: typeof native = Object.assign(
  async (): Promise<never> => {
    throw unavailable();
  },
  { isAvailable: async () => false, unavailableReason: async () => unavailable().message },
);
