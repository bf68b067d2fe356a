/** The op records of this folder (matrix products and decompositions), by name. */
export const linalgOps = {} as const;
