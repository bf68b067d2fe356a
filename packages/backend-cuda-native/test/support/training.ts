// A step of training on a device: embedding, layer norm, two layers, cross entropy, Adam.
import { crossEntropy } from "@flambeau/losses";
import { Embedding, LayerNorm, Linear, Module } from "@flambeau/nn";
import { Adam } from "@flambeau/optim";
import { flatten, manualSeed, randint, relu, type Tensor } from "flambeau";

class Net extends Module {
  readonly words = new Embedding(11, 6);
  readonly norm = new LayerNorm(18);
  readonly first = new Linear(18, 16);
  readonly second = new Linear(16, 5);
  forward(x: Tensor): Tensor {
    return this.second.forward(relu(this.first.forward(this.norm.forward(flatten(this.words.forward(x), 1)))));
  }
}

/** A step that can be repeated, from seed 0; it gives the loss. */
export function training(device: string): () => number {
  manualSeed(0);
  const net = new Net();
  const [x, y] = [randint(0, 11, [8, 3]).to(device), randint(0, 5, [8]).to(device)];
  net.to(device);
  const optimizer = new Adam(net.parameters(), { lr: 0.01 });
  return () => {
    const loss = crossEntropy(net.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss.item();
  };
}
