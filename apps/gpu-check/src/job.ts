// A process of its own: the first steps of one of the training programs on a device, on the data that comes with the checkout.
//   job.ts JOB DEVICE STEPS [DRIVER]
// It prints the losses as JSON.
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { cudaNative, data, registerBackend, setDefaultDevice } from "flambeau";
import { loadImages } from "../../fashion-mnist/src/images.ts";
import { Training as ImageTraining } from "../../fashion-mnist/src/training.ts";
import { loadCorpus } from "../../gpt/src/corpus.ts";
import { parseOptions } from "../../gpt/src/options.ts";
import { Training as TextTraining } from "../../gpt/src/training.ts";
import { nameSets } from "../../names/src/model/index.ts";
import { Training as NameTraining } from "../../names/src/training.ts";

const quiet = { root: undefined, log: () => {} };

const jobs: { readonly [job: string]: (steps: number) => Promise<number[]> } = {
  async images(steps) {
    const losses: number[] = [];
    const { train, test } = await loadImages("digits", quiet);
    const training = new ImageTraining(
      { dataset: "digits", epochs: 12, batchSize: 32, lr: 0.01, seed: 0 },
      train,
      test,
    );
    await training.trainEpoch(({ loss }) => losses.push(loss) < steps);
    return losses;
  },
  async gpt(steps) {
    const options = parseOptions(["--dataset", "moby-dick-excerpt"]);
    if (options === "help") throw new Error("no help was asked for");
    const training = new TextTraining(options.recipe, await loadCorpus("moby-dick-excerpt", quiet));
    const losses: number[] = [];
    while (losses.length < steps) losses.push((await training.trainStep()).loss);
    return losses;
  },
  async names(steps) {
    const losses: number[] = [];
    const recipe = { job: "names", cell: "gru", hidden: 128, epochs: 15, batchSize: 64, lr: 0.005, seed: 0 } as const;
    const training = new NameTraining(recipe, nameSets(await data.firstNames()));
    await training.trainEpoch(({ loss }) => losses.push(loss) < steps);
    return losses;
  },
};

const [job = "", device = "", steps = "", driver] = process.argv.slice(2);
registerBackend(cpuWasm());
if (device === "cuda") registerBackend(await cudaNative({ driver }));
setDefaultDevice(device);
process.stdout.write(`${JSON.stringify(await jobs[job](Number(steps)))}\n`);
process.exit(0); // the cpu's threads would keep the process
