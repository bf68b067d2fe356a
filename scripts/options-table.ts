// The text of docs/options.md from the sources of layers, losses, optimizers, data loading and language models. `npm run tables` writes it; a test holds
// the page to what this gives.
import { join } from "node:path";
import ts from "typescript";
import { root } from "./setup/paths.mjs";
import { firstSentence, format } from "./summary.ts";

/** The page, relative to the root. */
export const page = "docs/options.md";

const parts = [
  { folder: "nn", title: "Layers" },
  { folder: "nn/torch7", title: "Layers and criterions of Torch7" },
  { folder: "losses", title: "Losses" },
  { folder: "optim", title: "Optimizers and schedules" },
  { folder: "data", title: "Data" },
  { folder: "data/csv", title: "Tables" },
  { folder: "text", title: "Language models and texts" },
  { folder: "vision", title: "Images" },
] as const;

/** The text of the page: for each class and function with options, a table of their names, types and docs. */
export function optionsPage(): string {
  const entries = parts.map(({ folder }) => join(root, "packages", folder.replace(/(\/|$)/, "/src$1"), "index.ts"));
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  const program = ts.createProgram(entries, ts.parseJsonConfigFileContent(config, ts.sys, root).options);
  const checker = program.getTypeChecker();
  const sections = parts.map(({ title }, i) => {
    const source = program.getSourceFile(entries[i]);
    const symbol = source && checker.getSymbolAtLocation(source);
    if (!symbol) throw new Error(`${entries[i]} has no exports`);
    const tables = checker
      .getExportsOfModule(symbol)
      .map((each) => table(each, checker))
      .filter((text) => text !== null)
      .sort();
    return [`## ${title}`, "", ...tables].join("\n");
  });
  const head = [
    "# Options",
    "",
    "Generated from the sources by `npm run tables`: what layers, losses, optimizers, schedules, data loading, language models and images take by name. A name that is",
    "not here is refused. Those of the operations stand in [ops.md](ops.md).",
    "",
  ];
  return [...head, ...sections].join("\n");
}

function table(exported: ts.Symbol, checker: ts.TypeChecker): string | null {
  const target = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const at = target.valueDeclaration;
  if (!at || target.getJsDocTags().some(({ name }) => name === "internal")) return null;
  const type = checker.getTypeOfSymbolAtLocation(target, at);
  const [call] = [...type.getConstructSignatures(), ...type.getCallSignatures()];
  const options = call?.getParameters().find(({ name }) => name === "options");
  if (!call || !options) return null;
  const fields = checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(options, at)).getProperties();
  if (fields.length === 0) return null;
  const names = call.getParameters().map(({ name }) => name);
  const rows = fields.map((field) => {
    const value = checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(field, at));
    const written = checker.typeToString(value, at, format).replaceAll("|", "\\|");
    const docs = ts.displayPartsToString(field.getDocumentationComment(checker));
    const needed = field.flags & ts.SymbolFlags.Optional ? "" : " (needed)";
    return `| \`${field.name}\`${needed} | \`${written}\` | ${oneLine(docs)} |`;
  });
  const form = `${type.getConstructSignatures().length > 0 ? "new " : ""}${exported.name}(${names.join(", ")})`;
  const summary = firstSentence(ts.displayPartsToString(target.getDocumentationComment(checker)));
  return [`### \`${form}\``, "", summary, "", "| option | type | meaning |", "|---|---|---|", ...rows, ""].join("\n");
}

const oneLine = (text: string): string =>
  text
    .replaceAll(/\{@link (\w+)\}/g, "`$1`")
    .replaceAll(/\s+/g, " ")
    .replaceAll("|", "\\|")
    .trim();
