// Once for all packaging tests: the tarballs that would be published.
import type { TestProject } from "vitest/node";
import { packAll } from "../../scripts/pack.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The path of each package's tarball, by package name. */
    readonly tarballs: Readonly<Record<string, string>>;
  }
}

export default async function setup({ provide }: TestProject): Promise<void> {
  provide("tarballs", Object.fromEntries(await packAll()));
}
