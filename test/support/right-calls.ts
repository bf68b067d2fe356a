import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as flambeau from "flambeau";
import * as plot from "flambeau/plot";
import * as torch7 from "flambeau/torch7";
import * as vision from "flambeau/vision";
import ts from "typescript";
import { root } from "../../scripts/setup/paths.mjs";
import { docstringExamples, filesBelow } from "./examples.ts";
import { moreExamples } from "./more-examples.ts";

/** A call that an example of the documentation makes: what is called, on what (of a method), and with what. */
export interface RightCall {
  /** `softmax`, `nn.Linear`, `Tensor.at`, `optim.Adam.step`. */
  readonly name: string;
  /** Copies for one call; the tensors among them are its own. */
  readonly make: () => { readonly run: (args: unknown[]) => unknown; readonly args: unknown[] };
}

type Callable = (...args: unknown[]) => unknown;
type Names = { [name: string]: unknown };

const isClass = (x: unknown): boolean =>
  typeof x === "function" && /^class\b/.test(Function.prototype.toString.call(x));
const isNamespace = (x: unknown): x is Names =>
  typeof x === "object" && x !== null && (x as Names)[Symbol.toStringTag as never] === "Module";

/**
 * The calls that the examples of all packages, and more-examples.ts, make of what the umbrella exports: for each name those of the most
 * arguments, two at most; no example calls what is in `without`. The working directory is an empty one from here on: examples write files.
 */
export async function rightCalls(without: readonly string[] = []): Promise<RightCall[]> {
  const found = new Map<string, RightCall[]>();
  let watching = true;
  const note = (name: string, args: unknown[], call: (self: unknown, args: unknown[]) => unknown, self?: unknown) => {
    if (!watching || args.length === 0 || args.length > 8) return;
    if ([self, ...args].some((x) => x instanceof flambeau.Tensor && x.device !== "cpu")) return; // its device may be gone later
    watching = false; // what is called in order to copy, and by what is called, is not the example's
    try {
      const list = found.get(name) ?? [];
      found.set(name, list);
      const kept = args.map(copy);
      const own = self === undefined ? undefined : copy(self);
      const make = () => {
        const it = own === undefined ? undefined : copy(own);
        return { run: (given: unknown[]) => call(it, given), args: kept.map(copy) };
      };
      list.push({ name, make });
    } finally {
      watching = true;
    }
  };
  const watched = (value: unknown, path: string): unknown => {
    if (isNamespace(value))
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, watched(each, `${path}${name}.`)]));
    if (typeof value !== "function") return value;
    const name = path.slice(0, -1);
    const proxy: unknown = new Proxy(value, {
      apply(target, self, args) {
        note(name, args, (_, given) => Reflect.apply(target, undefined, given));
        return inside(() => Reflect.apply(target, self, args));
      },
      construct(target, args, as) {
        if (as === proxy) note(name, args, (_, given) => Reflect.construct(target, given));
        return inside(() => Reflect.construct(target, args, as));
      },
    });
    return proxy;
  };
  /** Runs what an example calls; its own calls are of no interest, but callbacks are the example's. */
  const inside = <T>(run: () => T): T => {
    const before = watching;
    watching = false;
    try {
      return run();
    } finally {
      watching = before;
    }
  };
  const environment: Names = {};
  for (const [name, value] of Object.entries(flambeau)) environment[name] = watched(value, `${name}.`);
  environment.plot = watched(plot, "plot.");
  environment.torch7 = watched(torch7, "torch7.");
  // names of vision that are also ones of tensor (`pad`) are its own in its examples
  const ofVision = watched(vision, "vision.") as Names;
  environment.vision = ofVision;
  // the examples of a package use its names without the namespace
  for (const part of ["amp", "data", "io", "losses", "optim", "plot", "tensorboard", "text", "torch7", "vision"])
    for (const [name, value] of Object.entries(environment[part] as Names)) environment[name] ??= value;
  for (const name of ["fashionMnist", ...without]) delete environment[name]; // that one downloads
  const undo: (() => void)[] = [];
  const sources = filesBelow("packages", (path) => /^packages\/(?!testkit|backend)[^/]+\/src\/.*\.ts$/.test(path));
  const own = hiddenMembers(sources);
  const patch = (prototype: object, path: string): void => {
    const hidden = own.get(prototype.constructor.name);
    for (const [name, { value, writable }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (typeof value !== "function" || name === "constructor" || !writable || hidden?.has(name)) continue;
      const method = value as Callable;
      (prototype as Names)[name] = function (this: unknown, ...args: unknown[]) {
        const f = (flambeau as Names)[name];
        // a function's method is called as the function, so that the tensor is an argument, too
        if (path === "Tensor" && typeof f === "function" && name !== "polygamma")
          note(name, [this, ...listed(name, args)], (_, given) => (f as Callable)(...given));
        else note(`${path}.${name}`, args, (self, given) => method.apply(self, given), this);
        return inside(() => method.apply(this, args));
      };
      undo.push(
        () => void Object.defineProperty(prototype, name, { value: method, writable: true, configurable: true }),
      );
    }
  };
  const patchAll = (names: Names, path: string, seen: Set<unknown>): void => {
    for (const [name, value] of Object.entries(names)) {
      if (seen.has(value)) continue;
      seen.add(value);
      if (isNamespace(value)) patchAll(value, `${path}${name}.`, seen);
      else if (isClass(value)) patch((value as { prototype: object }).prototype, `${path}${name}`);
    }
  };
  const seen = new Set<unknown>();
  patchAll(flambeau as Names, "", seen);
  patchAll(torch7 as Names, "torch7.", seen);
  patchAll(vision as Names, "vision.", seen);

  const log = console.log;
  console.log = () => {};
  process.chdir(mkdtempSync(join(tmpdir(), "right-calls-")));
  try {
    for (const file of sources)
      for (const { code, skip } of docstringExamples(file))
        if (!skip) await run(code, file.startsWith("packages/vision/") ? { ...environment, ...ofVision } : environment);
    for (const code of moreExamples)
      await run(code, environment, (error) => {
        throw new Error(`an example does not run: ${code}`, { cause: error });
      });
  } finally {
    console.log = log;
    for (const each of undo) each();
    watching = false;
  }
  // what has another form or name of what an example calls is called with the same
  for (const [name, f] of Object.entries(flambeau as Names)) {
    if (typeof f !== "function" || found.has(name)) continue;
    const known = [...found.keys()].find((other) => (flambeau as Names)[other] === f) ?? name.replace(/(_|Copy)$/, "");
    const calls = known === name ? undefined : found.get(known);
    if (calls)
      found.set(
        name,
        calls.map(({ make }) => ({ name, make: () => ({ ...make(), run: (given) => (f as Callable)(...given) }) })),
      );
  }
  return [...found.values()].flatMap((calls) => longest(calls, 2));
}

