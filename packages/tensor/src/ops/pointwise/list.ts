/** The op records of this folder (scalar formulas), by name. */
export const pointwiseOps = {} as const;
