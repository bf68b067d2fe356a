import { defineConfig } from "tsup";
import { annotatePure, droppableNamespaces } from "./scripts/annotate-pure.ts";

/** The build of every published package: ES modules with declarations, one chunk graph, nothing minified, calls at the top level marked as pure. */
export const library = (entry: string[]): ReturnType<typeof defineConfig> =>
  defineConfig({
    entry,
    format: "esm",
    target: "es2024",
    platform: "neutral",
    // what is marked @internal is for this package alone
    dts: { compilerOptions: { stripInternal: true } },
    sourcemap: true,
    clean: true,
    splitting: true,
    treeshake: false,
    esbuildPlugins: [annotatePure],
    plugins: [
      {
        name: "droppable-namespaces",
        renderChunk: (code, { map }) => ({ code: droppableNamespaces(code), map }),
      },
    ],
  });
