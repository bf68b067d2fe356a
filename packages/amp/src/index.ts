export { type AutocastOptions, autocast, autocastDType, type HalfDType, isAutocastEnabled } from "./autocast.ts";
export { type CustomFwdOptions, customBwd, customFwd } from "./custom.ts";
export { GradScaler, type GradScalerOptions, type GradScalerState, type Steps } from "./grad-scaler.ts";
