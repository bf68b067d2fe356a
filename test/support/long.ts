/** Whether the long forms run: `npm run test:all`. */
export const long: boolean = process.env.FLAMBEAU_LONG === "1";

/** Runs of a fuzz test: a sample in `npm test`, the whole set in the long form. */
export const runs = (sample: number): number => (long ? 40 * sample : sample);
