// `npm audit` of what reaches users: what the published packages depend on, their peers, and the libraries that are built into them.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { quietly } from "../setup/exec.mjs";
import { manifestOf, type Package } from "../workspace.ts";

/** The libraries that a package holds, by its NOTICE.md, with their versions. */
export function builtIn(path: string): Record<string, string> {
  const notice = join(path, "NOTICE.md");
  if (!existsSync(notice)) return {};
  const heads = [...readFileSync(notice, "utf8").matchAll(/^## (\S+) (\d[\w.-]*)/gm)];
  return Object.fromEntries(heads.map(([, name = "", version = ""]) => [name, version]));
}

/** All of other projects that reaches who installs these packages. */
export function others(packages: readonly Package[]): Record<string, string> {
  const all = packages.flatMap(({ path }) => {
    const { dependencies = {}, peerDependencies = {} } = manifestOf(path);
    return Object.entries({ ...dependencies, ...peerDependencies, ...builtIn(path) });
  });
  return Object.fromEntries(all.filter(([, range]) => !range.startsWith("workspace:")));
}

/**
 * @returns what was found, in a line; undefined when the registry could not be asked, which `skipped` is told the reason of
 * @throws when it knows of a vulnerability
 */
export async function audit(
  packages: readonly Package[],
  folder: string,
  skipped: (reason: string) => void,
): Promise<string | undefined> {
  const dependencies = others(packages);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "audited", private: true, dependencies }));
  const flags = ["--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev"];
  try {
    await quietly("npm install", "npm", ["install", ...flags], { cwd: folder });
  } catch (error) {
    skipped(error instanceof Error ? (error.message.split("\n").find((line) => /code|request/.test(line)) ?? "") : "");
    return undefined;
  }
  const { stdout } = spawnSync("npm", ["audit", "--omit=dev", "--json"], { cwd: folder, encoding: "utf8" });
  const { metadata, message = "npm audit said nothing", vulnerabilities } = JSON.parse(stdout || "{}");
  if (!metadata) {
    skipped(message);
    return undefined;
  }
  const { total } = metadata.vulnerabilities;
  if (total) throw new Error(`npm audit knows of ${total}: ${Object.keys(vulnerabilities).join(", ")}`);
  return `${metadata.dependencies.prod} packages, nothing known against them`;
}
