// The training, in a worker: the page stays responsive.
import { chooseDevice } from "./device.ts";
import type { Message } from "./messages.ts";
import { train } from "./train.ts";

const tell = (message: Message): void => self.postMessage(message);
try {
  const device = await chooseDevice();
  tell({ kind: "device", device });
  await train(device, { epochs: 5 }, (progress) => tell({ kind: "progress", progress }));
  tell({ kind: "done" });
} catch (error) {
  tell({ kind: "failed", reason: String(error) });
}
