const said = new Set<string>();

/** Says something on the console, once in a program for each `key`. */
export function warnOnce(key: string, message: string): void {
  if (said.has(key)) return;
  said.add(key);
  console.warn(message);
}
