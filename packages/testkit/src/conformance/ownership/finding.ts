import { ArgumentError, AutogradError, FlambeauError } from "@flambeau/tensor";
import { Unmapped } from "../call.ts";
import { reasonOf } from "../ops.ts";

/** What a law says of one program: it holds, the program is refused as the law allows, there is nothing to compare, or a problem. */
export type Finding = "holds" | "refused" | "void" | { readonly problem: string };

/**
 * Compares a program in place with its twin out of place, of which `difference` says how they differ. One whose twin is refused says
 * nothing. Errors of other kinds than those with which Flambeau refuses are problems.
 */
export function compared<T>(
  apart: () => T,
  inPlace: () => T,
  difference: (ours: T, wanted: T) => string | null,
  refuses: (error: unknown) => boolean = (e) => e instanceof AutogradError || e instanceof ArgumentError,
): Finding {
  let wanted: T;
  try {
    wanted = apart();
  } catch (error) {
    return error instanceof FlambeauError || error instanceof Unmapped ? "void" : { problem: reasonOf(error) };
  }
  try {
    const problem = difference(inPlace(), wanted);
    return problem === null ? "holds" : { problem };
  } catch (error) {
    return refuses(error) ? "refused" : { problem: reasonOf(error) };
  }
}
