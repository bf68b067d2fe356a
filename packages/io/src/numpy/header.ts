import { FormatError } from "@flambeau/tensor/functional";
import { maxRank } from "../limits.ts";

export interface NpyHeader {
  /** NumPy's name of the dtype, byte order first; of records the list of their fields. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** The keys of the dictionary, each with the form that its value must have. */
const forms = {
  descr: /(['"])([^'"\\]*)\1|\[.*?\](?=\s*,\s*['"](?:fortran_order|shape)['"]|\s*,?\s*\}\s*$)/y,
  fortran_order: /True|False/y,
  shape: /\(\s*((?:\d+L?\s*,\s*)*(?:\d+L?)?)\s*\)/y,
} as const;

/** NumPy's own limit: a longer header would be that of records, or hostile. */
export const maxHeaderBytes = 10_000;

/** Parse the Python dictionary that heads an npy file: exactly the keys descr, fortran_order and shape, in any order. */
export function parseNpyHeader(text: string, file: string, offset: number): NpyHeader {
  const fail = (at: number, problem: string): never => {
    throw new FormatError(file, offset + at, `the npy header ${problem}`);
  };
  let at = 0;
  const skip = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };
  const values = new Map<string, RegExpExecArray>();
  if (!skip(/\s*\{\s*/y)) fail(at, "is not a dictionary");
  while (!skip(/\}\s*$/y)) {
    const start = at;
    const key = skip(/(['"])(descr|fortran_order|shape)\1\s*:\s*/y)?.[2] as keyof typeof forms | undefined; // the pattern's alternatives
    if (!key || values.has(key)) return fail(start, "must have the keys descr, fortran_order and shape, once each");
    const value = skip(forms[key]);
    if (!value) return fail(at, `has an unreadable ${key}`);
    values.set(key, value);
    if (!skip(/\s*,\s*/y) && !/\s*\}\s*$/y.test(text.slice(at))) return fail(at, "has something after a value");
    skip(/\s*/y);
  }
  const [descr, order, sizes] = [values.get("descr"), values.get("fortran_order"), values.get("shape")];
  if (!descr || !order || !sizes) return fail(0, "must have the keys descr, fortran_order and shape, once each");
  const list = sizes[1].trim();
  // (3) is a number in Python, not a tuple
  if (/^\d+L?$/.test(list)) return fail(0, `has the shape (${list}), which is no tuple`);
  const items = list.replace(/,\s*$/, "").split(",");
  const shape = list === "" ? [] : items.map((size) => Number.parseInt(size, 10));
  // Python 3 has no other numbers with a 0 in front
  if (items.some((size) => /^\s*0\d*[1-9]/.test(size))) return fail(0, "has a size that starts with 0");
  if (!shape.every(Number.isSafeInteger)) return fail(0, "has a size beyond 2^53");
  if (shape.length > maxRank) return fail(0, `has a shape of ${shape.length} dimensions, the most is ${maxRank}`);
  return { descr: descr[2] ?? descr[0], fortranOrder: order[0] === "True", shape };
}
