import {
  compile,
  losses,
  manualSeed,
  nn,
  optim,
  randint,
  randn,
  scaledDotProductAttention,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from "flambeau";
import { expect, test } from "vitest";

// Two hundred training steps, eager and compiled, from the same seed.

interface Training {
  readonly model: nn.Module;
  /** A step, whole; gives the loss. */
  readonly step: () => Tensor;
  /** What a program does after a step. */
  readonly after?: (loss: number) => void;
}
const steps = 200;

function run(
  make: () => Training,
  wrap: (step: () => Tensor) => () => Tensor,
): { losses: number[]; weights: number[][] } {
  manualSeed(7);
  const { model, step, after } = make();
  const wrapped = wrap(step);
  const values: number[] = [];
  for (let i = 0; i < steps; i++)
    tidy(() => {
      const loss = wrapped().item() as number;
      values.push(loss);
      after?.(loss);
    });
  const weights = Object.values(model.stateDict()).map((t) => [...t.dataSync()].map(Number));
  return { losses: values, weights };
}

function stepOf(model: nn.Module, optimizer: { zeroGrad(): void; step(): void }, forward: () => Tensor): () => Tensor {
  return () => {
    optimizer.zeroGrad();
    const loss = forward();
    loss.backward();
    optim.clipGradNorm_(model.parameters(), 1);
    optimizer.step();
    return loss;
  };
}

function mlp(): Training {
  const model = new nn.Sequential(new nn.Linear(12, 32), new nn.Tanh(), new nn.Linear(32, 4));
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-2 });
  const scheduler = new optim.lrScheduler.StepLR(optimizer, 20, { gamma: 0.9 });
  const [x, y] = [randn([16, 12]), randint(0, 4, [16])];
  return {
    model,
    step: stepOf(model, optimizer, () => losses.crossEntropy(model.forward(x), y)),
    after: () => scheduler.step(),
  };
}
function cnn(): Training {
  const model = new nn.Sequential(
    new nn.Conv2d(1, 4, 3),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(36, 3),
  );
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9, weightDecay: 1e-3 });
  const [x, y] = [randn([8, 1, 8, 8]), randint(0, 3, [8])];
  return { model, step: stepOf(model, optimizer, () => losses.crossEntropy(model.forward(x), y)) };
}
class Block extends nn.Module {
  norm = new nn.LayerNorm(16);
  qkv = new nn.Linear(16, 48);
  up = new nn.Linear(16, 32);
  down = new nn.Linear(32, 16);
  forward(x: Tensor): Tensor {
    const heads = this.qkv
      .forward(this.norm.forward(x))
      .split(16, 2)
      .map((t) => t.unflatten(2, [2, 8]).transpose(1, 2));
    const y = x.add(
      scaledDotProductAttention(heads[0], heads[1], heads[2], { isCausal: true }).transpose(1, 2).reshape(x.shape),
    );
    return y.add(this.down.forward(this.up.forward(this.norm.forward(y)).gelu()));
  }
}
class Gpt extends nn.Module {
  tokens = new nn.Embedding(11, 16);
  block = new Block();
  head = new nn.Linear(16, 11);
  forward(ids: Tensor): Tensor {
    return this.head.forward(this.block.forward(this.tokens.forward(ids)));
  }
}
function gpt(): Training {
  const model = new Gpt();
  const optimizer = new optim.AdamW(model.parameters(), { lr: 3e-3 });
  const [ids, targets] = [randint(0, 11, [3, 6]), randint(0, 11, [18])];
  return {
    model,
    step: stepOf(model, optimizer, () => losses.crossEntropy(model.forward(ids).view([-1, 11]), targets)),
  };
}
class Cells extends nn.Module {
  input = new nn.Linear(5, 32);
  hidden = new nn.Linear(8, 32, { bias: false });
  head = new nn.Linear(8, 1);
  forward(x: Tensor): Tensor {
    let [h, c] = [zeros([4, 8]), zeros([4, 8])];
    for (const share of this.input.forward(x).unbind(0)) {
      const [i, f, g, o] = share.add(this.hidden.forward(h)).chunk(4, 1);
      c = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
      h = o.sigmoid().mul(c.tanh());
    }
    return this.head.forward(h);
  }
}
function lstm(): Training {
  const model = new Cells();
  const optimizer = new optim.RMSprop(model.parameters(), { lr: 1e-3 });
  const [x, y] = [randn([6, 4, 5]), randn([4, 1])];
  return { model, step: stepOf(model, optimizer, () => losses.mse(model.forward(x), y)) };
}
function layered(): Training {
  const model = new nn.LSTM(5, 8, { numLayers: 2 });
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
  const [x, y] = [randn([6, 4, 5]), randn([6, 4, 8])];
  return { model, step: stepOf(model, optimizer, () => losses.mse(model.forward(x)[0], y)) };
}
class Deciding extends nn.Module {
  a = new nn.Linear(6, 6);
  b = new nn.Linear(6, 6);
  drop = new nn.Dropout(0.3);
  forward(x: Tensor): Tensor {
    let y = this.a.forward(x).relu();
    // how often, depends on what is computed
    for (let i = 0; i < 3 && (y.mean().item() as number) < 0.35; i++)
      y = this.drop.forward(this.b.forward(y).relu().add(y));
    return y;
  }
}
function deciding(): Training {
  const model = new Deciding();
  const optimizer = new optim.Adam(model.parameters(), { lr: 3e-3 });
  let call = 0;
  const inputs = [randn([5, 6]), randn([3, 6]), randn([9, 6])];
  return {
    model,
    step: stepOf(model, optimizer, () => {
      const x = inputs[call++ % 3];
      return losses.smoothL1(model.forward(x), tensor(0.5).expand(x.shape));
    }),
  };
}

test.each<[string, () => Training]>([
  ["MLP, with a schedule", mlp],
  ["CNN", cnn],
  ["GPT", gpt],
  ["LSTM in ops", lstm],
  ["LSTM", layered],
  ["control flow that depends on values, dropout, batches of several sizes", deciding],
])("%s", (_, make) => {
  const eager = run(make, (step) => step);
  let compiled: { stats(): { kernels: { asked: number; run: number }; tapes: number } } | null = null;
  const other = run(make, (step) => (compiled = compile(step)));
  expect(other.losses.at(-1)).toBeLessThan(other.losses[0]);
  // sums of joined terms may be rounded otherwise; where only pointwise kernels are joined nothing is
  for (let i = 0; i < steps; i++)
    expect(Math.abs(other.losses[i] - eager.losses[i])).toBeLessThanOrEqual(1e-6 * Math.max(1, eager.losses[i]));
  other.weights.forEach((values, w) => {
    values.forEach((value, i) => {
      expect(Math.abs(value - eager.weights[w][i])).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)));
    });
  });
  const { kernels, tapes } = (
    compiled as unknown as { stats(): { kernels: { asked: number; run: number }; tapes: number } }
  ).stats();
  expect(kernels.run).toBeLessThan(kernels.asked);
  expect(tapes).toBeLessThan(64);
});
