// Pages that quote files: a block ```ts file=path#part``` is written by `npm run tables`, and a test holds it to its file. A comment
// `// part: name` in a file begins a part of that name; what stands before the first is named by the path alone.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup/paths.mjs";

/** A quoted block of a page. */
export interface Quote {
  /** The file that it is from, relative to the root. */
  readonly file: string;
  /** Empty for what stands before the first part. */
  readonly part: string;
  readonly code: string;
}

const block = /^```ts file=([^\s#]+)(?:#(\S+))?\n([\s\S]*?)^```$/gm;
const mark = /^ *\/\/ part: (\S+)\n/m;

/** Pages with quotes, relative to the root. */
export const quotingPages = (): string[] =>
  globSync("docs/**/*.md", { cwd: root })
    .sort()
    .filter((page) => quotesOf(readFileSync(join(root, page), "utf8")).length > 0);

/** The quotes in a page's text, in order. */
export const quotesOf = (text: string): Quote[] =>
  [...text.matchAll(block)].map(([, file = "", part = "", code = ""]) => ({ file, part, code }));

/** The parts of a file's text by name, in order: put together again, with an empty line between them, they are the file without its marks. */
export function partsOf(text: string): Map<string, string> {
  const [head = "", ...rest] = text.split(mark);
  const parts = new Map([["", tidied(head)]]);
  for (let i = 0; i < rest.length; i += 2) parts.set(rest[i] ?? "", tidied(rest[i + 1] ?? ""));
  return parts;
}
const tidied = (part: string): string => `${part.trimEnd()}\n`;

/** A page's text with its quotes as the files are. */
export function quoted(page: string): string {
  return readFileSync(join(root, page), "utf8").replace(block, (_, file: string, part = "") => {
    const code = partsOf(readFileSync(join(root, file), "utf8")).get(part);
    if (code === undefined) throw new Error(`${page} quotes the part "${part}" of ${file}, which is not there`);
    return `\`\`\`ts file=${file}${part && `#${part}`}\n${code}\`\`\``;
  });
}
