// After tsup: its bundler of declarations moves `Tensor` into one of its files and leaves `declare module "../core/tensor.ts"` as it is
// (or without the ending that TypeScript's `nodenext` needs), so that the methods of Tensor would be missing. Here the augmentation
// names the file that declares the class, which exports it under its own name. And what declares `[Symbol.dispose]` says which library has
// the symbol, for programs with an older `lib`.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2] ?? "dist";
const files = readdirSync(folder).filter((name) => name.endsWith(".d.ts"));
/** @param {string} name */
const read = (name) => readFileSync(join(folder, name), "utf8");

const home = files.find((name) => /^declare class Tensor\b/m.test(read(name)));
if (!home) throw new Error(`no declaration in ${folder} has the class Tensor`);
const exported = /^export \{[^}]*\b(?:type )?Tensor(?=[,\s}])(?! as)/m;
if (!exported.test(read(home))) writeFileSync(join(folder, home), `${read(home)}\nexport { Tensor };\n`);

let augmented = 0;
for (const name of files) {
  const text = read(name);
  const complete = text.replace(/^declare module "[^"]+"(?= \{\n\s*interface Tensor\b)/gm, () => {
    augmented++;
    return `declare module "./${home.replace(/\.d\.ts$/, ".js")}"`;
  });
  const disposable = complete.includes("[Symbol.dispose]") ? '/// <reference lib="esnext.disposable" />\n' : "";
  if (disposable + complete !== text) writeFileSync(join(folder, name), disposable + complete);
}
if (augmented === 0) throw new Error(`no declaration in ${folder} gives Tensor its methods`);
