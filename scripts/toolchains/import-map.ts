// The import map of the packages that `flambeau` brings, for pages without a bundler.
import { manifestOf, type Package, packages } from "../workspace.ts";

/** A package's entries and the files that they are published as. */
function published({ name, path }: Package): [specifier: string, file: string][] {
  const exports = manifestOf(path).publishConfig?.exports as Record<string, { default: string }>; // of our own making
  return Object.entries(exports).map(([entry, { default: file }]) => [`${name}${entry.slice(1)}`, file.slice(2)]);
}

/** @param base where a package's files lie, as "/node_modules/flambeau" */
export function importMap(base: (name: string) => string): Record<string, string> {
  const all = packages();
  const umbrella = all.find(({ name }) => name === "flambeau");
  const brought = all.filter(({ name }) => name === "flambeau" || umbrella?.dependencies.includes(name));
  const entries = brought.flatMap((each) =>
    published(each).map(([specifier, file]) => [specifier, `${base(each.name)}/${file}`] as const),
  );
  return Object.fromEntries(entries);
}
