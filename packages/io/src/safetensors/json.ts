/**
 * The first key that stands twice in one object of a JSON text, with its position; `JSON.parse` would keep the last one silently.
 * `text` must be valid JSON: parse it first.
 */
export function duplicateKey(text: string): { key: string; at: number } | undefined {
  const open: (Set<string> | null)[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const found = match[0];
    if (found === "{") open.push(new Set());
    else if (found === "[") open.push(null);
    else if (found === "}" || found === "]") open.pop();
    else if (isKey(text, token.lastIndex)) {
      const keys = open[open.length - 1];
      // valid JSON by contract, so a string before a colon is one
      const key = JSON.parse(found) as string;
      if (keys?.has(key)) return { key, at: match.index };
      keys?.add(key);
    }
  }
  return undefined;
}

const colon = /[ \t\n\r]*:/y;
function isKey(text: string, end: number): boolean {
  colon.lastIndex = end;
  return colon.test(text);
}
