/** The op records of this folder (reductions, scans, sorting, searching), by name. */
export const reduceOps = {} as const;
