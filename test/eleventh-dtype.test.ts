import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const home = join(root, "packages/tensor/src/core/dtype.ts");

/** Where the compiler asks what a new dtype is, by file. */
const asked: readonly string[] = [
  "packages/backend-cpu-wasm/src/emit/elements.ts",
  "packages/backend-cpu-wasm/src/emit/lanes.ts",
  "packages/backend-cpu-wasm/src/engine/suffixes.ts",
  "packages/backend-webgpu/src/wgsl/types.ts",
  "packages/io/src/numpy/npy.ts",
  "packages/io/src/safetensors/dtypes.ts",
  "packages/io/src/torch/dtypes.ts",
  "packages/tensor/src/core/dtype.ts",
];

test("a dtype more, and the compiler names every table that lacks it", () => {
  const text = readFileSync(home, "utf8");
  const more = text.replace(/(export const dtypes = \[[^\]]*)\]/, '$1  "float8",\n]');
  expect(more).not.toBe(text);
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, "tsconfig.json"),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (d) => {
        throw new Error(String(d.messageText));
      },
    },
  );
  const options = { ...config?.options, noEmit: true };
  const host = ts.createCompilerHost(options);
  const read = host.readFile.bind(host);
  host.readFile = (file) => (file === home ? more : read(file));
  const files = globSync("packages/*/src/**/*.ts", { cwd: root }).map((file) => join(root, file));
  const program = ts.createProgram(files, options, host);
  const found = new Set<string>();
  for (const source of program.getSourceFiles()) {
    if (!source.fileName.startsWith(join(root, "packages"))) continue;
    for (const { start } of program.getSemanticDiagnostics(source))
      if (start !== undefined) found.add(relative(root, source.fileName));
  }
  expect([...found].sort()).toEqual(asked);
});
