// What a program gives. It is not trusted: its numbers become places, its texts become texts, and there is an end to all of them.

const most = 20_000;

export const text = (value: unknown): string => (typeof value === "string" ? value.slice(0, 200) : "");
export const many = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.slice(0, 64) : []);

/** The numbers of anything that looks like a list of numbers. */
export function numbers(value: unknown, upTo = most): number[] {
  if (typeof value !== "object" || value === null || !("length" in value)) return [];
  return Array.from({ length: Math.min(Number(value.length) || 0, upTo) }, (_, i) => Number(Reflect.get(value, i)));
}

/** Rows of one length; what is missing is no number. */
export function rows(value: unknown, upTo: number): number[][] {
  const given = (Array.isArray(value) ? value.slice(0, upTo) : []).map((row) => numbers(row, upTo));
  const width = Math.max(0, ...given.map((row) => row.length));
  return width > 0 ? given.map((row) => Array.from({ length: width }, (_, i) => row[i] ?? Number.NaN)) : [];
}
