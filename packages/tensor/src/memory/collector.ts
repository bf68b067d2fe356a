/** How the platform's garbage collector can be asked to look for dropped objects. */
export interface Collector {
  /**
   * Whether a WeakRef to a dropped object is empty as soon as `collect` returns, in the middle of a job: then a loop that never
   * yields can have its memory back.
   */
  readonly synchronous: boolean;
  collect(): void;
}

/** What is used of Node's modules; typed by hand: the package has no Node types and must load in browsers. */
interface NodeModules {
  readonly v8: { setFlagsFromString(flag: string): void };
  readonly vm: {
    createContext(sandbox: object, options: { readonly microtaskMode: "afterEvaluate" }): object;
    runInContext(code: string, context: object): unknown;
    runInNewContext(code: string): unknown;
  };
}
interface Realm {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly gc?: () => void;
  readonly Bun?: { gc?(force: boolean): void };
}
const realm = globalThis as Realm; // globals that only some platforms have

function nodeModules(): NodeModules | null {
  const load = realm.process?.getBuiltinModule;
  if (!load) return null;
  const v8 = load("node:v8") as NodeModules["v8"] | undefined;
  const vm = load("node:vm") as NodeModules["vm"] | undefined;
  return v8 && vm ? { v8, vm } : null;
}

/** Node's own collector. The flag is set back: it is there for the context made in between. */
function nodeCollector({ v8, vm }: NodeModules): (() => void) | null {
  v8.setFlagsFromString("--expose-gc");
  const gc = vm.runInNewContext("gc");
  if (!realm.gc) v8.setFlagsFromString("--no-expose-gc");
  if (typeof gc !== "function") return null;
  // an engine keeps what a WeakRef was made of or read from until the job ends; the end of a job in a context with a
  // microtask queue of its own counts as one
  const context = vm.createContext({}, { microtaskMode: "afterEvaluate" });
  return () => {
    vm.runInContext("0", context);
    gc();
  };
}

/** Whether there is a collector to call at all. In browsers there is none. */
export const mayCollect: boolean =
  realm.process?.getBuiltinModule !== undefined || realm.Bun?.gc !== undefined || realm.gc !== undefined;

/** Whether a dropped object is gone right after a collection. */
function clears(collect: () => void): boolean {
  // made in a function of its own, so that no register of this one keeps it
  const drop = () => new WeakRef({ dropped: true });
  const dropped = drop();
  collect();
  return dropped.deref() === undefined;
}

/** Arrays that stand for memory the engine does not see. */
const hints = 8;
const hintBytes = 64 * 2 ** 20;

/**
 * The engine counts the bytes of ArrayBuffers, and collects the sooner the more there are: some that are made and dropped, and never
 * touched, make it look. What it finds is known some turns of the event loop later. (V8: about five such calls after it was
 * dropped; with one array a call, seven, with 32 two.)
 */
function hint(): void {
  try {
    for (let i = 0; i < hints; i++) new ArrayBuffer(hintBytes);
  } catch {
    // no address space for it: then the engine has reasons enough of its own
  }
}

function find(): Collector {
  try {
    const node = nodeModules();
    const bun = realm.Bun?.gc;
    const collect = (node && nodeCollector(node)) ?? (bun ? () => bun(true) : realm.gc) ?? null;
    if (collect) return { synchronous: clears(collect), collect };
  } catch {
    // a platform that forbids it
  }
  return { synchronous: false, collect: hint };
}

let found: Collector | null = null;
/** The platform's collector, looked for and tried at the first need. */
export function collector(): Collector {
  found ??= find();
  return found;
}
