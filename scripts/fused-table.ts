// The table of fast paths in the guide for authors of backends, from the types that say what they are. `npm run tables` writes it; a test
// holds the guide to what this gives.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "./setup/paths.mjs";
import { firstSentence } from "./summary.ts";

/** The guide, relative to the root. */
export const guide = "examples/backend-template/README.md";

const source = "packages/tensor/src/contract/fused-ops.ts";
const [start, end] = ["<!-- fast paths: written by `npm run tables` -->", "<!-- end of fast paths -->"];

/** One entry of `FusedOps`. */
export interface FastPath {
  readonly name: string;
  readonly inputs: string;
  readonly outputs: string;
  readonly attrs: string;
  readonly summary: string;
}

/** The guide with the table as it shall be. */
export function guideText(): string {
  const text = readFileSync(join(root, guide), "utf8");
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${guide} has no place for the table between "${start}" and "${end}"`);
  const rows = fastPaths().map(
    ({ name, inputs, outputs, attrs, summary }) => `| \`${name}\` | ${inputs} | ${outputs} | ${attrs} | ${summary} |`,
  );
  const table = ["| op | inputs | outputs | attributes | computes |", "|---|---|---|---|---|", ...rows].join("\n");
  return `${text.slice(0, from)}${start}\n\n${table}\n\n${text.slice(to)}`;
}

/** All entries, in the order of the source. */
export function fastPaths(): FastPath[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  const program = ts.createProgram([join(root, source)], ts.parseJsonConfigFileContent(config, ts.sys, root).options);
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(join(root, source));
  const entries = file?.statements.find((s) => ts.isInterfaceDeclaration(s) && s.name.text === "FusedOps");
  if (!entries || !ts.isInterfaceDeclaration(entries)) throw new Error(`${source} has no interface FusedOps`);
  return entries.members.map((member) => {
    const type = ts.isPropertySignature(member) ? member.type : undefined;
    const [inputs, outputs, attrs] = type && ts.isTypeReferenceNode(type) ? (type.typeArguments ?? []) : [];
    const symbol = member.name && checker.getSymbolAtLocation(member.name);
    if (!symbol || !attrs) throw new Error(`${member.getText()} is no entry of fast paths`);
    return {
      name: symbol.name,
      inputs: listed(inputs),
      outputs: listed(outputs),
      attrs: attributes(checker.getTypeFromTypeNode(attrs)),
      summary: firstSentence(ts.displayPartsToString(symbol.getDocumentationComment(checker))),
    };
  });
}

/** The elements of a tuple of views: `x, weight, bias?`. */
function listed(node: ts.TypeNode): string {
  const tuple = ts.isTypeOperatorNode(node) ? node.type : node;
  if (!ts.isTupleTypeNode(tuple)) throw new Error(`${node.getText()} is no tuple`);
  return tuple.elements
    .map((element) => {
      if (!ts.isNamedTupleMember(element)) throw new Error(`${element.getText()} has no name`);
      return `${element.dotDotDotToken ? "..." : ""}${element.name.text}${element.questionToken ? "?" : ""}`;
    })
    .join(", ");
}

const attributes = (type: ts.Type): string =>
  type
    .getProperties()
    .map((p) => `${p.name}${p.flags & ts.SymbolFlags.Optional ? "?" : ""}`)
    .join(", ");
