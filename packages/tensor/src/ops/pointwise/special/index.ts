export { airyAi } from "./airy.ts";
export { besselJ0, besselJ1, besselY0, besselY1, sphericalBesselJ0 } from "./bessel.ts";
export { erf, erf_, erfc, erfc_, erfcx, erfinv, erfinv_ } from "./error-function.ts";
export { digamma, digamma_, gammaln, lgamma, lgamma_, multigammaln, mvlgamma, polygamma, psi } from "./gamma.ts";
export { gammainc, gammaincc, igamma, igammac } from "./incomplete-gamma.ts";
export {
  i0,
  i0_,
  i0e,
  i1,
  i1e,
  modifiedBesselI0,
  modifiedBesselI1,
  modifiedBesselK0,
  modifiedBesselK1,
  scaledModifiedBesselK0,
  scaledModifiedBesselK1,
} from "./modified-bessel.ts";
export { entr, logNdtr, ndtr, ndtri } from "./normal.ts";
export {
  chebyshevPolynomialT,
  chebyshevPolynomialU,
  chebyshevPolynomialV,
  chebyshevPolynomialW,
  hermitePolynomialH,
  hermitePolynomialHe,
  laguerrePolynomialL,
  legendrePolynomialP,
  shiftedChebyshevPolynomialT,
  shiftedChebyshevPolynomialU,
  shiftedChebyshevPolynomialV,
  shiftedChebyshevPolynomialW,
} from "./polynomials.ts";
export { zeta } from "./zeta.ts";
