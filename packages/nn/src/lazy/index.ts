export * from "./conv.ts";
export { LazyLinear } from "./linear.ts";
export { type LazyModule, LazyModuleMixin } from "./mixin.ts";
export * from "./norm.ts";
export { UninitializedBuffer, UninitializedParameter } from "./uninitialized.ts";
