/** Files with cases that are known to fail, each with its reason. A run fails on any other. */
export const knownGaps: { readonly [file: string]: string } = {};
