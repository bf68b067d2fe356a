// What a program gives. It is not trusted: its numbers become places, its texts become texts, and there is an end to all of them.

const most = 20_000;

export const text = (value: unknown): string => (typeof value === "string" ? value.slice(0, 200) : "");
export const many = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.slice(0, 64) : []);

/** The numbers of anything that looks like a list of numbers. */
export function numbers(value: unknown): number[] {
  if (typeof value !== "object" || value === null || !("length" in value)) return [];
  return Array.from({ length: Math.min(Number(value.length) || 0, most) }, (_, i) => Number(Reflect.get(value, i)));
}
