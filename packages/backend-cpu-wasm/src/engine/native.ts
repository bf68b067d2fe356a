import type { KernelFunction } from "./worker.ts";

/** An instruction set that native kernels are made for. */
export type InstructionSet = "avx512" | "avx2" | "neon";

/** A thread's native kernels on one heap (cpu-native/native/addon.cc). */
export interface NativeHeap {
  /** Under the names that those of the static module have. */
  readonly kernels: { readonly [name: string]: KernelFunction };
  /** Bytes of a row of a packed panel of a product's right operand. */
  readonly panelBytes: number;
  /** What programs of its `map_f32` may consist of: names, in order of their numbers. */
  readonly operations: readonly string[];
  /** Tells where the heap is now. */
  moved(memory: Uint8Array): void;
}

/** What the addon exports. */
interface Addon {
  readonly isas: readonly InstructionSet[];
  /** `pages`: the address at which the heap's number of pages stands. */
  readonly Heap: new (
    memory: Uint8Array,
    isa: InstructionSet,
    pages: number,
  ) => NativeHeap;
}

/** The addon's file and the instruction set to use of it: every thread loads it anew. */
export interface NativeChoice {
  readonly path: string;
  readonly isa: InstructionSet;
}

type Load = (path: string) => unknown;
const nodeModule = (
  globalThis as {
    process?: { getBuiltinModule?(id: "node:module"): { createRequire(from: string): Load } };
  }
).process?.getBuiltinModule?.("node:module");

/** Loads the optional package with native kernels, or says why there are none; null in pages, which have none. */
export function chooseNative(wanted: "auto" | InstructionSet): { addon: Addon; choice: NativeChoice } | string | null {
  if (!nodeModule) return null;
  let load: Load;
  let found: { path?: string; reason?: string };
  try {
    load = nodeModule.createRequire(import.meta.url);
    found = load("@flambeau/cpu-native") as typeof found; // its index.cjs
  } catch {
    return "@flambeau/cpu-native is not installed";
  }
  if (found.path === undefined) return found.reason ?? "it has none";
  try {
    const addon = load(found.path) as Addon;
    const isa = wanted === "auto" ? addon.isas[0] : addon.isas.find((each) => each === wanted);
    if (isa === undefined) return `this processor has no ${wanted === "auto" ? "AVX2" : wanted}`;
    return { addon, choice: { path: found.path, isa } };
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split("\n")[0];
  }
}
