/** The op records of this folder (views, joining, padding), by name. */
export const shapeOps = {} as const;
