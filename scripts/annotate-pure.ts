// An esbuild plugin for the published builds. What a module computes at its top level, in a package that says `sideEffects: false`, is
// there for who uses it: each such call is marked `/* @__PURE__ */`, so that a bundler which finds the packages in a few large files can
// drop it with its variable, as it drops unused modules of the sources. And exported classes are given their names as static properties:
// a program prints `Linear(...)` and `Adam (...)` also when it is minified.
import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";
import ts from "typescript";

const mark = "/* @__PURE__ */ ";

/**
 * The code with a mark before every call that an initializer at the top level makes, with those that read properties or spread lists
 * (which might have effects, for all a bundler knows) inside a marked call of their own, and with a name in every exported class.
 */
export function annotated(path: string, code: string): string {
  const source = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true);
  const inserted: [place: number, text: string][] = [];
  const calls = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return; // what it holds runs when it is called
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const start = node.getStart(source);
      const before = code.slice(0, start).trimEnd();
      // a call that begins where another does (`f(1)(2)`) is the other's callee: one mark serves both
      const marked = before.endsWith(mark.trim()) || inserted.some(([place]) => place === start);
      // minifiers print no blank between the two, and what follows `//` is a comment
      if (!marked && /(?<!\*)\/$/.test(before))
        throw new Error(
          `${path}: write a call at the top level in front of a division sign, not behind it: ${node.getText(source)}`,
        );
      if (!marked) inserted.push([start, mark]);
    }
    ts.forEachChild(node, calls);
  };
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement))
      for (const { initializer } of statement.declarationList.declarations) {
        if (!initializer) continue;
        if (reads(initializer))
          inserted.push([initializer.getStart(source), `${mark}(() => (`], [initializer.end, "))()"]);
        else calls(initializer);
      }
    // the packages whose classes print their names
    if (ts.isClassDeclaration(statement) && statement.name && isExported(statement) && !path.includes("/tensor/"))
      inserted.push([statement.members.pos, ` static name = "${statement.name.text}";`]);
  }
  let out = "";
  let done = 0;
  for (const [place, text] of inserted.sort(([a], [b]) => a - b)) {
    out += code.slice(done, place) + text;
    done = place;
  }
  return out + code.slice(done);
}
/** Whether an expression outside functions reads a property of something other than a plain global, or spreads. */
function reads(node: ts.Node): boolean {
  if (ts.isFunctionLike(node) || ts.isClassLike(node)) return false;
  if (ts.isSpreadAssignment(node) || ts.isSpreadElement(node) || ts.isElementAccessExpression(node)) return true;
  if (ts.isPropertyAccessExpression(node) && !(ts.isCallExpression(node.parent) && node.parent.expression === node))
    return !(ts.isIdentifier(node.expression) && /^(Math|Number|Symbol)$/.test(node.expression.text));
  return ts.forEachChild(node, reads) ?? false;
}
const isExported = (node: ts.ClassDeclaration): boolean =>
  node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;

/** Marks the sources below src/ as esbuild loads them. */
export const annotatePure: Plugin = {
  name: "annotate-pure",
  setup(build) {
    build.onLoad({ filter: /\/packages\/[^/]+\/src\/.*\.ts$/ }, ({ path }) => ({
      contents: annotated(path, readFileSync(path, "utf8")),
      loader: "ts",
    }));
  },
};

/**
 * The output with esbuild's namespace objects (`import * as math` used as a value) made by calls that may be dropped: as it writes them,
 * a statement fills each, which keeps every function of the module in a bundle of a bundle. Line numbers stay.
 */
export const droppableNamespaces = (code: string): string =>
  code
    .replace(/^(var __export = \(target, all\w*\) => \{\n[\s\S]*?)^\};$/m, "$1  return target; };")
    .replaceAll(/^var (\w+) = \{\};\n__export\(\1, \{$/gm, `var $1 =\n${mark}__export({}, {`);
