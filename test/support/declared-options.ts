import { join } from "node:path";
import ts from "typescript";
import { root } from "../../scripts/setup/paths.mjs";

/** The packages whose public entries are looked at, in an order in which each name is found where it is declared first. */
export const packages = {
  tensor: "@flambeau/tensor",
  autograd: "@flambeau/autograd",
  nn: "@flambeau/nn",
  "nn/torch7": "@flambeau/nn/torch7",
  losses: "@flambeau/losses",
  optim: "@flambeau/optim",
  amp: "@flambeau/amp",
  profiler: "@flambeau/profiler",
  tensorboard: "@flambeau/tensorboard",
  plot: "@flambeau/plot",
  text: "@flambeau/text",
  vision: "@flambeau/vision",
  data: "@flambeau/data",
  io: "@flambeau/io",
  graph: "@flambeau/graph",
  "backend-cpu-wasm": "@flambeau/backend-cpu-wasm",
  "backend-webgpu": "@flambeau/backend-webgpu",
  "backend-cuda-native": "@flambeau/backend-cuda-native",
  flambeau: "flambeau",
} as const;
type Package = keyof typeof packages;

/** What an option's type allows beside objects and functions. */
export interface Values {
  readonly boolean: boolean;
  readonly number: boolean;
  /** Any string, or those that are listed. */
  readonly string: boolean | readonly string[];
  readonly null: boolean;
  /** Everything: `unknown`. */
  readonly any: boolean;
}
/** A place of options among the arguments of a function, a constructor or a method. */
export interface Place {
  readonly package: Package;
  /** The way from the entry: `softmax`, `lrScheduler.StepLR`. */
  readonly path: readonly string[];
  readonly kind: "function" | "class";
  /** Of the class, in place of its constructor. */
  readonly method: string | null;
  readonly index: number;
  readonly options: ReadonlyMap<string, Values>;
  /** Optional options that do not take `undefined` by name, which a user's compiler may tell from a missing one (`exactOptionalPropertyTypes`). */
  readonly exact: readonly string[];
  /** What else the types allow in this place. */
  readonly other: Values;
}

/**
 * Where each exported function and class of the packages takes options: a parameter of an object type of our own that has optional properties
 * only, or one that is called `options`.
 */
