// Workers of a data loader from the npm packages: in Node, and in a page that Vite has built or serves.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, createServer } from "vite";
import { beforeAll, describe, expect, test } from "vitest";
import { chromium } from "../../scripts/setup/browser.mjs";
import { quietly } from "../../scripts/setup/exec.mjs";
import { tested } from "../../scripts/toolchains/table.ts";
import { closureOf, install } from "./install.ts";
import { html, seenAt, seenOn } from "./page.ts";

const served = `
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { getWorkerInfo, serveDataset } from "@flambeau/data";
import { registerBackend } from "@flambeau/tensor";
registerBackend(cpuWasm({ threads: 1 }));
serveDataset(({ length }) => ({ length, get: (i) => [i, getWorkerInfo().id] }));
`;
const program = (worker: string, tell: string) => `
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { DataLoader } from "@flambeau/data";
import { manualSeed, registerBackend } from "@flambeau/tensor";
registerBackend(cpuWasm({ threads: 1 }));
manualSeed(0);
const options = { batchSize: 3, shuffle: true, numWorkers: 2, worker: ${worker}, workerArgs: { length: 10 } };
const seen = { order: [], workers: [] };
for await (const [x, id] of new DataLoader({ length: 10, get: () => 0 }, options)) {
  seen.order.push(...x.tolist());
  seen.workers.push(id.at(0).item());
}
${tell}
`;
// PyTorch 2.13's order for manual_seed(0)
const right = { order: [6, 7, 1, 4, 2, 0, 9, 8, 3, 5], workers: [0, 1, 0, 1] };
const inPage = program(
  `() => new Worker(new URL("./served.js", import.meta.url), { type: "module" })`,
  "document.title = JSON.stringify(seen);",
);

let folder = "";
beforeAll(async () => {
  folder = await install("data-workers", [
    ...new Set([...closureOf("@flambeau/data"), ...closureOf("@flambeau/backend-cpu-wasm")]),
  ]);
  writeFileSync(join(folder, "served.js"), served);
  writeFileSync(join(folder, "program.js"), inPage);
  writeFileSync(join(folder, "index.html"), html("/program.js"));
});

test("in Node, by the module's address", async () => {
  const inNode = program(`new URL("./served.js", import.meta.url)`, "console.log(JSON.stringify(seen));");
  writeFileSync(join(folder, "node.js"), inNode);
  expect(JSON.parse(await quietly("the program", process.execPath, ["node.js"], { cwd: folder }))).toEqual(right);
});

describe.skipIf(!chromium())("a page", () => {
  const options = { configFile: false, logLevel: "silent", worker: { format: "es" } } as const;

  test(tested("vite-workers"), async () => {
    const outDir = join(folder, "vite");
    mkdirSync(outDir, { recursive: true });
    await build({ root: folder, ...options, build: { outDir, target: "es2024" } });
    expect(await seenOn({ folder: outDir })).toEqual(right);
  });

  test("from vite's development server", async () => {
    const server = await createServer({ root: folder, ...options, server: { host: "127.0.0.1", port: 0, hmr: false } });
    try {
      await server.listen();
      const address = server.httpServer?.address();
      const port = typeof address === "object" && address ? address.port : 0;
      expect(await seenAt(`http://127.0.0.1:${port}/`)).toEqual(right);
    } finally {
      await server.close();
    }
  });
});
