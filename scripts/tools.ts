// Tools of this workspace, as the checks and the release call them.
import { join } from "node:path";
import { quietly } from "./setup/exec.mjs";
import { root } from "./setup/paths.mjs";

/** Runs a script of an installed package. @returns the end of its output */
export const tool = (what: string, script: string, ...args: string[]): Promise<string> =>
  quietly(what, process.execPath, [join(root, "node_modules", script), ...args]);

/** Whether a tarball's package.json leads to files that are there. */
export const publint = (tarball: string): Promise<string> => tool("publint", "publint/src/cli.js", tarball, "--strict");

/** Whether TypeScript finds a tarball's types under each way of resolving modules. */
export const attw = (tarball: string): Promise<string> =>
  tool("attw", "@arethetypeswrong/cli/dist/index.js", tarball, "--profile=esm-only", "--no-color");
