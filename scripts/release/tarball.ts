// What is in a tarball, looked at as whoever installs it would find it.
import { statSync } from "node:fs";
import { quietly } from "../setup/exec.mjs";

export interface Contents {
  /** Its size, in bytes. */
  readonly bytes: number;
  readonly files: readonly string[];
}

/** Lists a tarball. @throws when it lacks its licence or README, or holds sources or tests */
export async function contentsOf(name: string, tarball: string): Promise<Contents> {
  const listed = await quietly(`The list of ${name}`, "tar", ["-tzf", tarball]);
  const files = listed
    .trim()
    .split("\n")
    .map((path) => path.replace(/^package\//, ""));
  for (const needed of ["package.json", "LICENSE", "README.md"])
    if (!files.includes(needed)) throw new Error(`${name}: its tarball has no ${needed}`);
  const foreign = files.filter((path) => /^(src|test|scripts|node_modules|\.)\/?/.test(path));
  if (foreign.length) throw new Error(`${name}: its tarball holds ${foreign.slice(0, 3).join(", ")}`);
  return { bytes: statSync(tarball).size, files };
}
