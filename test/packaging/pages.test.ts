// Pages without a bundler, and what their headers allow: import maps, module workers, isolation, content security policies.
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { chromium } from "../../scripts/setup/browser.mjs";
import { importMap } from "../../scripts/toolchains/import-map.ts";
import { tested } from "../../scripts/toolchains/table.ts";
import { closureOf, install } from "./install.ts";
import { html, isolation, type Site, seenOn, served } from "./page.ts";

/** Large enough a product for threads to start, and then one that they may take part in. */
const work = `
  const x = ones([512, 512]);
  x.matmul(x);
  for (let i = 0; i < 100 && x.backend.info.startsWith("1 thread, ") === false; i++) await new Promise((r) => setTimeout(r, 10));
  const seen = { sum: x.matmul(x).sum().item() / 512 ** 3, isolated: globalThis.crossOriginIsolated, info: x.backend.info };
`;
const program = `import { ones } from "flambeau";${work}document.title = JSON.stringify(seen);`;
const inWorker = `import { ones } from "flambeau";${work}postMessage(seen);`;

describe.skipIf(!chromium())("a page", () => {
  let folder = "";
  let bundled = "";
  const bundle = async (contents: string): Promise<string> => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: folder, loader: "js" },
      bundle: true,
      write: false,
      format: "esm",
      logLevel: "silent",
    });
    return outputFiles[0]?.text ?? "";
  };
  const page = (headers: Site["headers"], main = bundled): Promise<unknown> =>
    seenOn({ files: { "/index.html": html("/main.js"), "/main.js": main }, headers });
  beforeAll(async () => {
    folder = await install("pages", closureOf("flambeau"));
    bundled = await bundle(program);
  });

  /** A page whose import map says where the packages lie. */
  const mapped = (base: (name: string) => string) => ({
    "/index.html": html(
      "/main.js",
      `<script type="importmap">${JSON.stringify({ imports: importMap(base) })}</script>`,
    ),
    "/main.js": program,
  });
  test(tested("import-map"), async () => {
    expect(await seenOn({ files: mapped((name) => `/node_modules/${name}`), folder })).toMatchObject({ sum: 1 });
  });
  test(tested("cdn", "from another origin, on threads"), async () => {
    const cdn = join(folder, "cdn");
    const names = closureOf("flambeau");
    for (const name of names) {
      const link = join(cdn, `npm/${name}@1.2.3`);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(folder, "node_modules", name), link);
    }
    const headers = { "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin" };
    await served({ folder: cdn, headers }, async (address) => {
      const files = mapped((name) => `${address}npm/${name}@1.2.3`);
      expect(await seenOn({ files, headers: isolation })).toMatchObject({
        sum: 1,
        isolated: true,
        info: expect.stringMatching(/^[2-9]\d* threads/),
      });
    });
  });

  test(tested("worker"), async () => {
    const main = `
      const worker = new Worker("/worker.js", { type: "module" });
      worker.onmessage = ({ data }) => { document.title = JSON.stringify(data); };
      worker.onerror = (event) => { document.title = JSON.stringify({ error: event.message }); };`;
    const files = { "/index.html": html("/main.js"), "/main.js": main, "/worker.js": await bundle(inWorker) };
    expect(await seenOn({ files, headers: isolation })).toMatchObject({ sum: 1, isolated: true });
  });

  test(tested("isolated", "computes on threads"), async () => {
    expect(await page(isolation)).toMatchObject({
      sum: 1,
      isolated: true,
      info: expect.stringMatching(/^[2-9]\d* threads/),
    });
  });
  test("that is not isolated computes on one thread, and says why", async () => {
    expect(await page({})).toEqual({ sum: 1, isolated: false, info: expect.stringMatching(/^1 thread, .*isolat/) });
  });
  test("that forbids workers from blobs computes on one thread, and says why", async () => {
    const policy = { "Content-Security-Policy": "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'" };
    expect(await page({ ...isolation, ...policy })).toEqual({
      sum: 1,
      isolated: true,
      info: expect.stringMatching(/^1 thread, .*worker-src blob:/),
    });
  });
  test("whose policy allows what is documented computes on threads", async () => {
    const policy = {
      "Content-Security-Policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:",
    };
    expect(await page({ ...isolation, ...policy })).toMatchObject({
      sum: 1,
      info: expect.stringMatching(/^[2-9]\d* threads/),
    });
  });
});
