import {
  ArgumentError,
  type Backend,
  backendOf,
  clone,
  copy_,
  FlambeauError,
  noGrad,
  reshape,
  ShapeError,
  type Tensor,
  to,
} from "@flambeau/tensor/functional";
import { checkTensor, hasDevice, option, sameShape, show, unreadable } from "@flambeau/tensor/plugin";
import { Buffer, isBuffer, isParameter, Parameter } from "./parameter.ts";

/** Names to tensors, in PyTorch's order and with PyTorch's keys. */
export type StateDict = Map<string, Tensor>;
/** What stateDict gives and what files hold; both are accepted. */
export type StateDictLike = ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>;

export interface LoadResult {
  /** Keys of the module that the state lacks. */
  readonly missingKeys: string[];
  /** Keys of the state that the module lacks. */
  readonly unexpectedKeys: string[];
}
/** What loading a state found so far; hooks may add to it, and take from it. */
export interface LoadProgress extends LoadResult {
  /** What else is wrong: anything here is thrown. */
  readonly errors: string[];
  readonly strict: boolean;
}

/** A parameter or buffer of a module's state. */
export interface StateEntry {
  readonly name: string;
  readonly field: string;
  readonly tensor: Tensor;
}
/** A module, as far as its state is looked at. */
export interface Stateful {
  ownState(): Iterable<StateEntry>;
  namedChildren(): Iterable<readonly [name: string, child: Stateful]>;
  getExtraState(): Tensor | undefined;
  setExtraState(state: Tensor): void;
}

/** Called before a module's part of a state is made. */
export type StateDictPreHook<M> = (module: M, prefix: string) => void;
/** Sees the state once a module's part and those below are in it, and may change it. */
export type StateDictPostHook<M> = (module: M, state: StateDict, prefix: string) => void;
/** Sees the part of a state that a module is to load, before anything is looked up in it, and may change it. */
export type LoadStateDictPreHook<M> = (module: M, state: StateDict, prefix: string, progress: LoadProgress) => void;
/** Called when a module and those below are loaded; what it takes out of the lists is not complained of. */
export type LoadStateDictPostHook<M> = (module: M, result: LoadResult) => void;
interface Kinds {
  statePre: StateDictPreHook<never>;
  statePost: StateDictPostHook<never>;
  loadPre: LoadStateDictPreHook<never>;
  loadPost: LoadStateDictPostHook<never>;
}
type Lists = { [K in keyof Kinds]: Kinds[K][] };
const all = new WeakMap<Stateful, Lists>();

/** Hangs a hook on what a module does with its state. Gives a function that removes it. */
export function addStateHook<K extends keyof Kinds>(module: Stateful, kind: K, hook: Kinds[K]): () => void {
  const lists = all.get(module) ?? { statePre: [], statePost: [], loadPre: [], loadPost: [] };
  all.set(module, lists);
  const list: Kinds[K][] = lists[kind];
  list.push(hook);
  let there = true;
  return () => {
    if (there) list.splice(list.indexOf(hook), 1);
    there = false;
  };
}
/** Gives a copy of a module the hooks of that module. */
export function copyStateHooks(from: Stateful, to: Stateful): void {
  const lists = all.get(from);
  if (lists === undefined) return;
  const { statePre, statePost, loadPre, loadPost } = lists;
  all.set(to, { statePre: [...statePre], statePost: [...statePost], loadPre: [...loadPre], loadPost: [...loadPost] });
}
function hooksOf<K extends keyof Kinds>(module: Stateful, kind: K): readonly Kinds[K][] {
  const list: readonly Kinds[K][] = all.get(module)?.[kind] ?? [];
  return [...list];
}

/** The modules from the root down to `module`. @throws ArgumentError when it is one of those above it. */
export function below<M extends object>(op: string, module: M, above: readonly M[]): readonly M[] {
  if (above.includes(module))
    throw new ArgumentError(op, `a ${module.constructor.name} contains itself: there is no end to its submodules`);
  return [...above, module];
}

const extraKey = "_extra_state";

/** The state of a module and of those below it. */
export function stateOf(root: Stateful, start: string): StateDict {
  const out: StateDict = new Map();
  const visit = (module: Stateful, prefix: string, above: readonly Stateful[]) => {
    const path = below("stateDict", module, above);
    for (const hook of hooksOf(module, "statePre")) hook(module as never, prefix);
    for (const { name, tensor } of module.ownState()) out.set(prefix + name, tensor);
    const extra = module.getExtraState();
    if (extra !== undefined) out.set(prefix + extraKey, extra);
    for (const [name, child] of module.namedChildren()) visit(child, `${prefix}${name}.`, path);
    for (const hook of hooksOf(module, "statePost")) hook(module as never, out, prefix);
  };
  visit(root, start, []);
  return out;
}

/** A tensor of a state, and where it goes. */
interface Transfer {
  readonly key: string;
  readonly module: Stateful;
  readonly source: Tensor;
  /** null: the module's extra state. */
  readonly entry: StateEntry | null;
}

