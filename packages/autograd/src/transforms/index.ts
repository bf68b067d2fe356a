export type { Argnums } from "./arguments.ts";
export type { Randomness } from "./batch-level.ts";
export { type GradAndValueFunction, type GradFunction, type GradFunctionOptions, gradAndValue } from "./grad-of.ts";
export {
  hessian,
  type JacobianFunction,
  type JacobianOf,
  type JacobianOptions,
  jacfwd,
  jacobian,
  jacrev,
} from "./jacobian.ts";
export { jvp, linearize } from "./jvp.ts";
export { hvp, vhp } from "./products.ts";
export { type AuxOptions, vjp } from "./vjp.ts";
export { type BatchDims, type VmapOptions, type Vmapped, vmap } from "./vmap.ts";
