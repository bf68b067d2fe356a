// Flambeau's workloads, as a user writes them.
import { readFileSync } from "node:fs";
import {
  arange,
  cpuWasm,
  losses,
  nn,
  optim,
  randint,
  randn,
  registerBackend,
  scaledDotProductAttention,
  type Tensor,
  tidy,
  zeros,
} from "flambeau";
import { type Prepared, timed, type Workbench } from "../protocol.ts";

function onRandom(call: (x: Tensor) => Tensor, ...shape: number[]): Prepared {
  const x = randn(shape);
  return { run: timed(() => call(x).dispose()) };
}

function matmul(n: number): Prepared {
  const [a, b] = [randn([n, n]), randn([n, n])];
  return { run: timed(() => a.matmul(b).dispose()) };
}

/** 8×8 additions, results dropped: nothing is disposed, the collector or the scope takes them. */
function additions({ requiresGrad, scoped }: { requiresGrad: boolean; scoped: boolean }): Prepared {
  const [a, b] = [randn([8, 8], { requiresGrad }), randn([8, 8])];
  const add = () => {
    a.add(b);
  };
  const run = timed(add);
  // a scope for a thousand: what a program does around a step, not around an op
  return { run: scoped ? (iterations) => inScopes(iterations, 1000, run) : run };
}

function inScopes(iterations: number, size: number, run: (iterations: number) => number): number {
  const start = performance.now();
  for (let left = iterations; left > 0; left -= size) {
    tidy(() => {
      run(Math.min(left, size));
    });
  }
  return performance.now() - start;
}

function training(optimizer: optim.Adam | optim.AdamW, forward: () => Tensor): Prepared {
  let last = Number.NaN;
  const step = () =>
    tidy(() => {
      const loss = forward();
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      last = loss.item();
    });
  return { run: timed(step), loss: () => last };
}

function mlp(): Prepared {
  const model = new nn.Sequential(
    new nn.Linear(784, 256),
    new nn.ReLU(),
    new nn.Linear(256, 128),
    new nn.ReLU(),
    new nn.Linear(128, 10),
  );
  const [x, y] = [randn([64, 784]), randint(0, 10, [64])];
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
  return training(optimizer, () => losses.crossEntropy(model.forward(x), y));
}

function cnn(): Prepared {
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
  return training(optimizer, () => losses.crossEntropy(model.forward(x), y));
}

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

function gpt(context: number, width: number, layers: number, batch: number): Prepared {
  const model = new GPT(65, context, width, 4, layers);
  const [ids, targets] = [randint(0, 65, [batch, context]), randint(0, 65, [batch * context])];
  const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3 });
  return training(optimizer, () => losses.crossEntropy(model.forward(ids).view([-1, 65]), targets));
}

function lstm(): Prepared {
  const recurrent = new nn.LSTM(64, 128);
  const head = new nn.Linear(128, 10);
  const [x, y] = [randn([50, 32, 64]), randint(0, 10, [32])];
  const optimizer = new optim.Adam([...recurrent.parameters(), ...head.parameters()]);
  return training(optimizer, () => losses.crossEntropy(head.forward(recurrent.forward(x)[0].select(0, -1)), y));
}

const workbench: Workbench = {
  add_8x8_us: () => additions({ requiresGrad: false, scoped: false }),
  add_8x8_tidy_us: () => additions({ requiresGrad: false, scoped: true }),
  add_8x8_grad_us: () => additions({ requiresGrad: true, scoped: false }),
  add_8x8_grad_tidy_us: () => additions({ requiresGrad: true, scoped: true }),
  add_1e6_us: () => onRandom((x) => x.add(x), 1_000_000),
  exp_1e6_us: () => onRandom((x) => x.exp(), 1_000_000),
  tanh_1e6_us: () => onRandom((x) => x.tanh(), 1_000_000),
  gelu_1e6_us: () => onRandom((x) => x.gelu(), 1_000_000),
  sum_1e6_us: () => onRandom((x) => x.sum(), 1_000_000),
  softmax_512x1024_us: () => onRandom((x) => x.softmax(-1), 512, 1024),
  layernorm_512x1024_us: () => onRandom((x) => x.layerNorm([1024]), 512, 1024),
  matmul_64_us: () => matmul(64),
  matmul_256_us: () => matmul(256),
  matmul_512_us: () => matmul(512),
  matmul_1024_us: () => matmul(1024),
  mlp_ms: mlp,
  cnn_ms: cnn,
  gpt_d64_ms: () => gpt(64, 64, 2, 12),
  gpt_d128_ms: () => gpt(128, 128, 4, 16),
  lstm_ms: lstm,
};

/** The CPU backend with so many threads in place of the default one, and the workloads on it. */
export function load(threads: number): { version: string; workbench: Workbench } {
  registerBackend(cpuWasm({ threads }));
  zeros([1]).dispose();
  const manifest = new URL("../package.json", import.meta.resolve("flambeau"));
  // every package of ours has a version in its manifest
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  return { version, workbench };
}
