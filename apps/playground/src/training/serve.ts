import type { DeviceName, Report, Request } from "./protocol.ts";
import type { Trainer } from "./trainer.ts";

/**
 * Train beside the page, so that the page never waits. One worker opens one device and trains one network: to start over, the
 * page makes a new worker.
 * @param open makes the trainer of a device, and tells the page
 * @param answer does what this page asks for beyond what all pages do
 */
export function serve<Q extends { readonly type: string }, R, T extends Trainer<R>>(
  open: (device: DeviceName, say: (report: R | Report) => void) => Promise<T>,
  answer: (trainer: T, request: Q) => Promise<void> | void,
): void {
  const say = (report: R | Report): void => postMessage(report);
  let trainer: Promise<T> | undefined;
  const hear = async (request: Request | Q): Promise<void> => {
    if (isShared(request) && request.type === "open") trainer = open(request.device, say);
    if (!trainer) throw new Error(`"${request.type}" came before "open"`);
    const opened = await trainer;
    if (!isShared(request)) return answer(opened, request);
    switch (request.type) {
      case "open":
        return;
      case "train":
        opened.set(request.settings);
        return opened.run();
      case "settings":
        return opened.set(request.settings);
      case "pause":
        return opened.pause();
    }
  };
  addEventListener("message", ({ data: request }: MessageEvent<Request | Q>) => {
    hear(request).catch((error: unknown) => {
      say({ type: "failed", message: error instanceof Error ? error.message : String(error) });
    });
  });
}

const isShared = (request: { readonly type: string }): request is Request =>
  ["open", "train", "settings", "pause"].includes(request.type);
