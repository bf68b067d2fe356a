// After tsup: its bundler of declarations turns `declare module "./tensor.ts"` into `"./functional"`, without the ending that
// TypeScript's `nodenext` needs to resolve it, and the methods of Tensor would be missing there.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2] ?? "dist";
for (const name of readdirSync(folder)) {
  if (!name.endsWith(".d.ts")) continue;
  const path = join(folder, name);
  const text = readFileSync(path, "utf8");
  const complete = text.replaceAll(/^declare module "(\.\/[^".]+)"/gm, 'declare module "$1.js"');
  if (complete !== text) writeFileSync(path, complete);
}
