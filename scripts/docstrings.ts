// Which parts the docstrings of the public ops, layers, losses, optimizers and schedulers have: formula, shapes, errors, source,
// example. A test holds all of them to all parts; `node --conditions=source scripts/docstrings.ts packages/nn` lists what lacks where.
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { root } from "./setup/paths.mjs";

/** What a docstring must have, or refer to another that has it: how each part is recognized. */
export const parts: Readonly<Record<string, (doc: Doc) => boolean>> = {
  // a code span that computes or indexes something
  formula: ({ text }) => [...text.matchAll(/`[^`]+`/g)].some(([span]) => /[=+*/<>^(|]|\[[^\]]/.test(span)),
  shapes: ({ text }) => /^Shapes?: /m.test(text),
  errors: ({ tags }) => tags.has("throws"),
  source: ({ tags }) => tags.has("see"),
  example: ({ tags }) => tags.has("example"),
};

interface Doc {
  readonly text: string;
  readonly tags: ReadonlySet<string>;
}

/** A public name and what its docstring lacks. */
export interface Documented {
  readonly name: string;
  /** Where it is declared, from the root. */
  readonly file: string;
  readonly line: number;
  readonly missing: readonly string[];
}

/** Entries whose names do not repeat, in groups: Torch7's have names of nn's. */
const groups = [["tensor", "nn", "losses", "optim"], ["nn/torch7"], ["optim/torch7"], ["vision"]].map((names) =>
  names.map((name) => join(root, "packages", name.replace(/(\/|$)/, "/src$1"), "index.ts")),
);

/** The docstrings that are counted: functions of tensor's ops, functions and classes of the other packages that users call. */
export function documented(): Documented[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  const program = ts.createProgram(groups.flat(), ts.parseJsonConfigFileContent(config, ts.sys, root).options);
  return groups.flatMap((entries) => documentedIn(entries, program));
}

function documentedIn(entries: readonly string[], program: ts.Program): Documented[] {
  const checker = program.getTypeChecker();
  const found = new Map<string, { doc: Doc; at: ts.Declaration }>();
  for (const entry of entries) {
    const source = program.getSourceFile(entry);
    const symbol = source && checker.getSymbolAtLocation(source);
    if (symbol) collect(symbol, checker, found);
  }
  return [...found].map(([name, { at }]) => {
    const source = at.getSourceFile();
    const { line } = source.getLineAndCharacterOfPosition(at.getStart());
    return {
      name,
      file: relative(root, source.fileName),
      line: line + 1,
      missing: Object.keys(parts).filter((part) => !has(part, name, found)),
    };
  });
}

/** Whether a docstring has a part, or links to one that has it: `In place {@link add}`. */
function has(part: string, name: string, all: ReadonlyMap<string, { doc: Doc }>, seen = new Set<string>()): boolean {
  const found = all.get(name);
  if (!found || seen.has(name)) return false;
  seen.add(name);
  if (parts[part]?.(found.doc)) return true;
  return [...found.doc.text.matchAll(/\{@link (\w+)\}/g)].some(([, other = ""]) => has(part, other, all, seen));
}

function collect(
  module: ts.Symbol,
  checker: ts.TypeChecker,
  into: Map<string, { doc: Doc; at: ts.Declaration }>,
): void {
  for (const each of checker.getExportsOfModule(module)) {
    const target = each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each;
    if (target.flags & ts.SymbolFlags.ValueModule) {
      collect(target, checker, into); // a namespace: `init`, `lrScheduler`
      continue;
    }
    const at = target.valueDeclaration;
    const file = at?.getSourceFile().fileName ?? "";
    if (!at || file.includes("node_modules") || (file.includes("packages/tensor/") && !file.includes("/src/ops/")))
      continue;
    if (target.getJsDocTags().some(({ name }) => name === "internal")) continue;
    if (!(ts.isClassDeclaration(at) || checker.getTypeOfSymbolAtLocation(target, at).getCallSignatures().length))
      continue;
    const text = ts.displayPartsToString(target.getDocumentationComment(checker));
    const sources = ts
      .getJSDocCommentsAndTags(at)
      .map((node) => node.getText())
      .join("\n");
    const tags = new Set([...sources.matchAll(/@(throws|see|example)\s+\S/g)].map(([, tag = ""]) => tag));
    into.set(each.name, { doc: { text, tags }, at });
  }
}

/** Docstrings that no declaration takes: one above another, or above nothing. As `file:line`. */
export function orphans(files: readonly string[]): string[] {
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const taken = new Set<number>();
    const visit = (node: ts.Node): void => {
      const own = ts.getJSDocCommentsAndTags(node).filter((each) => ts.isJSDoc(each) && each.parent === node);
      const last = own.at(-1);
      if (last) taken.add(last.pos);
      ts.forEachChild(node, visit);
    };
    visit(source);
    const lost: string[] = [];
    for (const { index } of text.matchAll(/^[ \t]*\/\*\*(?!\/)/gm)) {
      const start = text.indexOf("/**", index);
      if (!taken.has(start)) lost.push(`${file}:${source.getLineAndCharacterOfPosition(start).line + 1}`);
    }
    return lost;
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const wanted = process.argv.slice(2);
  const all = documented().filter(({ file }) => !wanted.length || wanted.some((path) => file.startsWith(path)));
  const lacking = all.filter(({ missing }) => missing.length);
  for (const { file, line, name, missing } of lacking) process.stdout.write(`${file}:${line} ${name}: ${missing}\n`);
  process.stdout.write(`${all.length - lacking.length} of ${all.length} docstrings have every part\n`);
}
