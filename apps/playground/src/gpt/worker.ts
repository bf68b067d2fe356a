import { data } from "flambeau";
import { openDevice } from "../training/device.ts";
import type { Request as Shared } from "../training/protocol.ts";
import { serve } from "../training/serve.ts";
import { Corpus } from "./corpus.ts";
import type { Report, Request } from "./protocol.ts";
import { TextTrainer } from "./trainer.ts";

serve<Exclude<Request, Shared>, Report, TextTrainer>(
  async (device, say) => {
    const info = await openDevice(device);
    const { text } = await data.mobyDick({ part: "excerpt" });
    const corpus = new Corpus(text);
    const trainer = new TextTrainer(corpus, say);
    const learned = `${corpus.train.length.toLocaleString("en")} characters to learn from`;
    const validated = `${corpus.validation.length.toLocaleString("en")} to validate on`;
    say({ type: "opened", info, data: `${learned}, ${validated}, ${corpus.tokenizer.vocabSize} different ones.` });
    return trainer;
  },
  (trainer, request) => (request.type === "hush" ? trainer.hush() : trainer.wish(request.wish, request.now)),
);
