import { Worker } from "node:worker_threads";
import { RemoteBackend } from "../src/remote.ts";

/** The device in a worker of its own. */
export function start(): RemoteBackend {
  const worker = new Worker(new URL("./worker.ts", import.meta.url));
  const { port1, port2 } = new MessageChannel();
  worker.postMessage(port2, [port2 as never]); // Node's types have a port of their own
  worker.unref(); // who waits holds the port
  return new RemoteBackend(port1, async () => {
    await worker.terminate();
  });
}
