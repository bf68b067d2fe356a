import * as nn from "@flambeau/nn";
import { arange, scaledDotProductAttention, type Tensor } from "@flambeau/tensor";

class Block extends nn.Module {
  norm1 = new nn.LayerNorm(16);
  norm2 = new nn.LayerNorm(16);
  qkv = new nn.Linear(16, 48);
  projection = new nn.Linear(16, 16);
  up = new nn.Linear(16, 32);
  down = new nn.Linear(32, 16);
  forward(x: Tensor): Tensor {
    const [batch, time, width] = x.shape;
    const [q, k, v] = this.qkv
      .forward(this.norm1.forward(x))
      .split(width, 2)
      .map((t) => t.view([batch, time, 2, width / 2]).transpose(1, 2));
    const mixed = scaledDotProductAttention(q, k, v, { isCausal: true });
    const attended = x.add(this.projection.forward(mixed.transpose(1, 2).reshape([batch, time, width])));
    return attended.add(this.down.forward(this.up.forward(this.norm2.forward(attended)).gelu()));
  }
}
/** A small GPT whose output layer is its embedding. */
export class Gpt extends nn.Module {
  tokens = new nn.Embedding(11, 16);
  positions = new nn.Embedding(32, 16);
  blocks = new nn.ModuleList<Block>([new Block(), new Block()]);
  norm = new nn.LayerNorm(16);
  head = new nn.Linear(16, 11, { bias: false });
  constructor() {
    super();
    this.head.weight = this.tokens.weight;
  }
  forward(ids: Tensor): Tensor {
    let x = this.tokens.forward(ids).add(this.positions.forward(arange(ids.shape[1])));
    for (const block of this.blocks) x = block.forward(x);
    return this.head.forward(this.norm.forward(x));
  }
}

export const cnn = (): nn.Sequential =>
  new nn.Sequential(
    new nn.Conv2d(3, 4, 3),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Dropout(0.25),
    new nn.Linear(4 * 3 * 3, 5),
  );
