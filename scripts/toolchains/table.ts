// What the packages are tested with, from their tarballs: the tests in test/packaging take their names from here, and docs/toolchains.md its rows.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup/paths.mjs";

export interface Toolchain {
  /** What it is called in the table. */
  readonly name: string;
  /** The package whose version is tested, as the workspace pins it; or the versions themselves. */
  readonly tested: { readonly package: string } | { readonly versions: string };
  /** What its user has to do. */
  readonly todo: string;
}

/** Next and React come from the registry when they are tested: Next's compiler accepts no packages from outside of a project's folder. */
export const framework = ["next@16.4.6", "react@19.3.1", "react-dom@19.3.1"];

const pinned = (name: string) => ({ package: name });
const chromium = { versions: "Chromium" };

/** By the name that a test gives to {@link tested}. */
export const toolchains = {
  "vite-dev": { name: "Vite, development server", tested: pinned("vite"), todo: "nothing" },
  "vite-build": {
    name: "Vite, build",
    tested: pinned("vite"),
    todo: '`build.target: "es2024"` for an `await` at the top level',
  },
  "vite-workers": { name: "Vite, workers", tested: pinned("vite"), todo: '`worker: { format: "es" }`' },
  webpack: { name: "webpack", tested: pinned("webpack"), todo: "nothing" },
  esbuild: { name: "esbuild", tested: pinned("esbuild"), todo: "`--bundle --format=esm`" },
  rollup: {
    name: "Rollup",
    tested: pinned("rollup"),
    todo: "its plugin that finds packages, as for any package",
  },
  "next-build": {
    name: "Next, built and started",
    tested: { versions: framework[0]?.split("@")[1] ?? "" },
    todo: "nothing, in server and client components and in route handlers",
  },
  "next-dev": {
    name: "Next, development server",
    tested: { versions: framework[0]?.split("@")[1] ?? "" },
    todo: "nothing",
  },
  "import-map": { name: "a page without a bundler", tested: chromium, todo: "an [import map](#import-maps)" },
  cdn: {
    name: 'a CDN, `<script type="module">`',
    tested: chromium,
    todo: "an [import map with the CDN's addresses](#from-a-cdn)",
  },
  worker: { name: "a module worker", tested: chromium, todo: "[tell results as arrays](#workers)" },
  isolated: {
    name: "a cross-origin isolated page",
    tested: chromium,
    todo: "[two headers](#cross-origin-isolation), for threads",
  },
  csp: { name: "a content security policy", tested: chromium, todo: "[two sources](#content-security-policy)" },
  node: { name: "Node", tested: { versions: "22, 24" }, todo: "`import`" },
  require: {
    name: 'Node, `require("flambeau")`',
    tested: { versions: "24" },
    todo: "nothing: it gives the same module",
  },
  permission: {
    name: "Node, `--permission`",
    tested: { versions: "24" },
    todo: "`--allow-worker` for threads, `--allow-fs-read` and `--allow-fs-write` for files",
  },
  deno: {
    name: "Deno",
    tested: pinned("deno"),
    todo: "`deno run --allow-read --allow-env --node-modules-dir=manual program.mjs`",
  },
  bun: { name: "Bun", tested: pinned("bun"), todo: "`bun program.mjs`" },
  vitest: { name: "Vitest", tested: pinned("vitest"), todo: "nothing; [compare tensors by value](#test-runners)" },
  jest: {
    name: "Jest",
    tested: pinned("jest"),
    todo: "`NODE_OPTIONS=--experimental-vm-modules`; with it `require` works too, from Node 24.9 on",
  },
} as const satisfies Readonly<Record<string, Toolchain>>;

/** What bundles of the tarballs stay under, in kB, min + gzip. */
export const ceilings = {
  op: { program: "one op of `@flambeau/tensor/functional`, without a backend", kB: 17.5 },
  training: { program: "a training program from `flambeau`", kB: 328 },
  gpu: { program: "a training program from `flambeau/webgpu`", kB: 195 },
} as const;

export type ToolchainId = keyof typeof toolchains;

/** The name of the test that holds a row: who writes a row writes its test. */
export const tested = (id: ToolchainId, more = ""): string => `${toolchains[id].name}${more && `: ${more}`}`;

/** The version that the tests run. */
export function versionOf({ tested: from }: Toolchain): string {
  if ("versions" in from) return from.versions;
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return devDependencies[from.package];
}