export function declaredOptions(): Place[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  const entries = Object.keys(packages).map((name) =>
    join(root, "packages", name.replace(/(\/|$)/, "/src$1"), "index.ts"),
  );
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(entries, { ...options, exactOptionalPropertyTypes: true });
  const checker = program.getTypeChecker();
  const seen = new Set<ts.Symbol>();
  const found: Place[] = [];
  const visit = (from: Package, module: ts.Symbol, path: readonly string[]): void => {
    for (const each of checker.getExportsOfModule(module)) {
      const target = valueOf(checker, each);
      if (!target?.valueDeclaration || seen.has(target)) continue;
      seen.add(target);
      const here = [...path, each.name];
      if (target.flags & ts.SymbolFlags.ValueModule) {
        visit(from, target, here);
        continue;
      }
      const type = checker.getTypeOfSymbolAtLocation(target, target.valueDeclaration);
      const kind: Place["kind"] = target.flags & ts.SymbolFlags.Class ? "class" : "function";
      const add = (method: string | null, signatures: readonly ts.Signature[]) =>
        found.push(
          ...places(checker, signatures).map((place) => ({ package: from, path: here, kind, method, ...place })),
        );
      if (kind === "function") add(null, type.getCallSignatures());
      else {
        if (!isAbstract(target.valueDeclaration)) add(null, type.getConstructSignatures());
        for (const [name, signatures] of ownMethods(checker, target)) add(name, signatures);
      }
    }
  };
  Object.keys(packages).forEach((name, i) => {
    const source = program.getSourceFile(entries[i]);
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${entries[i]} has no exports`);
    visit(name as Package, module, []); // a key of it
  });
  return found;
}

/** What an export stands for, unless it is a type only. */
function valueOf(checker: ts.TypeChecker, exported: ts.Symbol): ts.Symbol | undefined {
  let at: ts.Symbol | undefined = exported;
  while (at && at.flags & ts.SymbolFlags.Alias) {
    if (at.declarations?.some(ts.isTypeOnlyImportOrExportDeclaration)) return undefined;
    at = checker.getImmediateAliasedSymbol(at);
  }
  return at;
}
const isAbstract = (at: ts.Declaration): boolean => (ts.getCombinedModifierFlags(at) & ts.ModifierFlags.Abstract) !== 0;

/** The public methods that a class declares itself. (Those of Tensor that its functions are come with the functions.) */
const ownMethods = (
  checker: ts.TypeChecker,
  target: ts.Symbol,
): [name: string, signatures: readonly ts.Signature[]][] =>
  checker
    .getDeclaredTypeOfSymbol(target)
    .getProperties()
    .flatMap((property) => {
      const at = property.declarations?.find(({ parent }) => target.declarations?.some((own) => own === parent));
      const hidden = ts.ModifierFlags.NonPublicAccessibilityModifier | ts.ModifierFlags.Abstract;
      // what a symbol of ours names is for ourselves, as is what is private
      if (!at || /^(__@|__#|#)/.test(property.name) || ts.getCombinedModifierFlags(at) & hidden) return [];
      return [[property.name, checker.getTypeOfSymbolAtLocation(property, at).getCallSignatures()]];
    });

/** Where signatures of one function take options. */
function places(
  checker: ts.TypeChecker,
  signatures: readonly ts.Signature[],
): Pick<Place, "index" | "options" | "exact" | "other">[] {
  // the types that each place takes, over all signatures
  const taken: ts.Type[][] = [];
  const named = new Set<ts.Type>();
  for (const signature of signatures)
    signature.getParameters().forEach((parameter, i) => {
      const declaration = parameter.valueDeclaration;
      if (!declaration || (ts.isParameter(declaration) && declaration.dotDotDotToken)) return;
      const given = checker.getTypeOfSymbolAtLocation(parameter, declaration);
      const types = parts(checker, given);
      (taken[i] ??= []).push(...types);
      if (parameter.name === "options") for (const type of types) named.add(type);
    });
  return [...taken.entries()].flatMap(([index, types = []]) => {
    const options = new Map<string, ts.Type[]>();
    const exact: string[] = [];
    const [own, other] = [types.filter(isOptions), types.filter((each) => !isOptions(each))];
    for (const each of own.filter((t) => named.has(t) || t.getProperties().every(isOptional)))
      for (const property of each.getProperties()) {
        const value = property.valueDeclaration
          ? checker.getTypeOfSymbolAtLocation(property, property.valueDeclaration)
          : checker.getTypeOfSymbol(property);
        const values = parts(checker, value);
        options.set(property.name, [...(options.get(property.name) ?? []), ...values]);
        if (isOptional(property) && !values.includes(checker.getUndefinedType())) exact.push(property.name);
      }
    if (options.size === 0) return [];
    const values = new Map([...options].map(([name, value]) => [name, valuesOf(value)]));
    return { index, options: values, exact, other: valuesOf(other) };
  });
}

/** The members of a union, of a type parameter's bound, or the type itself. */
function parts(checker: ts.TypeChecker, given: ts.Type): ts.Type[] {
  const type = checker.getBaseConstraintOfType(given) ?? given;
  return type.isUnion() ? type.types.flatMap((each) => parts(checker, each)) : [type];
}
const isOptional = (property: ts.Symbol): boolean => (property.flags & ts.SymbolFlags.Optional) !== 0;
/** Types of our own that only hold data: no classes, no functions. */
const isOptions = (type: ts.Type): boolean =>
  (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0 &&
  !type.isClass() &&
  type.getCallSignatures().length === 0 &&
  type.getProperties().length > 0 &&
  type
    .getProperties()
    .every((p) => (p.declarations ?? []).every((d) => d.getSourceFile().fileName.includes("/packages/")));
/** `{}`: all but null and undefined. */
const isAnything = (type: ts.Type): boolean =>
  (type.flags & ts.TypeFlags.Object) !== 0 &&
  type.getProperties().length === 0 &&
  type.getCallSignatures().length === 0 &&
  type.symbol?.name === "__type";
const valuesOf = (types: readonly ts.Type[]): Values => {
  const is = (flags: ts.TypeFlags) => types.some((type) => type.flags & flags);
  const literals = types.filter((type) => type.isStringLiteral()).map(({ value }) => value);
  return {
    // of a switch that is false or a name, false alone is there
    boolean: types.some(
      (type) => type.flags & ts.TypeFlags.BooleanLike && Reflect.get(type, "intrinsicName") !== "false",
    ),
    number: is(ts.TypeFlags.NumberLike),
    string: is(ts.TypeFlags.String) || (literals.length > 0 && literals),
    null: is(ts.TypeFlags.Null),
    any: is(ts.TypeFlags.Any | ts.TypeFlags.Unknown) || types.some(isAnything),
  };
};
