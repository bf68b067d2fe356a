/** The op records of this folder (what layers are made of), by name. */
export const nnOps = {} as const;
