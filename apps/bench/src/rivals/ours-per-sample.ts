// Gradients of each sample of a batch: vmap of grad.
import { conv2d, grad, linear, losses, maxPool2d, rand, randint, randn, relu, type Tensor, tidy, vmap } from "flambeau";
import { type Prepared, timed } from "../protocol.ts";

type Loss = (weights: Tensor[], x: Tensor, y: Tensor) => Tensor;

const samples = 64;
const scaled = (shape: number[], scale: number): Tensor => randn(shape).mul_(scale);

function gradients(loss: Loss, weights: Tensor[], x: Tensor): Prepared {
  const y = randint(10, [samples]);
  const each = vmap(grad(loss), { inDims: [null, 0, 0] });
  return { run: timed(() => tidy(() => void each(weights, x, y))) };
}

export function mlp(): Prepared {
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
  return gradients(loss, weights, rand([samples, 64]));
}

export function cnn(): Prepared {
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
  return gradients(loss, weights, rand([samples, 1, 28, 28]));
}
