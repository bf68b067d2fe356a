import { existsSync, readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import type { NativeDevice } from "./addon.ts";
import { unavailable } from "./errors.ts";

const file = new URL("../kernels.ptx.br", import.meta.url);
let modules: readonly Module[] | undefined;

/** Kernels as PTX, for cards of a compute capability and later ones. */
export interface Module {
  readonly capability: number;
  readonly ptx: string;
  /** The kernels' names. */
  readonly kernels: readonly string[];
}

/** What the driver compiles for its card (and keeps): made by scripts/ptx.mjs from native/kernels, behind a first line that names these. */
export function kernelsPtx(): readonly Module[] {
  if (modules === undefined) {
    if (!existsSync(file)) throw unavailable("the kernels are missing from this package", "install it again");
    const [sources, ...rest] = brotliDecompressSync(readFileSync(file)).toString().split("// module ");
    modules = rest.map((text) => ({
      capability: Number.parseInt(text, 10),
      ptx: sources + text.slice(text.indexOf("\n") + 1),
      kernels: [...text.matchAll(/\.entry (\w+)\(/g)].map(([, name]) => name),
    }));
  }
  return modules;
}

/** Loads what a card takes. Gives the module of each kernel: of those that several have, the last one's, which asks for most. */
export function loadKernels(native: NativeDevice, capability: number): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const module of kernelsPtx()) {
    if (module.capability > capability) continue;
    const number = native.load(module.ptx);
    for (const name of module.kernels) found.set(name, number);
  }
  return found;
}

/** The text of one of the kernels' sources. */
export const kernelSource = (name: string): string =>
  readFileSync(new URL(`../native/kernels/${name}.cuh`, import.meta.url), "utf8");
