export * from "./airy.ts";
export * from "./bessel.ts";
export { erf, erf_, erfc, erfc_, erfcx, erfinv, erfinv_ } from "./error-function.ts";
export * from "./gamma.ts";
export * from "./incomplete-gamma.ts";
export * from "./modified-bessel.ts";
export * from "./normal.ts";
export * from "./polynomials.ts";
export { zeta } from "./zeta.ts";
