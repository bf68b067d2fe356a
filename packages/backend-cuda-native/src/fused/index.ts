import type { FusedKernels } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Findings } from "../kernels/findings.ts";
import { attentionKernels } from "./attention.ts";
import { batchNormKernels } from "./batch-norm.ts";
import { convKernels } from "./conv.ts";
import { linearKernels } from "./linear.ts";
import { lossKernels } from "./loss.ts";
import { normKernels } from "./norm.ts";
import { optimizerKernels } from "./optimizer.ts";
import { poolKernels } from "./pool.ts";
import { recurrentKernels } from "./recurrent.ts";
import { softmaxKernels } from "./softmax.ts";

/** The fast paths of this backend, by the name of the op: of float32 and float64, most of them of halves. */
export const fusedKernels = (engine: Engine, findings: Findings): FusedKernels => ({
  ...linearKernels(engine),
  ...attentionKernels(engine),
  ...batchNormKernels(engine),
  ...convKernels(engine),
  ...poolKernels(engine),
  ...optimizerKernels(engine),
  ...recurrentKernels(engine),
  ...softmaxKernels(engine),
  ...normKernels(engine),
  ...lossKernels(engine, findings),
});
