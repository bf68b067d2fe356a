// The generated parts of docs/toolchains.md: what is tested, the import map, and the size of each entry. `npm run tables` writes them; a
// test says when they are out of date.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { kilobytes, whole } from "./bundle-size.ts";
import { root } from "./setup/paths.mjs";
import { importMap } from "./toolchains/import-map.ts";
import { ceilings, type Toolchain, toolchains, versionOf } from "./toolchains/table.ts";
import { packages } from "./workspace.ts";

/** The page, relative to the root. */
export const toolchainsPage = "docs/toolchains.md";
const marks = (part: string) => [`<!-- ${part}: written by \`npm run tables\` -->`, `<!-- end of ${part} -->`] as const;

/** The page with one of its parts replaced. */
function replaced(text: string, part: string, by: string): string {
  const [start, end] = marks(part);
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${toolchainsPage} has no place between "${start}" and "${end}"`);
  return `${text.slice(0, from)}${start}\n\n${by}\n\n${text.slice(to)}`;
}

/** A size may move by this share before the page is written anew: it says what to expect, and the ceilings of test/sizes.test.ts hold it. */
const slack = 0.1;
/** Not for pages: these run in tests, at the command line, and in Node alone. */
const apart = new Set([
  "@flambeau/testkit",
  "create-flambeau",
  "@flambeau/backend-cuda-native",
  "@flambeau/cpu-native",
]);
/** Not counted: a library that a user brings, and a part of Papa Parse that the published build leaves out. */
const brought = ["@huggingface/tokenizers", "stream"];

/** All entries of the packages that run in pages. */
const entries = (): string[] =>
  packages().flatMap(({ name, entries: own }) =>
    apart.has(name) ? [] : own.map((entry) => `${name}${entry.slice(1)}`),
  );

/** The sizes that stand in the page. */
export function writtenSizes(text: string): Map<string, number> {
  return new Map([...text.matchAll(/^\| `([^`]+)` \| (\d+) \|$/gm)].map(([, name = "", kB]) => [name, Number(kB)]));
}

/** The page as it shall be: sizes that are near what stands there stay. */
export async function toolchainsText(): Promise<string> {
  const text = readFileSync(join(root, toolchainsPage), "utf8");
  const before = writtenSizes(text);
  const rows = Object.values(toolchains).map(
    (each: Toolchain) => `| ${each.name} | ${versionOf(each)} | ${each.todo} |`,
  );
  const sizes: string[] = [];
  for (const entry of entries()) {
    const now = await kilobytes(whole(entry), brought);
    const written = before.get(entry);
    const stands = written !== undefined && Math.abs(written - now) <= Math.max(1, slack * now);
    sizes.push(`| \`${entry}\` | ${stands ? written : Math.round(now)} |`);
  }
  const map = JSON.stringify({ imports: importMap((name) => `/node_modules/${name}`) }, null, 2);
  let page = replaced(
    text,
    "what is tested",
    ["| with | tested | what to do |", "| --- | --- | --- |", ...rows].join("\n"),
  );
  page = replaced(
    page,
    "import map",
    `\`\`\`html\n<script type="importmap">\n${map.replaceAll(/^/gm, "  ")}\n</script>\n\`\`\``,
  );
  const programs = Object.values(ceilings).map(({ program, kB }) => `| ${program} | under ${kB} |`);
  page = replaced(page, "programs", ["| program | kB |", "| --- | ---: |", ...programs].join("\n"));
  return replaced(page, "sizes", ["| entry | kB |", "| --- | ---: |", ...sizes].join("\n"));
}
