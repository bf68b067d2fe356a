import { context } from "@flambeau/tensor/plugin";
import { tracer } from "./engine.ts";

context.tracer = tracer;

export type { GradientEdge } from "@flambeau/tensor/functional";
export { type AnomalyOptions, detectAnomaly, setDetectAnomaly } from "./anomaly.ts";
export { type CheckpointOptions, checkpoint, checkpointSequential } from "./checkpoint/checkpoint.ts";
export { Function, type FunctionClass, FunctionContext } from "./function.ts";
export { backward, grad } from "./grad.ts";
export {
  type Differentiable,
  type GradcheckOptions,
  type GradgradcheckOptions,
  gradcheck,
  gradgradcheck,
} from "./gradcheck.ts";
export type { GradOptions } from "./gradients.ts";
export type { AccumulateGrad, PostAccumulateGradHook } from "./hooks/accumulate.ts";
export type { NodeHook, NodePrehook } from "./hooks/node-hooks.ts";
export {
  getGradientEdge,
  registerMultiGradHook,
  registerPostAccumulateGradHook,
} from "./hooks/registering.ts";
export { type OpcheckOptions, type OpcheckTest, opcheck } from "./opcheck.ts";
export { disableSavedTensorsHooks, savedTensorsHooks, saveOnCpu } from "./saved/hooks.ts";
export * from "./transforms/index.ts";
