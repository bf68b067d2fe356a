import { ArgumentError } from "@flambeau/tensor/functional";
import { checkInteger, option } from "@flambeau/tensor/plugin";

// Which arguments of a function a transform is about.

/** The position of an argument, or several. */
export type Argnums = number | readonly number[];
export const argnumsKind = option.either(option.number, option.listOf(option.number));

/** Positions among `count` arguments, in their order. @throws ArgumentError for one that is none, or stands twice. */
export function positionsOf(op: string, argnums: Argnums, count: number): number[] {
  const list = typeof argnums === "number" ? [argnums] : argnums;
  if (list.length === 0) throw new ArgumentError(op, "argnums must name at least one argument");
  const out: number[] = [];
  for (const given of list) {
    checkInteger(op, "argnums", given);
    const at = given < 0 ? given + count : given;
    if (at < 0 || at >= count)
      throw new ArgumentError(op, `argnums names argument ${given}, and the function was called with ${count}`);
    if (out.includes(at)) throw new ArgumentError(op, `argnums names argument ${given} twice`);
    out.push(at);
  }
  return out;
}
