// A network that learns to read handwritten digits: 8×8 pixels, of which flambeau brings 1,797.
import { data, losses, manualSeed, nn, noGrad, optim, type Tensor } from "flambeau";

export class Net extends nn.Module {
  hidden = new nn.Linear(64, 32);
  head = new nn.Linear(32, 10);

  forward(images: Tensor): Tensor {
    return this.head.forward(this.hidden.forward(images.flatten(1)).relu());
  }
}

/** What there is to tell after each epoch. */
export interface Progress {
  readonly epoch: number;
  /** The mean of the losses of its batches. */
  readonly loss: number;
  /** The share of the test images that are read rightly. */
  readonly accuracy: number;
}

/** Trains a new network, and tells of each epoch. The same seed gives the same network. */
export async function train(
  device: string,
  { epochs = 5, seed = 0 }: { epochs?: number; seed?: number },
  tell: (progress: Progress) => void = () => {},
): Promise<Net> {
  manualSeed(seed);
  const model = new Net();
  model.to(device);
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  const loader = new data.DataLoader(await data.digits({ split: "train" }), { batchSize: 64, shuffle: true });
  for (let epoch = 1; epoch <= epochs; epoch++) {
    let sum = 0;
    for await (const [images, labels] of loader) {
      const loss = losses.crossEntropy(model.forward(images.to(device)), labels.to(device));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      sum += Number(await loss.itemAsync());
    }
    tell({ epoch, loss: sum / loader.length, accuracy: await accuracy(model, device) });
  }
  return model;
}

/** The share of the test images that a network reads rightly. */
export async function accuracy(model: Net, device: string): Promise<number> {
  const test = await data.digits({ split: "test" });
  let right = 0;
  for await (const [images, labels] of new data.DataLoader(test, { batchSize: 100 })) {
    const guesses = noGrad(() => model.forward(images.to(device)).argmax(1));
    right += Number(await guesses.eq(labels.to(device)).sum().itemAsync());
  }
  return right / test.length;
}