/** Loads a state into a module and those below it; everything is checked before anything is written. */
export function loadState(root: Stateful, state: StateDictLike, strict: boolean, assign: boolean): LoadResult {
  if (!option.object.takes(state))
    throw new ArgumentError("loadStateDict", `the state is a Map or an object of tensors by name, got ${show(state)}`);
  const progress: LoadProgress = { missingKeys: [], unexpectedKeys: [], errors: [], strict };
  // as hooks that come after a module see it: what was found up to there
  const seen: LoadProgress = { ...progress, missingKeys: [], unexpectedKeys: [] };
  const transfers: Transfer[] = [];
  const after: (() => void)[] = [];
  let awaited = false;
  const visit = (module: Stateful, local: StateDict, prefix: string, above: readonly Stateful[]) => {
    const path = below("loadStateDict", module, above);
    const [missing, unexpected] = [progress.missingKeys.length, progress.unexpectedKeys.length];
    for (const hook of hooksOf(module, "loadPre")) hook(module as never, local, prefix, progress);
    const children = [...module.namedChildren()];
    sort(module, local, prefix, new Set(children.map(([name]) => name)), transfers, progress);
    const found = [progress.missingKeys.slice(missing), progress.unexpectedKeys.slice(unexpected)];
    after.push(() => {
      seen.missingKeys.push(...found[0]);
      seen.unexpectedKeys.push(...found[1]);
    });
    for (const [name, child] of children) {
      const inside = `${prefix}${name}.`;
      visit(child, new Map([...local].filter(([key]) => String(key).startsWith(inside))), inside, path);
    }
    for (const hook of hooksOf(module, "loadPost")) {
      awaited = true;
      after.push(() => hook(module as never, seen));
    }
  };
  visit(root, new Map<string, Tensor>(state instanceof Map ? state : Object.entries(state)), "", []);
  for (const { key, source, entry } of transfers) checkTransfer(key, source, entry, assign);
  // hooks that come after may still forgive what is missing
  if (!awaited) complain(progress);
  noGrad(() => {
    for (const transfer of transfers) write(transfer, assign);
  });
  for (const step of after) step();
  complain(seen);
  return { missingKeys: seen.missingKeys, unexpectedKeys: seen.unexpectedKeys };
}

/** Finds what of a state belongs to a module itself, and what to none. */
function sort(
  module: Stateful,
  local: StateDict,
  prefix: string,
  children: ReadonlySet<string>,
  transfers: Transfer[],
  { missingKeys, unexpectedKeys }: LoadResult,
): void {
  const own = new Set<string>();
  const take = (name: string, entry: StateEntry | null) => {
    own.add(name);
    const key = prefix + name;
    const source = local.get(key);
    if (local.has(key))
      transfers.push({ key, module, source: source as Tensor, entry }); // what is none is refused below
    else missingKeys.push(key);
  };
  for (const entry of module.ownState()) take(entry.name, entry);
  if (module.getExtraState() !== undefined) take(extraKey, null);
  for (const key of local.keys()) {
    if (!String(key).startsWith(prefix)) continue;
    const [first, ...rest] = String(key).slice(prefix.length).split(".");
    if (rest.length > 0 ? !children.has(first) : !own.has(first)) unexpectedKeys.push(key);
  }
}

function complain({ missingKeys, unexpectedKeys, errors, strict }: LoadProgress): void {
  const problems = [...errors];
  if (strict && unexpectedKeys.length > 0) problems.unshift(`unexpected keys: ${unexpectedKeys.join(", ")}`);
  if (strict && missingKeys.length > 0) problems.unshift(`missing keys: ${missingKeys.join(", ")}`);
  if (problems.length > 0)
    throw new FlambeauError(
      `loadStateDict: ${problems.join("; ")}`,
      errors.length > 0 ? undefined : "pass { strict: false } to load what fits",
    );
}

function checkTransfer(key: string, source: Tensor, entry: StateEntry | null, assign: boolean): void {
  checkTensor("loadStateDict", `"${key}"`, source);
  if (entry === null) return;
  const target = entry.tensor;
  if (!sameShape(source.shape, target.shape) && !isOldScalar(source, target))
    throw new ShapeError(
      "loadStateDict",
      `"${key}" has shape [${source.shape.join(",")}], the module's is [${target.shape.join(",")}]`,
      [source.shape, target.shape],
    );
  if (!assign && source.backend !== homeOf(target) && !source.backend.readSync)
    throw unreadable(
      "loadStateDict",
      source,
      `"${key}" goes to device "${target.device}"`,
      `await x.toAsync("${target.device}") each tensor of the state first`,
    );
}
/** PyTorch wrote scalars as [1] up to 0.3, and reads them so. */
const isOldScalar = (source: Tensor, target: Tensor): boolean =>
  target.ndim === 0 && source.ndim === 1 && source.shape[0] === 1;

function write({ module, source, entry }: Transfer, assign: boolean): void {
  if (entry === null) {
    module.setExtraState(source);
    return;
  }
  const { field, tensor: target } = entry;
  if (source === target) return;
  const fitting = source.ndim === target.ndim ? source : reshape(source, target.shape);
  if (assign) Object.assign(module, { [field]: standing(fitting, target) });
  else if (target.backend === homeOf(target)) copy_(target, fitting);
  else rehome(target, fitting);
}
/** A tensor of a state as what is to stand in the place of a parameter or buffer. */
function standing(source: Tensor, target: Tensor): Tensor {
  if (isBuffer(target)) return isBuffer(source) ? source : new Buffer(source, target.persistent);
  if (!isParameter(source)) return new Parameter(source, target.requiresGrad);
  source.requiresGrad = target.requiresGrad;
  return source;
}

/** Where tensors of a tensor's device are made now: another backend of that name may have taken the place of its own. */
const homeOf = (t: Tensor): Backend => (hasDevice(t.device) ? backendOf(t.device) : t.backend);
/** Gives `target` the values of `source` in memory of its device's present backend. What it had is not looked at: it may be lost. */
function rehome(target: Tensor, source: Tensor): void {
  const { device, dtype } = target;
  const moved = to(source, { device, dtype });
  const made = moved.storage === source.storage || !moved.rowMajor ? clone(moved) : moved;
  target.setData(made);
  target.grad = null;
  if (moved !== source) moved.dispose();
  made.dispose();
}
