import type { FusedKernel } from "@flambeau/tensor";
import type { Engine } from "../engine/engine.ts";
import { optimizerKernels } from "./optimizer.ts";
import { poolKernels } from "./pooling.ts";

/** The fast paths of this backend, by the name of the op (see `runFused` in @flambeau/tensor). */
export const fusedKernels = (engine: Engine): Record<string, FusedKernel> => ({
  ...poolKernels(engine),
  ...optimizerKernels(engine),
});
