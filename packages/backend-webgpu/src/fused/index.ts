import type { Epilogues, FusedKernels } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Gemm } from "../kernels/gemm/gemm.ts";
import { attentionKernels } from "./attention.ts";
import { batchNormKernels } from "./batch-norm.ts";
import { convKernels } from "./conv.ts";
import { layerNormKernels } from "./layer-norm.ts";
import { linearEpilogue, linearKernels } from "./linear.ts";
import { lossKernels } from "./loss.ts";
import { optimizerKernels } from "./optimizer.ts";
import { poolKernels } from "./pooling.ts";
import { recurrentKernels } from "./recurrent.ts";
import { rmsNormKernels } from "./rms-norm.ts";
import { softmaxKernels } from "./softmax.ts";

/** The fast paths of this backend, by the name of the op (see `runFused` in @flambeau/tensor). */
export function fusedKernels(
  engine: Engine,
  gemm: Gemm,
): { readonly fused: FusedKernels; readonly epilogues: Epilogues } {
  const { epilogue: layerNormBackward, ...layerNorm } = layerNormKernels(engine);
  const fused = {
    ...linearKernels(gemm),
    ...convKernels(gemm),
    ...attentionKernels(engine),
    ...poolKernels(engine),
    ...optimizerKernels(engine),
    ...softmaxKernels(engine),
    ...layerNorm,
    ...rmsNormKernels(engine),
    ...batchNormKernels(engine),
    ...lossKernels(engine),
    ...recurrentKernels(engine, gemm),
  };
  return { fused, epilogues: { linear: linearEpilogue(gemm), layerNormBackward } };
}
