import type { FusedKernels } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { attentionKernels } from "./attention.ts";
import { convKernels } from "./conv.ts";
import { distanceKernel } from "./distance.ts";
import { drawKernel } from "./draw.ts";
import { flipKernel } from "./flip.ts";
import { linearKernel } from "./linear.ts";
import { lossKernels } from "./loss.ts";
import { nonzeroKernel } from "./nonzero.ts";
import { normalizationKernels } from "./normalization.ts";
import { optimizerKernels } from "./optimizer.ts";
import { poolKernels } from "./pooling.ts";
import { recurrentKernels } from "./recurrent.ts";
import { selectionKernels } from "./selection.ts";

/** The fast paths of this backend, by the name of the op (see `runFused` in @flambeau/tensor). */
export const fusedKernels = (engine: Engine): FusedKernels => ({
  ...convKernels(engine),
  ...poolKernels(engine),
  ...normalizationKernels(engine),
  linear: linearKernel(engine),
  ...lossKernels(engine),
  ...attentionKernels(engine),
  ...optimizerKernels(engine),
  ...recurrentKernels(engine),
  ...selectionKernels(engine),
  rand: drawKernel(engine, "uniform"),
  randn: drawKernel(engine, "normal"),
  flip: flipKernel(engine),
  nonzero: nonzeroKernel(engine),
  cdist: distanceKernel(engine),
});
