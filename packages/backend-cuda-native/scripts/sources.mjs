// Where the sources are, and what names the state of the kernels.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const folder = dirname(dirname(fileURLToPath(import.meta.url)));
export const kernels = join(folder, "native", "kernels");

/** The C++ sources of a folder below native/. @param {string} name */
export const sources = (name) =>
  readdirSync(join(folder, "native", name))
    .filter((file) => file.endsWith(".cc"))
    .sort()
    .map((file) => join(folder, "native", name, file));

/** The hash of the kernels' sources, which their PTX names in its first line. */
export function kernelsHash() {
  const sum = createHash("sha256");
  for (const name of readdirSync(kernels).sort())
    sum
      .update(name)
      .update("\0")
      .update(readFileSync(join(kernels, name)));
  return sum.digest("hex");
}

/**
 * What is compiled to PTX, each as a module of its own: for the lowest compute capability that has it. Programs have products and sums as separate
 * steps, as generated code has, whose bits are theirs.
 * @type {readonly { readonly name: string, readonly capability: number, readonly flags: readonly string[] }[]}
 */
export const modules = [
  { name: "kernels", capability: 75, flags: [] },
  { name: "programs", capability: 75, flags: ["-fmad=false"] },
  { name: "cores_75", capability: 75, flags: [] },
  { name: "cores_80", capability: 80, flags: [] },
];
