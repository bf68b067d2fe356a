// A page whose Content-Security-Policy compiles no WebAssembly: it imports Flambeau, computes on "meta" and gets a typed error, with what
// to do, from the first tensor on the CPU.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { chromium as browserType } from "playwright";
import { expect, test } from "vitest";
import { chromium, chromiumFlags } from "../../scripts/setup/browser.mjs";
import { closureOf, install } from "./install.ts";

const program = `
  import { devices, FlambeauError, tensor, UnavailableError, zeros } from "flambeau";
  const seen = { devices: devices(), shape: zeros([2, 3], { device: "meta" }).add(1).shape, errors: [] };
  for (let i = 0; i < 2; i++)
    try {
      seen.sum = tensor([1, 2]).sum().item();
    } catch (error) {
      seen.errors.push([error.name, error instanceof UnavailableError && error instanceof FlambeauError, error.message]);
    }
  document.title = JSON.stringify(seen);`;

/** What the program saw under a policy for scripts. */
async function seenUnder(script: string, policy: string) {
  const pages: Readonly<Record<string, readonly [type: string, text: string]>> = {
    "/": ["text/html", '<!doctype html><title>waiting</title><script type="module" src="/program.js"></script>'],
    "/program.js": ["text/javascript", script],
  };
  const server = createServer(({ url }, response) => {
    const [type, text] = pages[url ?? ""] ?? ["text/plain", ""];
    response.writeHead(text ? 200 : 404, { "Content-Type": type, "Content-Security-Policy": `script-src ${policy}` });
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await browserType.launch({ executablePath: chromium(), args: chromiumFlags });
  try {
    const page = await browser.newPage();
    const { port } = server.address() as AddressInfo; // it listens on a port
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForFunction(() => document.title !== "waiting");
    return JSON.parse(await page.title());
  } finally {
    await browser.close();
    server.close();
  }
}

test.skipIf(!chromium())("a page that forbids WebAssembly gets a typed error at first use", async () => {
  const folder = await install("csp", closureOf("flambeau"));
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: folder, loader: "js" },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    external: ["node:*"],
    logLevel: "silent",
  });
  const script = outputFiles[0]?.text ?? "";
  const refused = [["UnavailableError", true, expect.stringContaining("allow 'wasm-unsafe-eval' in its script-src")]];
  expect(await seenUnder(script, "'self'")).toEqual({
    devices: ["cpu"],
    shape: [2, 3],
    errors: [...refused, ...refused],
  });
  expect(await seenUnder(script, "'self' 'wasm-unsafe-eval'")).toEqual({
    devices: ["cpu"],
    shape: [2, 3],
    errors: [],
    sum: 3,
  });
});
