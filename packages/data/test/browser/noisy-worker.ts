import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { registerBackend } from "@flambeau/tensor";
import { defaultGenerator } from "@flambeau/tensor/functional";
import { serveDataset } from "../../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));
serveDataset(({ length, at = -1 }: { length: number; at?: number }) => ({
  length,
  get(i: number) {
    if (i === at) throw new TypeError("no such picture");
    return [i, defaultGenerator.uniform24()];
  },
}));
