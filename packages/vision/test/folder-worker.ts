// A worker that reads samples of a folder: it gets the folder and the indices, and answers with the images' bytes.
import { parentPort, workerData } from "node:worker_threads";
import { Compose, ImageFolder, RandomCrop, RandomHorizontalFlip } from "../src/index.ts";
import "./backend.ts";

export const transform = new Compose([new RandomCrop(3), new RandomHorizontalFlip()]);

if (parentPort) {
  const { root, indices, epoch } = workerData as { root: string; indices: number[]; epoch: number };
  const folder = new ImageFolder(root, { transform, seed: 5 });
  folder.setEpoch(epoch);
  const answers: [number, unknown][] = [];
  for (const i of indices) answers.push([i, (await folder.get(i))[0].tolist()]);
  parentPort.postMessage(answers);
}
