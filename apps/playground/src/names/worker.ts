import { nameSets } from "@flambeau/app-names/model";
import { data } from "flambeau";
import { openDevice } from "../training/device.ts";
import type { Request as Shared } from "../training/protocol.ts";
import { serve } from "../training/serve.ts";
import type { Report, Request } from "./protocol.ts";
import { NameTrainer } from "./trainer.ts";

serve<Exclude<Request, Shared>, Report, NameTrainer>(
  async (device, say) => {
    const info = await openDevice(device);
    const sets = nameSets(await data.firstNames());
    const trainer = new NameTrainer(sets, say);
    const learned = `${sets.train.length.toLocaleString("en")} names to learn from`;
    say({ type: "opened", info, data: `${learned}, ${sets.validation.length} held out to validate on.` });
    return trainer;
  },
  (trainer, { wish, id }) => trainer.wish(wish, id),
);
