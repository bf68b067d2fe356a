// tfjs and jax-js start threads only as Web Workers made from blob: URLs, which Node does not have. This lends them a
// `Worker` on top of node:worker_threads; it is imported by those two adapters only, and only for more than one thread.
import workerThreads from "node:worker_threads";

const ThreadWorker = workerThreads.Worker;
const texts = new WeakMap<Blob, string>();
const sources = new Map<string, string>();

/** What a worker's scope looks like in a browser, as far as these two need it. */
const scope = `{
const { parentPort } = require("node:worker_threads");
globalThis.self = globalThis;
globalThis.location = { href: "" };
globalThis.postMessage = (message) => parentPort.postMessage(message);
globalThis.importScripts = (source) => (0, eval)(source);
parentPort.on("message", (data) => self.onmessage({ data }));
Object.defineProperty(globalThis, "process", { value: undefined });
}
`;

class TextBlob extends Blob {
  constructor(parts: string[], options?: BlobPropertyBag) {
    super(parts, options);
    texts.set(this, parts.join(""));
  }
}

class BrowserWorker extends ThreadWorker {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((error: Error) => void) | null = null;

  constructor(url: string, options?: { type?: string }) {
    super(`${scope}${sources.get(url) ?? ""}`, { eval: true });
    this.unref();
    this.on("error", (error: Error) => this.onerror?.(error));
    // Emscripten's glue (no type given) forwards messages to onmessage itself when it finds itself in Node
    if (options?.type === "module") this.on("message", (data) => this.onmessage?.({ data }));
  }

  override postMessage(message: { urlOrBlob?: unknown }): void {
    const script = message.urlOrBlob instanceof Blob ? texts.get(message.urlOrBlob) : undefined;
    super.postMessage(script === undefined ? message : { ...message, urlOrBlob: script });
  }
}

/** Put the shim in place: `Worker`, `Blob` and object URLs, and `threads` as the number of cores that the page sees. */
export function installBrowserWorkers(threads: number): void {
  Object.assign(globalThis, { Worker: BrowserWorker, Blob: TextBlob });
  Object.assign(workerThreads, { Worker: BrowserWorker });
  Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: threads }, configurable: true });
  const createObjectURL = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (blob: Blob) => {
    const url = createObjectURL(blob);
    sources.set(url, texts.get(blob) ?? "");
    return url;
  };
}
