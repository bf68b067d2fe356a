import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/** The modules that workers run, each in one file: a worker of hundreds of source files takes a second to start. */
export async function bundled(): Promise<{ served: URL; program: URL; remove: () => Promise<void> }> {
  const outdir = await mkdtemp(join(tmpdir(), "flambeau-workers-"));
  await build({
    entryPoints: ["served", "program"].map((name) => join(import.meta.dirname, `${name}.ts`)),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2024",
    conditions: ["source"],
    keepNames: true,
    // the package says that its modules have no side effects; those of its tests have
    ignoreAnnotations: true,
    logLevel: "silent",
  });
  const at = (name: string) => pathToFileURL(join(outdir, name));
  return { served: at("served.mjs"), program: at("program.mjs"), remove: () => rm(outdir, { recursive: true }) };
}
