// Bundles what runs the examples: the library, its drawing function, the worker and the frame. Programs import the first two.
import { join } from "node:path";
import { build } from "esbuild";
import { app, staged } from "./places.ts";

/** Writes the bundles beside the pages. */
export async function bundleRuntime(): Promise<void> {
  const common = { bundle: true, minify: true, platform: "browser", target: "es2022", logLevel: "warning" } as const;
  const out = (name: string) => join(staged, "public/run", `${name}.js`);
  await Promise.all([
    build({
      ...common,
      stdin: { contents: 'export * from "flambeau";', resolveDir: app },
      conditions: ["source"],
      format: "esm",
      outfile: out("flambeau"),
    }),
    build({ ...common, entryPoints: [join(app, "examples/show.ts")], format: "esm", outfile: out("show") }),
    build({ ...common, entryPoints: [join(app, "src/run/worker.ts")], format: "iife", outfile: out("worker") }),
    build({ ...common, entryPoints: [join(app, "src/run/frame.ts")], format: "iife", outfile: out("frame") }),
  ]);
}
