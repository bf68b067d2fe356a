/** Ops whose recorded gradient is no slope of their values, with the reason. */
export const noDerivative: { readonly [op: string]: string } = {};

/** Ops without a usable second derivative, with the reason. */
export const noSecondDerivative: { readonly [op: string]: string } = {};
