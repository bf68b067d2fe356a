import type { DeviceName, Report, Request } from "../protocol.ts";

/** A training worker on one device. It hears requests and answers with reports until it is closed. */
export class Session {
  readonly device: DeviceName;
  readonly #worker: Worker;
  #closed = false;

  constructor(device: DeviceName, heard: (report: Report) => void) {
    this.device = device;
    this.#worker = new Worker(new URL("../training/worker.ts", import.meta.url), { type: "module", name: "training" });
    const hear = (report: Report): void => {
      if (!this.#closed) heard(report);
    };
    this.#worker.onmessage = ({ data }: MessageEvent<Report>) => hear(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      hear({ type: "failed", message: event.message || "the training worker could not be loaded" });
    };
    this.ask({ type: "open", device });
  }

  ask(request: Request): void {
    this.#worker.postMessage(request);
  }

  close(): void {
    this.#closed = true;
    this.#worker.terminate();
  }
}
