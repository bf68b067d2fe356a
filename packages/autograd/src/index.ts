import { context } from "@flambeau/tensor/plugin";
import { tracer } from "./engine.ts";

context.tracer = tracer;

export { detectAnomaly, setDetectAnomaly } from "./anomaly.ts";
export { Function, type FunctionClass, FunctionContext } from "./function.ts";
export { backward, type GradOptions, grad } from "./grad.ts";
export {
  type Differentiable,
  type GradcheckOptions,
  type GradgradcheckOptions,
  gradcheck,
  gradgradcheck,
} from "./gradcheck.ts";
export * from "./transforms/index.ts";
