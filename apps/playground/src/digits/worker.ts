import { data } from "flambeau";
import { openDevice } from "../training/device.ts";
import type { Request as Shared } from "../training/protocol.ts";
import { serve } from "../training/serve.ts";
import type { Report, Request } from "./protocol.ts";
import { DigitTrainer } from "./trainer.ts";

serve<Exclude<Request, Shared>, Report, DigitTrainer>(
  async (device, say) => {
    const info = await openDevice(device);
    const [train, test] = [await data.digits({ split: "train" }), await data.digits({ split: "test" })];
    const trainer = new DigitTrainer(train, test, say);
    const learned = `${train.length.toLocaleString("en")} images to learn from`;
    say({ type: "opened", info, data: `${learned}, ${test.length} of other writers to test on.` });
    return trainer;
  },
  async (trainer, request) => {
    if (request.type === "classify") {
      const probabilities = await trainer.classify(request.pixels);
      postMessage({ type: "probabilities", id: request.id, probabilities } satisfies Report);
    } else {
      const { digit } = request;
      postMessage({ type: "sample", digit, ...(await trainer.sample(digit)) } satisfies Report);
    }
  },
);
