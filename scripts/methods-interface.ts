// The interface of Tensor's methods from the functions behind them: what an editor shows of `x.softmax(1)` is softmax's docstring, and
// "go to definition" has somewhere to go. (Types mapped from the functions say the same to the compiler, but lose both in published
// declarations.) `npm run tables` writes the file; a test holds it to what this gives.
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { root } from "./setup/paths.mjs";

/** The file, relative to the root. */
export const methodsFile = "packages/tensor/src/methods/interface.ts";
const table = join(root, "packages/tensor/src/methods/table.ts");

/** The text of the file: every property of `methods` in table.ts as a method, without the function's first parameter. */
export function methodsText(): string {
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  const program = ts.createProgram([table], ts.parseJsonConfigFileContent(config, ts.sys, root).options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(table);
  const symbol = source && checker.getSymbolAtLocation(source);
  const methods = symbol && checker.getExportsOfModule(symbol).find(({ name }) => name === "methods");
  if (!source || !methods) throw new Error(`${table} exports no methods`);
  const imports = new Map<string, string>();
  const members = checker
    .getTypeOfSymbolAtLocation(methods, source)
    .getProperties()
    .map((property) => member(property, checker, source, imports))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, text]) => text);
  const byFile = new Map<string, string[]>();
  for (const [name, file] of imports) byFile.set(file, [...(byFile.get(file) ?? []), name]);
  const lines = [...byFile]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, names]) => {
      const path = relative(dirname(join(root, methodsFile)), file);
      return `import type { ${names.sort().join(", ")} } from "${path.startsWith(".") ? path : `./${path}`}";`;
    });
  return [
    "// Generated from the functions in table.ts and their docstrings by `npm run tables`. A test holds it to them.",
    "// biome-ignore-all lint: what the sources say",
    "// biome-ignore-all format: generated",
    "// biome-ignore-all assist: generated",
    ...lines,
    "",
    "/** Every op that is a method of a tensor, which is the function's first argument. */",
    "export interface TensorMethods {",
    members.join("\n"),
    "}",
    "",
  ].join("\n");
}

/** A method's name, and its docstring and signatures as text. */
function member(
  property: ts.Symbol,
  checker: ts.TypeChecker,
  source: ts.SourceFile,
  imports: Map<string, string>,
): [name: string, text: string] {
  const origin = originOf(property, checker);
  const at = origin.valueDeclaration ?? origin.declarations?.[0];
  if (!at) throw new Error(`${property.name} has no declaration`);
  const own = documentation(at);
  const signatures = checker.getTypeOfSymbolAtLocation(property, source).getCallSignatures();
  const texts = signatures.map((signature, i) => {
    const overload = signatures.length > 1 ? documentation(signature.getDeclaration()) : "";
    const doc = overload || (i === 0 || !own ? own : `/** {@link ${property.name}} */`);
    const body = method(property.name, signature, checker, at, imports);
    return [...(doc ? doc.split("\n").map((line) => `  ${line.trim().replace(/^\*/, " *")}`) : []), `  ${body}`].join(
      "\n",
    );
  });
  if (!texts.length) throw new Error(`${property.name} is no function`);
  return [property.name, texts.join("\n")];
}

