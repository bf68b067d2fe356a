// tfjs-wasm's side of the bench.
import { serve } from "../protocol.ts";
import { installBrowserWorkers } from "./browser-worker.ts";

await serve(async (threads) => {
  if (threads > 1) installBrowserWorkers(threads);
  const tf = await import("@tensorflow/tfjs");
  const wasm = await import("@tensorflow/tfjs-backend-wasm");
  if (threads > 1) {
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", true); // off in Node unless told so
    wasm.setThreadsCount(threads);
  }
  if (!(await tf.setBackend("wasm"))) throw new Error("the wasm backend did not start");
  await tf.ready();
  const { workbench } = await import("./tfjs-workloads.ts");
  return { version: `wasm ${wasm.version_wasm}`, workbench };
});
