import type { DeviceName } from "../training/protocol.ts";

/** A training worker on one device. It hears requests and answers with reports until it is closed. */
export class Session<Request, Report> {
  readonly device: DeviceName;
  readonly #worker: Worker;
  #closed = false;

  constructor(
    worker: Worker,
    device: DeviceName,
    heard: (report: Report | { readonly type: "failed"; readonly message: string }) => void,
  ) {
    this.device = device;
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<Report>) => {
      if (!this.#closed) heard(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (!this.#closed) heard({ type: "failed", message: event.message || "the training worker could not be loaded" });
    };
    worker.postMessage({ type: "open", device });
  }

  ask(request: Request): void {
    this.#worker.postMessage(request);
  }

  close(): void {
    this.#closed = true;
    this.#worker.terminate();
  }
}
