// What bundlers for pages take in place of the backend (the package's condition "node"): nothing of the backend reaches a page.
import { UnavailableError } from "@flambeau/tensor/functional";
import type { cudaNative as native } from "./cuda.ts";

export type { CudaBackend } from "./backend.ts";
export type { CudaOptions } from "./cuda.ts";

const reason = "cuda: NVIDIA cards are reached from Node, on Linux; this is another platform";

export const cudaNative: typeof native = Object.assign(
  async (): Promise<never> => {
    throw new UnavailableError(reason, "compute with WebGPU, or on the cpu");
  },
  { isAvailable: async () => false, unavailableReason: async () => reason },
);
