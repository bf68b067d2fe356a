// Three training runs of 50 steps against PyTorch 2.13's losses. Initial weights and data are drawn here, from the same seed. `difference` is how
// far PyTorch's own float32 losses are from its float64 ones; ten times that, or 1e-5, is what rounding may do.
import { readFileSync } from "node:fs";
import {
  arange,
  cat,
  losses,
  manualSeed,
  nn,
  optim,
  randint,
  randn,
  scaledDotProductAttention,
  type Tensor,
  tidy,
  zeros,
} from "flambeau";
import { expect, test } from "vitest";

interface Curve {
  readonly difference: number;
  readonly loss: readonly number[];
}
const curves: Readonly<Record<string, Curve>> = JSON.parse(
  readFileSync(new URL("figures/transformer-curves.json", import.meta.url), "utf8"),
);
interface Stepping {
  zeroGrad(): void;
  step(): unknown;
}
/** Holds the losses of a run to the recorded ones. */
function follow(name: string, optimizer: Stepping, lossOf: (step: number) => Tensor, before = () => {}): void {
  const { loss, difference } = curves[name];
  const within = Math.max(1e-5, 10 * difference);
  const found = loss.map((_, i) =>
    tidy(() => {
      const value = lossOf(i);
      optimizer.zeroGrad();
      value.backward();
      before();
      optimizer.step();
      return value;
    }).item(),
  );
  for (const [i, value] of found.entries())
    expect(Math.abs(value - loss[i]), `step ${i}: ${value}, PyTorch has ${loss[i]}`).toBeLessThanOrEqual(within);
  expect(loss.at(-1)).toBeLessThan(loss[0] * 0.9);
}

test("an encoder classifies padded sequences", () => {
  class Net extends nn.Module {
    emb = new nn.Embedding(12, 16, { paddingIdx: 0 });
    pos = new nn.Parameter(randn([8, 16]).mul(0.02));
    enc = new nn.TransformerEncoder(
      new nn.TransformerEncoderLayer(16, 2, { dimFeedforward: 32, dropout: 0, batchFirst: true }),
      2,
    );
    fc = new nn.Linear(16, 3);
    forward(x: Tensor): Tensor {
      const srcKeyPaddingMask = x.eq(0);
      const h = this.enc.forward(this.emb.forward(x).add(this.pos), { srcKeyPaddingMask });
      const there = srcKeyPaddingMask.logicalNot().unsqueeze(-1);
      return this.fc.forward(h.mul(there).sum(1).div(there.sum(1)));
    }
  }
  manualSeed(0);
  const net = new Net();
  const tokens = randint(1, 12, [5, 8, 8]);
  const x = tokens.mul(arange(8).lt(randint(2, 9, [5, 8, 1])));
  const y = randint(0, 3, [5, 8]);
  const optimizer = new optim.AdamW(net.parameters(), { lr: 3e-3, weightDecay: 0.01 });
  follow("transformer_encoder", optimizer, (i) =>
    losses.crossEntropy(net.forward(x.at(i % 5)), y.at(i % 5), { labelSmoothing: 0.1 }),
  );
});

test("a Transformer learns to copy", () => {
  class Net extends nn.Module {
    emb = new nn.Embedding(11, 16);
    pos = new nn.Embedding(8, 16);
    tr = new nn.Transformer(16, 4, {
      numEncoderLayers: 1,
      numDecoderLayers: 2,
      dimFeedforward: 32,
      dropout: 0,
      normFirst: true,
      activation: "gelu",
    });
    out = new nn.Linear(16, 11);
    forward(src: Tensor, tgt: Tensor): Tensor {
      const embedded = (x: Tensor) => this.emb.forward(x).add(this.pos.forward(arange(x.shape[0])).unsqueeze(1));
      const tgtMask = nn.Transformer.generateSquareSubsequentMask(tgt.shape[0]);
      return this.out.forward(this.tr.forward(embedded(src), embedded(tgt), { tgtMask, tgtIsCausal: true }));
    }
  }
  manualSeed(0);
  const net = new Net();
  const data = randint(1, 11, [50, 6, 8]);
  const optimizer = new optim.Adam(net.parameters(), { lr: 0.02, betas: [0.9, 0.98], eps: 1e-9 });
  const rate = (t: number) => Math.min((t + 1) ** -0.5, (t + 1) * 10 ** -1.5);
  const schedule = new optim.lrScheduler.LambdaLR(optimizer, rate);
  const stepping = {
    zeroGrad: () => optimizer.zeroGrad(),
    step: () => {
      optimizer.step();
      schedule.step();
    },
  };
  follow("seq2seq_copy", stepping, (i) => {
    const src = data.at(i);
    const shifted = cat([zeros([1, 8], { dtype: "int32" }), src.narrow(0, 0, 5)]);
    return losses.crossEntropy(net.forward(src, shifted).reshape([-1, 11]), src.reshape([-1]));
  });
});

test("a small GPT whose output layer is its embedding", () => {
  class Block extends nn.Module {
    ln1 = new nn.LayerNorm(24);
    qkv = new nn.Linear(24, 72);
    proj = new nn.Linear(24, 24);
    ln2 = new nn.LayerNorm(24);
    fc = new nn.Linear(24, 96);
    fc2 = new nn.Linear(96, 24);
    forward(x: Tensor): Tensor {
      const [b, t, c] = x.shape;
      const heads = (z: Tensor) => z.view([b, t, 3, 8]).transpose(1, 2);
      const [q, k, v] = this.qkv.forward(this.ln1.forward(x)).split(c, 2).map(heads);
      const y = scaledDotProductAttention(q, k, v, { isCausal: true }).transpose(1, 2).reshape([b, t, c]);
      const z = x.add(this.proj.forward(y));
      return z.add(this.fc2.forward(this.fc.forward(this.ln2.forward(z)).gelu({ approximate: "tanh" })));
    }
  }
  class Gpt extends nn.Module {
    wte = new nn.Embedding(30, 24);
    wpe = new nn.Embedding(16, 24);
    h = new nn.ModuleList([new Block(), new Block()]);
    ln = new nn.LayerNorm(24);
    head = new nn.Linear(24, 30, { bias: false });
    constructor() {
      super();
      this.head.weight = this.wte.weight;
      for (const p of this.parameters()) if (p.ndim === 2) nn.init.normal_(p, 0, 0.02);
    }
    forward(x: Tensor): Tensor {
      let y = this.wte.forward(x).add(this.wpe.forward(arange(x.shape[1])));
      for (const block of this.h) y = block.forward(y);
      return this.head.forward(this.ln.forward(y));
    }
  }
  manualSeed(0);
  const net = new Gpt();
  const tokens = randint(0, 30, [4, 4, 17]);
  const all = [...net.parameters()];
  const groups = [
    { params: all.filter((p) => p.ndim >= 2), weightDecay: 0.1 },
    { params: all.filter((p) => p.ndim < 2), weightDecay: 0 },
  ];
  const optimizer = new optim.AdamW(groups, { lr: 6e-3, betas: [0.9, 0.95] });
  const schedule = new optim.lrScheduler.CosineAnnealingLR(optimizer, 50, { etaMin: 6e-4 });
  const stepping = {
    zeroGrad: () => optimizer.zeroGrad(),
    step: () => {
      optimizer.step();
      schedule.step();
    },
  };
  const loss = (i: number) => {
    const b = tokens.at(i % 4);
    return losses.crossEntropy(net.forward(b.narrow(1, 0, 16)).flatten(0, 1), b.narrow(1, 1, 16).flatten());
  };
  follow("gpt", stepping, loss, () => void optim.clipGradNorm_(all, 1));
});
