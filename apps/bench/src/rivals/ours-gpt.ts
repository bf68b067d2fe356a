// The GPT that Flambeau trains in the bench, as a user writes it. Apart from the other models, so that those still load on a
// checkout that lacks what this one imports.
import { arange, losses, nn, optim, randint, scaledDotProductAttention, type Tensor } from "flambeau";
import type { Task } from "./ours-models.ts";

class Block extends nn.Module {
  readonly heads: number;
  norm1: nn.LayerNorm;
  norm2: nn.LayerNorm;
  qkv: nn.Linear;
  projection: nn.Linear;
  up: nn.Linear;
  down: nn.Linear;

  constructor(width: number, heads: number) {
    super();
    this.heads = heads;
    this.norm1 = new nn.LayerNorm(width);
    this.norm2 = new nn.LayerNorm(width);
    this.qkv = new nn.Linear(width, 3 * width);
    this.projection = new nn.Linear(width, width);
    this.up = new nn.Linear(width, 4 * width);
    this.down = new nn.Linear(4 * width, width);
  }

  forward(x: Tensor): Tensor {
    const [batch, time, width] = x.shape;
    const [q, k, v] = this.qkv
      .forward(this.norm1.forward(x))
      .split(width, 2)
      .map((t) => t.view([batch, time, this.heads, width / this.heads]).transpose(1, 2));
    const mixed = scaledDotProductAttention(q, k, v, { isCausal: true });
    const attended = x.add(this.projection.forward(mixed.transpose(1, 2).reshape([batch, time, width])));
    return attended.add(this.down.forward(this.up.forward(this.norm2.forward(attended)).gelu()));
  }
}

class GPT extends nn.Module {
  readonly positionIds: Tensor;
  tokens: nn.Embedding;
  positions: nn.Embedding;
  blocks: nn.ModuleList<Block>;
  norm: nn.LayerNorm;
  head: nn.Linear;

  constructor(vocabulary: number, context: number, width: number, heads: number, layers: number) {
    super();
    this.positionIds = arange(context);
    this.tokens = new nn.Embedding(vocabulary, width);
    this.positions = new nn.Embedding(context, width);
    this.blocks = new nn.ModuleList(Array.from({ length: layers }, () => new Block(width, heads)));
    this.norm = new nn.LayerNorm(width);
    this.head = new nn.Linear(width, vocabulary);
  }

  forward(ids: Tensor): Tensor {
    let x = this.tokens.forward(ids).add(this.positions.forward(this.positionIds));
    for (const block of this.blocks) x = block.forward(x);
    return this.head.forward(this.norm.forward(x));
  }
}

export function gpt(context: number, width: number, layers: number, batch: number): Task {
  const model = new GPT(65, context, width, 4, layers);
  const [ids, targets] = [randint(0, 65, [batch, context]), randint(0, 65, [batch * context])];
  const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3 });
  return { optimizer, loss: () => losses.crossEntropy(model.forward(ids).view([-1, 65]), targets) };
}
