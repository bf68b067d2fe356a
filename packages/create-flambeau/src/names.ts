// What npm takes as a name, and what may stand in the folder of a new project.
import { readdirSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import validate from "validate-npm-package-name";

/** What is wrong with a package's name, by npm's own rules; undefined when nothing is. */
export function wrongName(name: string): string | undefined {
  const { validForNewPackages, errors = [], warnings = [] } = validate(name);
  if (validForNewPackages) return undefined;
  return `npm takes no package with the name ${JSON.stringify(name)}: ${[...errors, ...warnings].join("; ")}. Give another one by --name.`;
}

/** The name that a folder gives to its project. */
export const nameOf = (folder: string): string => basename(resolve(folder));

/** What may stand in the folder before the project does. */
const harmless = new Set([".git", ".DS_Store"]);

/** Why a project cannot be written into a folder; undefined when it can. */
export function wrongFolder(folder: string): string | undefined {
  const status = statSync(folder, { throwIfNoEntry: false });
  if (!status) return undefined;
  if (!status.isDirectory()) return `${folder} is a file. Name a folder that is empty or not there yet.`;
  const held = readdirSync(folder).filter((name) => !harmless.has(name));
  if (!held.length) return undefined;
  const some = held.slice(0, 3).join(", ");
  return `${folder} is not empty (${some}${held.length > 3 ? ", ..." : ""}). Name a folder that is empty or not there yet.`;
}
