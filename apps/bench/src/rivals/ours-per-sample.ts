// Gradients of each sample of a batch: vmap of grad, and what it takes the place of, a loop over the samples.
import {
  conv2d,
  grad,
  linear,
  losses,
  maxPool2d,
  rand,
  randint,
  randn,
  relu,
  stack,
  type Tensor,
  tidy,
  vmap,
} from "flambeau";
import { type Prepared, timed } from "../protocol.ts";

type Loss = (weights: Tensor[], x: Tensor, y: Tensor) => Tensor;

const samples = 64;
const scaled = (shape: number[], scale: number): Tensor => randn(shape).mul_(scale);

type Gradients = (loss: Loss) => (weights: Tensor[], x: Tensor, y: Tensor) => Tensor[];

const batched: Gradients = (loss) =>
  vmap((weights: Tensor[], x: Tensor, y: Tensor) => grad(loss)(weights, x, y), { inDims: [null, 0, 0] });
const looped: Gradients = (loss) => (weights, x, y) => {
  for (const w of weights) w.requiresGrad = true;
  const each = Array.from({ length: samples }, (_, i) => grad(loss(weights, x.select(0, i), y.select(0, i)), weights));
  return weights.map((_, k) => stack(each.map((gradients) => gradients[k])));
};

function prepared(gradients: Gradients, loss: Loss, weights: Tensor[], x: Tensor): Prepared {
  const y = randint(10, [samples]);
  const each = gradients(loss);
  return { run: timed(() => tidy(() => void each(weights, x, y))) };
}

export const mlp = (): Prepared => mlpWith(batched);
export const mlpLoop = (): Prepared => mlpWith(looped);
export const cnn = (): Prepared => cnnWith(batched);
export const cnnLoop = (): Prepared => cnnWith(looped);

function mlpWith(gradients: Gradients): Prepared {
  const weights = [
    scaled([128, 64], 0.1),
    scaled([128], 0.1),
    scaled([128, 128], 0.1),
    scaled([128], 0.1),
    scaled([10, 128], 0.1),
    scaled([10], 0.1),
  ];
  const loss: Loss = ([w1, b1, w2, b2, w3, b3], x, y) => {
    const hidden = relu(linear(relu(linear(x.unsqueeze(0), w1, b1)), w2, b2));
    return losses.crossEntropy(linear(hidden, w3, b3), y.unsqueeze(0));
  };
  return prepared(gradients, loss, weights, rand([samples, 64]));
}

function cnnWith(gradients: Gradients): Prepared {
  const weights = [
    scaled([8, 1, 3, 3], 0.3),
    scaled([8], 0.1),
    scaled([16, 8, 3, 3], 0.1),
    scaled([16], 0.1),
    scaled([10, 784], 0.05),
    scaled([10], 0.1),
  ];
  const loss: Loss = ([w1, b1, w2, b2, w3, b3], x, y) => {
    const first = maxPool2d(relu(conv2d(x.unsqueeze(0), w1, b1, { padding: 1 })), 2);
    const second = maxPool2d(relu(conv2d(first, w2, b2, { padding: 1 })), 2);
    return losses.crossEntropy(linear(second.flatten(1), w3, b3), y.unsqueeze(0));
  };
  return prepared(gradients, loss, weights, rand([samples, 1, 28, 28]));
}
