/** The op records of this folder (gathering and scattering), by name. */
export const indexOps = {} as const;
