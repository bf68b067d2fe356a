import { join } from "node:path";
import ts from "typescript";
import { root } from "../../scripts/setup/paths.mjs";

const entries = ["index.ts", "plugin.ts"].map((name) => join(root, "packages/tensor/src", name));

/**
 * The arguments of each public function of @flambeau/tensor, users' and authors', whose declaration allows a number or a list of them: parameters, and
 * properties of options, by name. Operands, which stand for tensors, are left out.
 */
export function declaredNumbers(): Map<string, Set<string>> {
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  const program = ts.createProgram(entries, ts.parseJsonConfigFileContent(config, ts.sys, root).options);
  const checker = program.getTypeChecker();
  const found = new Map<string, Set<string>>();
  const names = entries.flatMap((entry) => {
    const source = program.getSourceFile(entry);
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${entry} has no exports`);
    return checker.getExportsOfModule(module);
  });
  for (const each of names) {
    const target = each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each;
    if (!target.valueDeclaration) continue;
    const calls = checker.getTypeOfSymbolAtLocation(target, target.valueDeclaration).getCallSignatures();
    if (calls.length === 0) continue;
    const numbers = new Set<string>();
    for (const call of calls)
      for (const parameter of call.getParameters())
        collect(checker, typeOf(checker, parameter), parameter.name, numbers, new Set());
    found.set(each.name, numbers);
  }
  return found;
}
const typeOf = (checker: ts.TypeChecker, symbol: ts.Symbol): ts.Type =>
  symbol.valueDeclaration
    ? checker.getTypeOfSymbolAtLocation(symbol, symbol.valueDeclaration)
    : checker.getTypeOfSymbol(symbol);

/** Adds the names under which a value of `given` can hold numbers. */
function collect(
  checker: ts.TypeChecker,
  given: ts.Type,
  name: string,
  into: Set<string>,
  seen: ReadonlySet<ts.Type>,
): void {
  const type = checker.getBaseConstraintOfType(given) ?? given;
  if (seen.has(type) || type.aliasSymbol?.name === "Operand") return;
  const inside = new Set(seen).add(type);
  if (type.flags & ts.TypeFlags.NumberLike) into.add(name);
  else if (type.isUnionOrIntersection()) for (const part of type.types) collect(checker, part, name, into, inside);
  else if (checker.isTupleType(type)) {
    // the parameters of another function, which keep their names
    const labels = (type as ts.TupleTypeReference).target.labeledElementDeclarations;
    checker.getTypeArguments(type as ts.TypeReference).forEach((part, i) => {
      collect(checker, part, labels?.[i]?.name.getText() ?? name, into, inside);
    });
  } else if (checker.isArrayType(type))
    for (const part of checker.getTypeArguments(type as ts.TypeReference)) collect(checker, part, name, into, inside);
  else if (isOptions(type))
    for (const property of type.getProperties())
      collect(checker, typeOf(checker, property), property.name, into, inside);
}
/** Types of our own that only hold data: no classes, no functions. */
const isOptions = (type: ts.Type): boolean =>
  (type.flags & ts.TypeFlags.Object) !== 0 &&
  !type.isClass() &&
  type.getCallSignatures().length === 0 &&
  type
    .getProperties()
    .every((p) => (p.declarations ?? []).every((d) => d.getSourceFile().fileName.includes("/packages/tensor/")));
