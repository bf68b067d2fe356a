// A page whose Content-Security-Policy compiles no WebAssembly: it imports Flambeau, computes on "meta" and gets a typed error, with what
// to do, from the first tensor on the CPU.
import { build } from "esbuild";
import { expect, test } from "vitest";
import { chromium } from "../../scripts/setup/browser.mjs";
import { tested } from "../../scripts/toolchains/table.ts";
import { closureOf, install } from "./install.ts";
import { html, seenOn } from "./page.ts";

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
const seenUnder = (script: string, policy: string) =>
  seenOn({
    files: { "/index.html": html("/program.js"), "/program.js": script },
    headers: { "Content-Security-Policy": `script-src ${policy}` },
  });

test.skipIf(!chromium())(tested("csp", "a page that forbids WebAssembly gets a typed error at first use"), async () => {
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
