// The text of docs/ops.md from the sources of the ops. `npm run tables` writes it; a test holds the page to what this gives.
import { basename, join } from "node:path";
import ts from "typescript";
import { root } from "./setup/paths.mjs";
import { firstSentence, format } from "./summary.ts";

/** The page, relative to the root. */
export const page = "docs/ops.md";

interface Op {
  readonly name: string;
  readonly signature: string;
  readonly summary: string;
  readonly isMethod: boolean;
}

const ops = "packages/tensor/src/ops";

/** The text of the page: per family a table of the public functions with their parameters, what they return and the first sentence of their docs. */
export function opsPage(): string {
  const families = [...collect()].map(([family, list]) => {
    const names = new Set(list.map(({ name }) => name));
    const rows = list
      .filter(({ name }) => !(name.endsWith("_") && names.has(name.slice(0, -1))))
      .map(({ name, signature, summary, isMethod }) => {
        const inPlace = names.has(`${name}_`) ? `\`${name}_\`` : "";
        return `| \`${name}${signature}\` | ${isMethod ? "yes" : ""} | ${inPlace} | ${summary} |`;
      });
    return [`## ${family}`, "", "| function | method | in place | computes |", "|---|---|---|---|", ...rows, ""].join(
      "\n",
    );
  });
  const head = [
    "# Operations",
    "",
    "Generated from the sources by `npm run tables`. Each function is exported by `@flambeau/tensor/functional` and `@flambeau/tensor`;",
    "where the second column says so, the latter installs it as a method of the tensor that is its first argument.",
    "",
  ];
  return [...head, ...families].join("\n");
}

function collect(): Map<string, Op[]> {
  const entry = join(root, "packages/tensor/src/index.ts");
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  const program = ts.createProgram([entry], ts.parseJsonConfigFileContent(config, ts.sys, root).options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const symbol = source && checker.getSymbolAtLocation(source);
  if (!source || !symbol) throw new Error(`${entry} has no exports`);
  const exported = checker.getExportsOfModule(symbol);
  const tensor = exported.find(({ name }) => name === "Tensor");
  const methods = new Set(
    tensor &&
      checker
        .getDeclaredTypeOfSymbol(resolved(tensor, checker))
        .getProperties()
        .map((p) => p.name),
  );
  const families = new Map<string, Op[]>();
  for (const each of exported) {
    const target = resolved(each, checker);
    const declaration = target.valueDeclaration;
    const file = declaration?.getSourceFile().fileName ?? "";
    if (!declaration || !file.includes(`/${ops}/`) || target.getJsDocTags().some(({ name }) => name === "internal"))
      continue;
    const [call] = checker.getTypeOfSymbolAtLocation(target, declaration).getCallSignatures();
    const summary = firstSentence(ts.displayPartsToString(target.getDocumentationComment(checker)));
    if (!call || !summary) continue;
    const family = basename(file, ".ts").replaceAll("-", " ");
    const list = families.get(family) ?? [];
    families.set(family, list);
    list.push({
      name: each.name,
      signature: parameters(call, checker, declaration),
      summary,
      isMethod: methods.has(each.name),
    });
  }
  for (const list of families.values()) list.sort((a, b) => (a.name < b.name ? -1 : 1));
  return new Map([...families].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const resolved = (symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

function parameters(call: ts.Signature, checker: ts.TypeChecker, at: ts.Node): string {
  const list = call.getParameters().map((parameter) => {
    const { valueDeclaration } = parameter;
    const optional =
      valueDeclaration && ts.isParameter(valueDeclaration) && checker.isOptionalParameter(valueDeclaration);
    const rest = valueDeclaration && ts.isParameter(valueDeclaration) && valueDeclaration.dotDotDotToken;
    const type = checker.getTypeOfSymbolAtLocation(parameter, at);
    // an options object is told by its fields
    const fields = parameter.name === "options" ? checker.getNonNullableType(type).getProperties() : [];
    if (fields.length) return `{ ${fields.map(({ name }) => name).join(", ")} }${optional ? "?" : ""}`;
    return `${rest ? "..." : ""}${parameter.name}${optional && !rest ? "?" : ""}`;
  });
  const gives = checker.typeToString(call.getReturnType(), at, format);
  return `(${list.join(", ")}): ${gives.replaceAll("|", "\\|")}`;
}
