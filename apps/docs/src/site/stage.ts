// Puts the site's pages in order below one folder, from which VitePress builds it.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../../../../scripts/setup/paths.mjs";
import { changelog } from "./changelog.ts";
import { examplePages } from "./example-pages.ts";
import { siteLinks } from "./links.ts";
import { alsoKnown, sections } from "./map.ts";
import { staged } from "./places.ts";

/** Writes a file whose folder may be missing, unless it says the same already: the development server looks at times. */
export function write(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** What a page of the repository is as a page of the site: comments gone, links led to pages. */
export function pageText(text: string, file: string, routes: ReadonlyMap<string, string>): string {
  return siteLinks(text.replace(/^<!--[\s\S]*?-->\n?/gm, ""), file, routes);
}

/** Writes all pages but the API's. */
export function stage(): void {
  const entries = sections.flatMap((section) => section.entries);
  const routes = new Map([...entries.map(({ file, route }) => [file, route] as const), ...Object.entries(alsoKnown)]);
  for (const { file, route } of entries)
    write(join(staged, `${route}.md`), pageText(readFileSync(join(root, file), "utf8"), file, routes));
  write(join(staged, "reference/changelog.md"), changelog());
  for (const { route, text } of examplePages()) write(join(staged, `${route}.md`), text);
  const pages = join(root, "apps/docs/pages");
  for (const name of readdirSync(pages)) write(join(staged, name), readFileSync(join(pages, name), "utf8"));
  cpSync(join(root, "apps/docs/public"), join(staged, "public"), { recursive: true });
}

/** Begins anew: pages that are gone leave nothing behind. */
export const clear = (): void => rmSync(staged, { recursive: true, force: true });
