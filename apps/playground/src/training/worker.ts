// Trains beside the page, so that the page never waits. One worker opens one device and trains one network: to start
// over, the page makes a new worker.
import { data } from "flambeau";
import type { Report, Request } from "../protocol.ts";
import { openDevice } from "./device.ts";
import { Trainer } from "./trainer.ts";

const say = (report: Report): void => postMessage(report);

let trainer: Promise<Trainer> | undefined;

async function open(request: Extract<Request, { type: "open" }>): Promise<Trainer> {
  const info = await openDevice(request.device);
  const [train, test] = [await data.digits({ split: "train" }), await data.digits({ split: "test" })];
  const opened = new Trainer(train, test, say);
  say({ type: "opened", info, trainImages: train.length, testImages: test.length });
  return opened;
}

async function answer(request: Request): Promise<void> {
  if (request.type === "open") trainer = open(request);
  if (!trainer) throw new Error(`"${request.type}" came before "open"`);
  const opened = await trainer;
  switch (request.type) {
    case "open":
      return;
    case "train":
      opened.settings = request.settings;
      return opened.run();
    case "settings":
      opened.settings = request.settings;
      return;
    case "pause":
      return opened.pause();
    case "classify":
      return say({ type: "probabilities", id: request.id, probabilities: await opened.classify(request.pixels) });
    case "sample":
      return say({ type: "sample", digit: request.digit, ...(await opened.sample(request.digit)) });
  }
}

addEventListener("message", ({ data: request }: MessageEvent<Request>) => {
  answer(request).catch((error: unknown) => {
    say({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  });
});
