// The models that Flambeau trains in the bench, as a user writes them, on whatever device is the default.
import { losses, nn, optim, randint, randn, type Tensor } from "flambeau";

/** What a training step needs: whoever times it decides how to read the loss. */
export type Task = { optimizer: { zeroGrad(): void; step(): unknown }; loss: () => Tensor };

export function mlp(): Task {
  const model = new nn.Sequential(
    new nn.Linear(784, 256),
    new nn.ReLU(),
    new nn.Linear(256, 128),
    new nn.ReLU(),
    new nn.Linear(128, 10),
  );
  const [x, y] = [randn([64, 784]), randint(0, 10, [64])];
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
  return { optimizer, loss: () => losses.crossEntropy(model.forward(x), y) };
}

export function cnn(): Task {
  const model = new nn.Sequential(
    new nn.Conv2d(1, 32, 3),
    new nn.ReLU(),
    new nn.Conv2d(32, 64, 3),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(9216, 128),
    new nn.ReLU(),
    new nn.Linear(128, 10),
  );
  const [x, y] = [randn([64, 1, 28, 28]), randint(0, 10, [64])];
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
  return { optimizer, loss: () => losses.crossEntropy(model.forward(x), y) };
}

export function lstm(): Task {
  const recurrent = new nn.LSTM(64, 128);
  const head = new nn.Linear(128, 10);
  const [x, y] = [randn([50, 32, 64]), randint(0, 10, [32])];
  const optimizer = new optim.Adam([...recurrent.parameters(), ...head.parameters()]);
  return { optimizer, loss: () => losses.crossEntropy(head.forward(recurrent.forward(x)[0].select(0, -1)), y) };
}
