// A project is its layers, one over another: what all share, the template, the device, and what is needed for the two together.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UsageError } from "./errors.ts";
import { wrongFolder, wrongName } from "./names.ts";

/** Where the project runs. */
export const templates = ["node", "page"] as const;
/** What it computes on. */
export const devices = ["cpu", "webgpu"] as const;
export type Template = (typeof templates)[number];
export type Device = (typeof devices)[number];

/** What {@link create} makes. */
export interface Project {
  /** The folder, which must be empty or not be there. */
  readonly folder: string;
  /** The name in its package.json. */
  readonly name: string;
  readonly template: Template;
  readonly device: Device;
}

type Json = { [key: string]: unknown };
const plain = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** The second over the first, field by field. */
function merged(below: Json, above: Json): Json {
  const entries = Object.entries(above).map(([key, value]) => {
    const own = below[key];
    return [key, plain(own) && plain(value) ? merged(own, value) : value] as const;
  });
  return { ...below, ...Object.fromEntries(entries) };
}

const home = join(import.meta.dirname, "..");
/** This package's version, which is that of all of Flambeau's packages. */
export const version = (): string => JSON.parse(readFileSync(join(home, "package.json"), "utf8")).version;

/** npm leaves files of this name out of packages. */
const renamed: Readonly<Record<string, string>> = { _gitignore: ".gitignore" };

/** The files of a project, by their paths. */
export function filesOf({ name, template, device }: Omit<Project, "folder">): Map<string, string> {
  const files = new Map<string, string>();
  let manifest: Json = { name };
  for (const layer of ["shared", template, device, `${template}-${device}`]) {
    const folder = join(home, "templates", layer);
    if (!existsSync(folder)) continue;
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const text = readFileSync(path, "utf8").replaceAll("{{name}}", name).replaceAll("{{version}}", version());
      const below = path.slice(folder.length + 1).replaceAll("\\", "/");
      if (below === "package.json") manifest = merged(manifest, JSON.parse(text));
      else files.set(renamed[below] ?? below, text);
    }
  }
  for (const key of ["dependencies", "devDependencies"]) {
    const listed = manifest[key];
    if (plain(listed)) manifest[key] = Object.fromEntries(Object.entries(listed).sort());
  }
  return files.set("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * Writes a project into a folder.
 *
 * @returns the paths of its files, below the folder
 * @throws UsageError when the folder holds something, or when npm takes no such name
 */
export function create(project: Project): string[] {
  if (!templates.includes(project.template))
    throw new UsageError(`There is no template ${project.template}: take ${templates.join(" or ")}.`);
  if (!devices.includes(project.device))
    throw new UsageError(`There is no device ${project.device}: take ${devices.join(" or ")}.`);
  const wrong = wrongName(project.name) ?? wrongFolder(project.folder);
  if (wrong) throw new UsageError(wrong);
  const files = filesOf(project);
  for (const [path, text] of files) {
    const target = join(project.folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  return [...files.keys()].sort();
}
