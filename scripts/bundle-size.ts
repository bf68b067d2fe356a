// What a page downloads before a program starts: bundled, minified and gzipped. What it loads later, by import(), is not counted.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { root } from "./setup/paths.mjs";

/** A program that uses all of an entry. */
export const whole = (entry: string): string => `import * as all from "${entry}"; console.log(all);`;

/** In kB (1,000 bytes), from the sources. @param without packages that are not counted */
export async function kilobytes(code: string, without: readonly string[] = []): Promise<number> {
  const result = await build({
    stdin: { contents: code, resolveDir: root, loader: "ts" },
    bundle: true,
    splitting: true,
    metafile: true,
    outdir: "out",
    minify: true,
    write: false,
    format: "esm",
    platform: "neutral",
    target: "es2024",
    conditions: ["source"],
    mainFields: ["module", "main"],
    external: ["node:*", ...without],
    logLevel: "silent",
  });
  const { outputs } = result.metafile;
  const entry = Object.keys(outputs).find((path) => outputs[path]?.entryPoint === "<stdin>");
  if (entry === undefined) throw new Error("esbuild names no entry");
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const each of outputs[path]?.imports ?? [])
      if (each.kind === "import-statement" && !each.external) load(each.path);
  };
  load(entry);
  const chunk = (path: string) => result.outputFiles.find((file) => file.path.endsWith(`/${path}`))?.contents ?? "";
  return gzipSync(Buffer.concat([...loaded].map((path) => Buffer.from(chunk(path)))), { level: 9 }).length / 1000;
}
