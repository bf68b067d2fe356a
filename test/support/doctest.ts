import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { root } from "../../scripts/setup/paths.mjs";
import { packages } from "../../scripts/workspace.ts";
import { type Example, filesBelow } from "./examples.ts";
import { isValue } from "./expect-value.ts";

/**
 * Where a name that an example uses without importing it comes from: the documented file and what that file imports, then its
 * package, then the other packages.
 */
function namesAround(file: string): ReadonlyMap<string, string> {
  const own = packages().find(({ path }) => file.startsWith(`${relative(root, path)}/`));
  const order = [...packages()].sort((a, b) => rank(a.name, own?.name) - rank(b.name, own?.name));
  const names = new Map<string, string>();
  for (const { name, path } of order) for (const each of exported(join(path, "src/index.ts"))) names.set(each, name);
  if (!file.endsWith(".ts")) return names;
  // an entry that is a folder: `@flambeau/nn/torch7`
  for (const entry of own?.entries ?? []) {
    const folder = `${relative(root, own?.path ?? "")}/src/${entry.slice(2)}/`;
    if (entry === "." || !file.startsWith(folder) || existsSync(join(root, `${folder.slice(0, -1)}.ts`))) continue;
    for (const each of exported(join(root, folder, "index.ts"))) names.set(each, `${own?.name}${entry.slice(1)}`);
  }
  const path = join(root, file);
  for (const statement of program().getSourceFile(path)?.statements ?? []) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const { text } = statement.moduleSpecifier;
    const bindings = statement.importClause?.namedBindings;
    if (!bindings || !ts.isNamedImports(bindings)) continue;
    const from = text.startsWith(".") ? join(dirname(path), text) : text;
    for (const { name, propertyName } of bindings.elements) if (!propertyName) names.set(name.text, from);
  }
  for (const each of exported(path)) names.set(each, path);
  return names;
}

// later ones win: the documented package over the umbrella, that over the others
const rank = (name: string, own?: string) =>
  name === own ? 2 : name === "flambeau" ? 1 : name === "@flambeau/testkit" ? -1 : 0;

let parsed: ts.Program | undefined;
/** All sources of all packages, parsed once. */
function program(): ts.Program {
  const files = () => filesBelow("packages", (path) => /^packages\/[^/]+\/src\/.*\.ts$/.test(path));
  parsed ??= ts.createProgram(
    files().map((file) => join(root, file)),
    options(),
  );
  return parsed;
}

/** The names that a source file exports, re-exports included. */
function exported(file: string): string[] {
  const source = program().getSourceFile(file);
  const checker = program().getTypeChecker();
  const symbol = source && checker.getSymbolAtLocation(source);
  return symbol ? checker.getExportsOfModule(symbol).map(({ name }) => name) : [];
}

/** The compiler options of the workspace's sources. */
export function options(): ts.CompilerOptions {
  const file = join(root, "tsconfig.base.json");
  const { config } = ts.readConfigFile(file, (path) => readFileSync(path, "utf8"));
  return ts.parseJsonConfigFileContent(config, ts.sys, root).options;
}

/** The text of a module that runs an example and checks the values written behind its statements. */
export function moduleOf(example: Example, file: string, support: string): string {
  const source = ts.createSourceFile("example.ts", example.code, ts.ScriptTarget.Latest, true);
  const bound = new Set<string>();
  const used = new Set<string>();
  visit(source, bound, used);
  const around = namesAround(file);
  const imports = [...used].filter((name) => !bound.has(name) && !(name in globalThis) && around.has(name));
  const lines = imports.map((name) => `import { ${name} } from ${JSON.stringify(around.get(name))};`);
  return [
    'import "flambeau";',
    `import { expectValue } from ${JSON.stringify(join(support, "expect-value.ts"))};`,
    ...lines,
    `// ${example.where}`,
    withChecks(source),
    "export {};",
    "",
  ].join("\n");
}

/** Collects the names that a file binds and those it uses, but for property names. */
function visit(node: ts.Node, bound: Set<string>, used: Set<string>): void {
  if (ts.isIdentifier(node)) {
    const { parent } = node;
    const isBinding =
      (ts.isVariableDeclaration(parent) ||
        ts.isParameter(parent) ||
        ts.isBindingElement(parent) ||
        ts.isFunctionDeclaration(parent) ||
        ts.isClassDeclaration(parent) ||
        ts.isTypeAliasDeclaration(parent) ||
        ts.isInterfaceDeclaration(parent) ||
        ts.isImportSpecifier(parent) ||
        ts.isImportClause(parent) ||
        ts.isNamespaceImport(parent)) &&
      parent.name === node;
    const isField =
      (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
      (ts.isQualifiedName(parent) && parent.right === node) ||
      ((ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent) || ts.isMethodDeclaration(parent)) &&
        parent.name === node);
    if (isBinding) bound.add(node.text);
    else if (!isField) used.add(node.text);
  }
  ts.forEachChild(node, (child) => visit(child, bound, used));
}

/** The code with a comparison in place of, or behind, each top-level statement that a value is written behind. */
function withChecks(source: ts.SourceFile): string {
  const code = source.text;
  let out = "";
  let done = 0;
  for (const statement of source.statements) {
    const [comment] = ts.getTrailingCommentRanges(code, statement.end) ?? [];
    if (!comment || comment.kind !== ts.SyntaxKind.SingleLineCommentTrivia) continue;
    const written = wholeComment(code, comment);
    const subject = isValue(written) ? subjectOf(statement) : undefined;
    if (!subject) continue;
    const check = `expectValue(${subject}, ${JSON.stringify(written)});`;
    const keep = ts.isVariableStatement(statement) ? `${code.slice(done, statement.end)} ${check}` : undefined;
    out += keep ?? `${code.slice(done, statement.getStart())}${check}`;
    done = statement.end;
  }
  return out + code.slice(done);
}

/** The text of a line comment, with the lines of comment below it for as long as a bracket is open. */
function wholeComment(code: string, { pos, end }: ts.CommentRange): string {
  let text = code.slice(pos + 2, end).trim();
  for (let from = end; open(text) > 0; ) {
    const next = /^\s*\n[ \t]*\/\/(.*)/.exec(code.slice(from));
    if (!next) break;
    from += next[0].length;
    text += ` ${next[1]?.trim()}`;
  }
  return text;
}

const open = (text: string) => text.split(/[[({]/).length - text.split(/[\])}]/).length;

/** What a statement's value is: its expression, what it prints, or the one variable that it declares. */
function subjectOf(statement: ts.Statement): string | undefined {
  if (ts.isVariableStatement(statement)) {
    const [declaration, ...more] = statement.declarationList.declarations;
    return declaration && !more.length && ts.isIdentifier(declaration.name) ? declaration.name.text : undefined;
  }
  if (!ts.isExpressionStatement(statement)) return undefined;
  const { expression } = statement;
  if (ts.isCallExpression(expression) && expression.expression.getText() === "console.log") {
    return expression.arguments.length === 1 ? expression.arguments[0]?.getText() : undefined;
  }
  return expression.getText();
}
