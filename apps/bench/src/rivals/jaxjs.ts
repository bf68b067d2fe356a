// jax-js's side of the bench.
import { readFileSync } from "node:fs";
import { serve } from "../protocol.ts";
import { installBrowserWorkers } from "./browser-worker.ts";

await serve(async (threads) => {
  // jax-js starts as many workers as it sees cores and none where there is no Worker, and looks when it is imported
  if (threads > 1) installBrowserWorkers(threads);
  const { workbench } = await import("./jaxjs-workloads.ts");
  const manifest = new URL("../package.json", import.meta.resolve("@jax-js/jax"));
  // every npm package has a version in its manifest
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  return { version: `wasm ${version}`, workbench };
});
