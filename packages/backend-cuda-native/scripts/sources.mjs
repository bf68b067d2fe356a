// The kernels' sources, and what names their state.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const folder = dirname(dirname(fileURLToPath(import.meta.url)));
export const kernels = join(folder, "native", "kernels");

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
