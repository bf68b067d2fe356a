import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "../../scripts/setup/paths.mjs";

/** A code example of the documentation: a ```ts block of a page, or the @example of a docstring. */
export interface Example {
  /** Where it stands, as `docs/ops.md:12`. */
  readonly where: string;
  readonly code: string;
  /** The reason in `// doctest: skip <reason>`, when the example is type-checked and not run. */
  readonly skip?: string;
}

/** All files below a folder of the checkout that a filter accepts, in order. */
export function filesBelow(folder: string, accept: (path: string) => boolean): string[] {
  const path = join(root, folder);
  if (!statSync(path, { throwIfNoEntry: false })) return [];
  if (!statSync(path).isDirectory()) return accept(folder) ? [folder] : [];
  return readdirSync(path)
    .sort()
    .filter((name) => name !== "node_modules" && name !== "dist" && name !== "generated")
    .flatMap((name) => filesBelow(join(folder, name), accept));
}

const skipMark = /^\s*\/\/ doctest: skip\b[ :]*(.*)$/m;

function example(file: string, text: string, offset: number, code: string): Example {
  const where = `${relative(root, join(root, file))}:${text.slice(0, offset).split("\n").length}`;
  const skip = skipMark.exec(code);
  if (skip && !skip[1]?.trim()) throw new Error(`${where}: "// doctest: skip" needs a reason behind it`);
  return skip?.[1] ? { where, code, skip: skip[1].trim() } : { where, code };
}

/** The ```ts blocks of a Markdown page. Other languages are not code to run, nor is a ```ts sketch, which leaves things out. */
export function pageExamples(file: string): Example[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) =>
    example(file, text, match.index, match[1] ?? ""),
  );
}

/** The @example blocks in the docstrings of a source file, with the leading ` * ` and any fence taken off. */
export function docstringExamples(file: string): Example[] {
  const text = readFileSync(join(root, file), "utf8");
  if (text.startsWith("// Generated")) return []; // from docstrings that are run where they are written
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) =>
    // an example reaches to the next tag at the start of a line, or to the end of the comment
    [...comment[0].matchAll(/@example\b([\s\S]*?)(?=^\s*\*?\s*@[a-z]+\b|\*\/$)/gm)].map((match) => {
      const lines = (match[1] ?? "").split("\n").map((line) => line.replace(/^\s*\* ?/, ""));
      const body = lines.join("\n");
      const fenced = /```(?:ts|typescript)?\s*\n([\s\S]*?)```/.exec(body);
      return example(file, text, comment.index + match.index, fenced?.[1] ?? body);
    }),
  );
}
