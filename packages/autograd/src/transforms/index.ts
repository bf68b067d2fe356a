export { type GradAndValueFunction, type GradFunction, type GradFunctionOptions, gradAndValue } from "./grad-of.ts";
export { type AuxOptions, vjp } from "./vjp.ts";
export { type BatchDims, type VmapOptions, type Vmapped, vmap } from "./vmap.ts";
