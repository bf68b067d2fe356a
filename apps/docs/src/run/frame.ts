// The script of the frame: starts the worker, hands on what it reports, and ends it. It runs where nothing of the site is in reach.
import type { Program, Start } from "./protocol.ts";

const address = (text: string) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));

addEventListener(
  "message",
  ({ data, ports: [port] }: MessageEvent<Start>) => {
    const { files, code, device } = data;
    // a classic worker: Chromium starts no module worker where there is no origin; what it imports are modules all the same
    const worker = new Worker(address(files.worker));
    worker.onmessage = (event) => port.postMessage(event.data);
    worker.onerror = ({ message }) =>
      port.postMessage({ kind: "error", message: message || "The worker did not start." });
    port.onmessage = () => worker.terminate();
    const modules = { flambeau: address(files.flambeau), show: address(files.show) };
    worker.postMessage({ code, device, modules } satisfies Program);
  },
  { once: true },
);
