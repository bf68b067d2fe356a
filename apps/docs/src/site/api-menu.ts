// The menu of the API's pages: an entry for each package, below it one for each of its rooms.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { DefaultTheme } from "vitepress";
import { staged } from "./places.ts";

type Item = DefaultTheme.SidebarItem;

function below(folder: string): Item[] {
  const here = join(staged, folder);
  if (!existsSync(here)) return [];
  const found = readdirSync(here, { withFileTypes: true });
  const folders = found.filter((each) => each.isDirectory()).map(({ name }) => name);
  const files = found.filter((each) => each.isFile() && each.name !== "index.md").map(({ name }) => name.slice(0, -3));
  return [...new Set([...folders, ...files])].sort().map((text) => {
    const items = folders.includes(text) ? below(`${folder}/${text}`) : undefined;
    const index = existsSync(join(here, text, "index.md")) ? `/${folder}/${text}/` : undefined;
    return {
      text,
      link: files.includes(text) ? `/${folder}/${text}` : index,
      ...(items && { items, collapsed: true }),
    };
  });
}

/** All packages; empty where the API was left out. */
export function apiMenu(): Item[] {
  const packages = below("api/@flambeau");
  return packages.length ? [{ text: "API", link: "/api/" }, ...packages] : [];
}
