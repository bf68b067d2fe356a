import { arange, losses, nn, optim, randint, randn, scaledDotProductAttention, type Tensor } from "flambeau";

class Block extends nn.Module {
  first: nn.LayerNorm;
  qkv: nn.Linear;
  project: nn.Linear;
  second: nn.LayerNorm;
  mlp: nn.Sequential;
  constructor(d: number) {
    super();
    this.first = new nn.LayerNorm(d);
    this.qkv = new nn.Linear(d, 3 * d);
    this.project = new nn.Linear(d, d);
    this.second = new nn.LayerNorm(d);
    this.mlp = new nn.Sequential(new nn.Linear(d, 4 * d), new nn.GELU(), new nn.Linear(4 * d, d));
  }
  forward(x: Tensor): Tensor {
    const [n, t, d] = x.shape;
    const heads = (y: Tensor): Tensor => y.reshape([n, t, 4, d / 4]).transpose(1, 2);
    const [q, k, v] = this.qkv.forward(this.first.forward(x)).chunk(3, -1).map(heads);
    const y = scaledDotProductAttention(q, k, v, { isCausal: true }).transpose(1, 2).reshape([n, t, d]);
    const z = x.add(this.project.forward(y));
    return z.add(this.mlp.forward(this.second.forward(z)));
  }
}

class Gpt extends nn.Module {
  tokens = new nn.Embedding(64, 64);
  places = new nn.Embedding(32, 64);
  blocks = new nn.Sequential(new Block(64), new Block(64));
  norm = new nn.LayerNorm(64);
  head = new nn.Linear(64, 64);
  forward(x: Tensor): Tensor {
    const places = this.places.forward(arange(x.shape[1], { dtype: "int32" }));
    return this.head.forward(this.norm.forward(this.blocks.forward(this.tokens.forward(x).add(places))));
  }
}

export interface Training {
  readonly model: nn.Module;
  readonly step: () => void;
}

export function gpt(): Training {
  const model = new Gpt();
  const optimizer = new optim.AdamW(model.parameters());
  const x = randint(0, 64, [8, 32], { dtype: "int32" });
  return {
    model,
    step() {
      optimizer.zeroGrad();
      losses.crossEntropy(model.forward(x).flatten(0, 1), x.flatten()).backward();
      optimizer.step();
    },
  };
}

export function cnn(): Training {
  const model = new nn.Sequential(
    new nn.Conv2d(3, 16, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.Flatten(),
    new nn.Linear(32 * 64, 10),
  );
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
  const [x, y] = [randn([16, 3, 16, 16]), randint(0, 10, [16], { dtype: "int32" })];
  return {
    model,
    step() {
      optimizer.zeroGrad();
      losses.crossEntropy(model.forward(x), y).backward();
      optimizer.step();
    },
  };
}
