// Starts the worker of a program, hands on what it reports, and ends it.
import type { Message, Program, Start } from "./protocol.ts";

const address = (text: string) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));

/** @param port where reports go, and from where messages come */
export function startWorker({ files, code, device }: Start, port: MessagePort): void {
  // a classic worker: Chromium starts no module worker where there is no origin; what it imports are modules all the same
  const worker = new Worker(address(files.worker));
  worker.onmessage = (event) => port.postMessage(event.data);
  worker.onerror = ({ message }) =>
    port.postMessage({ kind: "error", message: message || "The worker did not start." });
  port.onmessage = ({ data }: MessageEvent<Message>) =>
    data === "stop" ? worker.terminate() : worker.postMessage(data);
  const modules = { flambeau: address(files.flambeau), show: address(files.show) };
  worker.postMessage({ code, device, modules } satisfies Program);
}