/** By class, its methods that the types keep from users. */
function hiddenMembers(sources: readonly string[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of sources) {
    let members = new Set<string>();
    const text = readFileSync(join(root, file), "utf8");
    for (const [, name, member, internal] of text.matchAll(
      /^(?:export )?(?:abstract )?class (\w+)|^ {2}(?:private|protected) [\w *]*?(\w+)[(<]|@internal.*\n {2}(\w+)\(/gm,
    )) {
      if (name !== undefined) found.set(name, (members = new Set()));
      else members.add(member ?? internal);
    }
  }
  return found;
}

/** The sizes that a method takes one after another, in the function's list. */
const listed = (name: string, args: unknown[]): unknown[] =>
  ["permute", "reshape", "expand", "repeat", "tile", "flip"].includes(name) && typeof args[0] === "number"
    ? [args]
    : args;

const longest = (calls: RightCall[], most: number): RightCall[] => {
  const by = new Map<number, RightCall>();
  for (const call of calls) by.set(call.make().args.length, call);
  return [...by]
    .sort(([a], [b]) => b - a)
    .map(([, call]) => call)
    .slice(0, most);
};

/** Runs an example, its names bound to `environment`. What it throws is not looked at here: the examples are tested elsewhere. */
async function run(code: string, environment: Names, failed: (error: unknown) => void = () => {}): Promise<void> {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  });
  const body = outputText.replace(/^import .*?;$/gm, "").replace(/^export /gm, "");
  const names = Object.keys(environment).filter(
    (name) =>
      name !== "var" && // a word of the language: it is a method's name alone
      new RegExp(`\\b${name}\\b`).test(body) &&
      !new RegExp(`(const|let|class|function)\\s+${name}\\b`).test(body),
  );
  try {
    const f = new Function(...names, `return (async () => { ${body} })();`) as Callable;
    await f(...names.map((name) => environment[name]));
  } catch (error) {
    failed(error);
  }
}

/** A copy whose tensors have memory of their own; of what holds no tensors, the value itself. */
function copy(value: unknown): unknown {
  if (value instanceof flambeau.Tensor) {
    if (value.disposed || value.constructor !== flambeau.Tensor) return value;
    const made = flambeau.noGrad(() => value.clone());
    if (value.isLeaf && value.requiresGrad) made.requiresGrad = true;
    return made;
  }
  if (Array.isArray(value)) return value.map(copy);
  if (ArrayBuffer.isView(value) && "slice" in value) return (value as Uint8Array).slice();
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, copy(each)]));
  return value;
}
