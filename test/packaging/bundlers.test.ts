// The npm packages in a page, by way of each bundler: it computes on the cpu, and finds the platform's WebGPU.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build as esbuild } from "esbuild";
import { rollup } from "rollup";
import { createServer, build as viteBuild } from "vite";
import { beforeAll, describe, expect, test } from "vitest";
import webpack from "webpack";
import { chromium } from "../../scripts/setup/browser.mjs";
import { tested } from "../../scripts/toolchains/table.ts";
import { closureOf, install } from "./install.ts";
import { html, seenAt, seenOn } from "./page.ts";

const program = `
import { data, losses, nn, ones, optim, registerBackend, tensor, webgpu } from "flambeau";
const model = new nn.Linear(2, 1);
const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
losses.mse(model.forward(ones([4, 2])), ones([4, 1])).backward();
optimizer.step();
const seen = { sum: tensor([1, 2]).sum().item(), loader: new data.DataLoader(new data.TensorDataset(ones([4])), { batchSize: 2 }).length };
try {
  const gpu = registerBackend(await webgpu());
  seen.gpu = [...(await ones([2], { device: gpu.name }).add(1).data())];
} catch (error) {
  seen.gpu = String(error);
}
document.title = JSON.stringify(seen);
`;
const right = { sum: 3, loader: 2, gpu: [2, 2] };

describe.skipIf(!chromium())("a page", () => {
  let folder = "";
  /** A place for a bundle, with a page that loads its main.js. */
  const place = (name: string): string => {
    const made = join(folder, name);
    mkdirSync(made, { recursive: true });
    writeFileSync(join(made, "index.html"), html("main.js"));
    return made;
  };
  beforeAll(async () => {
    folder = await install("bundlers", closureOf("flambeau"));
    writeFileSync(join(folder, "program.js"), program);
    writeFileSync(join(folder, "index.html"), html("/program.js"));
  });

  // its optimizer bundles dependencies before the page asks for them
  test(tested("vite-dev"), async () => {
    const server = await createServer({
      root: folder,
      configFile: false,
      logLevel: "silent",
      server: { host: "127.0.0.1", port: 0, hmr: false },
    });
    try {
      await server.listen();
      const address = server.httpServer?.address();
      const port = typeof address === "object" && address ? address.port : 0;
      expect(await seenAt(`http://127.0.0.1:${port}/`)).toEqual(right);
    } finally {
      await server.close();
    }
  });

  test(tested("vite-build"), async () => {
    const outDir = join(folder, "vite");
    const target = "es2024"; // the program awaits at its top level
    await viteBuild({ root: folder, configFile: false, logLevel: "silent", build: { outDir, target } });
    expect(await seenOn({ folder: outDir })).toEqual(right);
  });

  test(tested("webpack"), async () => {
    const path = place("webpack");
    const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) =>
      webpack(
        {
          mode: "production",
          optimization: { minimize: false }, // that takes the longest, and is tested in install.test.ts
          context: folder,
          entry: "./program.js",
          output: { path, filename: "main.js", publicPath: "/" },
        },
        (error, done) => (error ? reject(error) : resolve(done)),
      ),
    );
    expect(stats?.toJson({ all: false, errors: true, warnings: true })).toMatchObject({ errors: [] });
    expect(stats?.compilation.warnings.filter(({ name }) => name !== "AssetsOverSizeLimitWarning").map(String)).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/Critical dependency|Can't resolve/)]),
    );
    expect(await seenOn({ folder: path })).toEqual(right);
  });

  test(tested("esbuild"), async () => {
    const outfile = join(place("esbuild"), "main.js");
    await esbuild({
      absWorkingDir: folder,
      entryPoints: ["program.js"],
      outfile,
      bundle: true,
      minify: true,
      format: "esm",
      logLevel: "silent",
    });
    expect(await seenOn({ folder: join(folder, "esbuild") })).toEqual(right);
  });

  test(tested("rollup"), async () => {
    const { resolve } = createRequire(join(folder, "program.js"));
    const bundle = await rollup({
      input: join(folder, "program.js"),
      // as @rollup/plugin-node-resolve does
      plugins: [{ name: "packages", resolveId: (id) => (/^(@flambeau\/|flambeau)/.test(id) ? resolve(id) : null) }],
    });
    await bundle.write({ dir: place("rollup"), entryFileNames: "main.js", format: "es" });
    await bundle.close();
    expect(await seenOn({ folder: join(folder, "rollup") })).toEqual(right);
  });
});
