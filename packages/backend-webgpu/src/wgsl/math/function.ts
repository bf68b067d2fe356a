/** A piece of the WGSL library: one function, constant or private variable, and the entries that its text names. */
export interface WgslFunction {
  readonly source: string;
  readonly uses?: readonly string[];
}
export type WgslFunctions = { readonly [name: string]: WgslFunction };

/**
 * A polynomial in the variable `x` by Horner's rule, highest coefficient first, as WGSL text. `fma` may round once or twice;
 * either will do, and unlike `*` and `+` no compiler in fast-math mode rearranges it.
 */
export const polynomial = (x: string, [first, ...rest]: readonly number[]): string =>
  rest.reduce((p, c) => `fma(${p}, ${x}, ${c}f)`, `${first}f`);
