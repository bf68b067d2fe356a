// Values as text, as a console shows them.

const most = 100;

/** One argument of `console.log`: texts as they are, tensors as they print, the rest as it is written in a program. */
export const format = (value: unknown): string => (typeof value === "string" ? value : inspect(value, 0));

function inspect(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "function") return `[function ${value.name}]`;
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const numbers = value as unknown as ArrayLike<number>; // every view but DataView is one
    return `${value.constructor.name}(${numbers.length}) ${list(Array.from(numbers), depth)}`;
  }
  if (Array.isArray(value)) return list(value, depth);
  if (value instanceof Map) return `Map(${value.size}) ${record([...value], depth)}`;
  if (value instanceof Set) return `Set(${value.size}) ${list([...value], depth)}`;
  const { toString } = value as { toString?: unknown };
  if (typeof toString === "function" && toString !== Object.prototype.toString) return String(value);
  return record(Object.entries(value), depth);
}

function list(values: readonly unknown[], depth: number): string {
  if (depth > 3) return "[...]";
  const shown = values.slice(0, most).map((each) => inspect(each, depth + 1));
  return `[${[...shown, ...(values.length > most ? [`... ${values.length - most} more`] : [])].join(", ")}]`;
}

function record(entries: readonly (readonly [unknown, unknown])[], depth: number): string {
  if (!entries.length) return "{}";
  if (depth > 3) return "{...}";
  const shown = entries.slice(0, most).map(([name, value]) => `${String(name)}: ${inspect(value, depth + 1)}`);
  return `{ ${[...shown, ...(entries.length > most ? ["..."] : [])].join(", ")} }`;
}
