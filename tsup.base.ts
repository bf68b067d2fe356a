import { defineConfig } from "tsup";

/** The build of every published package: ES modules with declarations, one chunk graph, nothing minified. */
export const library = (entry: string[]): ReturnType<typeof defineConfig> =>
  defineConfig({
    entry,
    format: "esm",
    target: "es2024",
    platform: "neutral",
    dts: true,
    sourcemap: true,
    clean: true,
    splitting: true,
    treeshake: false,
  });