/** The function that a property of the table stands for: `sum`, `host.data`, the `viewAs` in `spread(viewAs)`. */
function originOf(property: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  const at = property.valueDeclaration ?? property.declarations?.[0];
  const resolved = (symbol: ts.Symbol | undefined): ts.Symbol => {
    if (!symbol) throw new Error(`${property.name} stands for nothing`);
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  };
  if (at && ts.isShorthandPropertyAssignment(at)) return resolved(checker.getShorthandAssignmentValueSymbol(at));
  if (at && ts.isExportSpecifier(at)) return resolved(checker.getExportSpecifierLocalTargetSymbol(at));
  if (!at || !ts.isPropertyAssignment(at)) return property;
  const inner = (node: ts.Expression): ts.Expression =>
    ts.isCallExpression(node) &&
    node.arguments[0] &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === "spread"
      ? inner(node.arguments[0])
      : ts.isArrowFunction(node) && !ts.isBlock(node.body) && ts.isCallExpression(node.body)
        ? node.body.expression
        : node;
  const found = resolved(checker.getSymbolAtLocation(inner(at.initializer)));
  // `const { viewAs } = views`
  const bound = found.valueDeclaration;
  if (!bound || !ts.isBindingElement(bound)) return found;
  const whole = bound.parent.parent;
  const from = ts.isVariableDeclaration(whole) && whole.initializer && checker.getTypeAtLocation(whole.initializer);
  return resolved(from ? from.getProperty(found.name) : undefined);
}

/** The last docstring above a declaration, as it is written. */
function documentation(at: ts.Node | undefined): string {
  if (!at) return "";
  const docs = ts.getJSDocCommentsAndTags(at).filter(ts.isJSDoc);
  return docs.at(-1)?.getText() ?? "";
}

const printer = ts.createPrinter({ removeComments: true });

function method(
  name: string,
  signature: ts.Signature,
  checker: ts.TypeChecker,
  at: ts.Node,
  imports: Map<string, string>,
): string {
  const flags = ts.NodeBuilderFlags.NoTruncation | ts.NodeBuilderFlags.IgnoreErrors;
  const node = checker.signatureToSignatureDeclaration(signature, ts.SyntaxKind.MethodSignature, at, flags);
  if (!node) throw new Error(`${name} has a signature that cannot be written`);
  const parameters = node.parameters
    .slice(1)
    .map((each) =>
      ts.isIdentifier(each.name)
        ? each
        : ts.factory.updateParameterDeclaration(
            each,
            each.modifiers,
            each.dotDotDotToken,
            ts.factory.createIdentifier("options"),
            each.questionToken,
            each.type,
            each.initializer,
          ),
    );
  const generic = new Set(node.typeParameters?.map((each) => each.name.text));
  const own = ts.factory.createMethodSignature(undefined, name, undefined, node.typeParameters, parameters, node.type);
  const scopes = [at, signature.getDeclaration()].filter((each) => each !== undefined);
  const types = scopes.flatMap((scope) => checker.getSymbolsInScope(scope, ts.SymbolFlags.Type | ts.SymbolFlags.Alias));
  const named = ts.transform(own, [
    (context) => {
      const visit = (each: ts.Node): ts.Node => {
        // a type from elsewhere is written as import("file").Name: it is imported at the top instead
        if (ts.isImportTypeNode(each) && each.qualifier && ts.isIdentifier(each.qualifier)) {
          const { text } = each.qualifier;
          if (!ts.isLiteralTypeNode(each.argument) || !ts.isStringLiteral(each.argument.literal))
            throw new Error(`${name}: ${text} comes from nowhere`);
          imports.set(text, join(dirname(at.getSourceFile().fileName), each.argument.literal.text));
          return ts.factory.createTypeReferenceNode(
            text,
            each.typeArguments?.map((type) => visit(type) as ts.TypeNode),
          );
        }
        if (ts.isTypeReferenceNode(each) && ts.isIdentifier(each.typeName) && !generic.has(each.typeName.text)) {
          const { text } = each.typeName;
          const found = types.find((type) => type.name === text);
          const target = found && found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found;
          const file = target?.declarations?.[0]?.getSourceFile();
          if (!file) throw new Error(`${name}: the type ${text} is not found where ${name} is declared`);
          if (!file.fileName.includes("node_modules")) imports.set(text, file.fileName);
        }
        return ts.visitEachChild(each, visit, context);
      };
      return (node) => visit(node) as ts.MethodSignature;
    },
  ]).transformed[0];
  if (!named) throw new Error(`${name} was lost`);
  return printer.printNode(ts.EmitHint.Unspecified, named, at.getSourceFile());
}
