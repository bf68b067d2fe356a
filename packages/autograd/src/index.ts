import { context } from "@flambeau/tensor/functional";
import { tracer } from "./engine.ts";

context.tracer = tracer;

export { detectAnomaly, setDetectAnomaly } from "./anomaly.ts";
export { Function, type FunctionClass, FunctionContext } from "./function.ts";
export { backward, type GradOptions, grad } from "./grad.ts";
export { type Differentiable, type GradcheckOptions, gradcheck, gradgradcheck } from "./gradcheck.ts";
