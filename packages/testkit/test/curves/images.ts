import { BCEWithLogitsLoss, bceWithLogits, crossEntropy } from "@flambeau/losses";
import * as nn from "@flambeau/nn";
import * as optim from "@flambeau/optim";
import {
  avgPool2d,
  cat,
  gt,
  maxPool2d,
  ones,
  rand,
  randint,
  randn,
  randnLike,
  relu,
  silu,
  type Tensor,
  tanh,
  zeros,
} from "@flambeau/tensor";
import type { Program } from "./run.ts";

class VAE extends nn.Module {
  c1 = new nn.Conv2d(1, 4, 3, { stride: 2, padding: 1 });
  c2 = new nn.Conv2d(4, 8, 3, { stride: 2, padding: 1 });
  mu = new nn.Linear(32, 3);
  lv = new nn.Linear(32, 3);
  fc = new nn.Linear(3, 32);
  t1 = new nn.ConvTranspose2d(8, 4, 4, { stride: 2, padding: 1 });
  t2 = new nn.ConvTranspose2d(4, 1, 3, { stride: 2, padding: 1, outputPadding: 1 });
  forward(x: Tensor, noise: Tensor | null): [Tensor, Tensor, Tensor] {
    const h = silu(this.c2.forward(silu(this.c1.forward(x)))).flatten(1);
    const [mu, lv] = [this.mu.forward(h), this.lv.forward(h)];
    const z = mu.add(
      lv
        .mul(0.5)
        .exp()
        .mul(noise ?? randnLike(mu)),
    );
    return [this.t2.forward(silu(this.t1.forward(silu(this.fc.forward(z)).view(-1, 8, 2, 2)))), mu, lv];
  }
}
/** A variational autoencoder, with the noise drawn beforehand or (`inside`) by each forward. */
const vae = (inside: boolean): Program =>
  function* (r) {
    const m = r.net("vae", new VAE());
    const x = r.data("x", () => r.real(gt(rand([5, 6, 1, 8, 8]), 0.6), "float32"));
    const noise = inside ? null : r.data("noise", () => randn([r.steps, 6, 3]));
    const optimizer = new optim.Adam(m.parameters(), { lr: 5e-3 });
    for (let i = 0; i < r.steps; i++) {
      const b = x.at(i % 5);
      const [o, mu, lv] = m.forward(b, noise?.at(i) ?? null);
      const rec = bceWithLogits(o, b, { reduction: "sum" }).div(6);
      const kl = lv.add(1).sub(mu.pow(2)).sub(lv.exp()).sum().mul(-0.5).div(6);
      const loss = rec.add(kl);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      r.note("kl", kl.item());
      yield loss;
    }
  };
export const convVae = vae(false);
export const convVaeRng = vae(true);

function dcganWeights(m: nn.Module): void {
  if (m instanceof nn.Conv2d || m instanceof nn.ConvTranspose2d) nn.init.normal_(m.weight, 0, 0.02);
  else if (m instanceof nn.BatchNorm2d && m.weight && m.bias) {
    nn.init.normal_(m.weight, 1, 0.02);
    nn.init.zeros_(m.bias);
  }
}
/** Two networks against each other (Radford et al. 2016), with two optimizers. */
export const dcgan: Program = function* (r) {
  const up = { stride: 2, padding: 1, bias: false };
  const generator = new nn.Sequential(
    new nn.ConvTranspose2d(6, 8, 2, { bias: false }),
    new nn.BatchNorm2d(8),
    new nn.ReLU(),
    new nn.ConvTranspose2d(8, 4, 4, up),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new nn.ConvTranspose2d(4, 1, 4, up),
    new nn.Tanh(),
  );
  const g = r.net("G", generator.apply(dcganWeights));
  const discriminator = new nn.Sequential(
    new nn.Conv2d(1, 4, 4, up),
    new nn.LeakyReLU(0.2),
    new nn.Conv2d(4, 8, 4, up),
    new nn.BatchNorm2d(8),
    new nn.LeakyReLU(0.2),
    new nn.Conv2d(8, 1, 2, { bias: false }),
    new nn.Flatten(0),
  );
  const d = r.net("D", discriminator.apply(dcganWeights));
  const x = r.data("x", () => tanh(randn([4, 8, 1, 8, 8])));
  const z = r.data("z", () => randn([r.steps, 8, 6, 1, 1]));
  const adam = { lr: 2e-3, betas: [0.5, 0.999] } as const;
  const [od, og] = [new optim.Adam(d.parameters(), adam), new optim.Adam(g.parameters(), adam)];
  const bce = new BCEWithLogitsLoss();
  const [one, zero] = [ones([8], { dtype: r.dtype }), zeros([8], { dtype: r.dtype })];
  for (let i = 0; i < r.steps; i++) {
    d.zeroGrad();
    const real = bce.forward(d.forward(x.at(i % 4)), one);
    real.backward();
    const fake = g.forward(z.at(i));
    const lf = bce.forward(d.forward(fake.detach()), zero);
    lf.backward();
    od.step();
    g.zeroGrad();
    const lg = bce.forward(d.forward(fake), one);
    lg.backward();
    og.step();
    r.note("loss_G", lg.item());
    yield real.add(lf);
  }
};

const block = (i: number, o: number) =>
  new nn.Sequential(new nn.Conv2d(i, o, 3, { padding: 1 }), new nn.BatchNorm2d(o), new nn.ReLU());
class UNet extends nn.Module {
  d1 = block(1, 4);
  d2 = block(4, 8);
  mid = block(8, 8);
  u2 = new nn.ConvTranspose2d(8, 8, 2, { stride: 2 });
  c2 = block(16, 4);
  u1 = new nn.ConvTranspose2d(4, 4, 2, { stride: 2 });
  c1 = block(8, 4);
  out = new nn.Conv2d(4, 1, 1);
  forward(x: Tensor): Tensor {
    const a = this.d1.forward(x);
    const b = this.d2.forward(maxPool2d(a, 2));
    const c = this.mid.forward(maxPool2d(b, 2));
    const y = this.c2.forward(cat([this.u2.forward(c), b], 1));
    return this.out.forward(this.c1.forward(cat([this.u1.forward(y), a], 1)));
  }
}
export const unet: Program = function* (r) {
  const m = r.net("unet", new UNet());
  const x = r.data("x", () => randn([4, 3, 1, 8, 8]));
  const y = r.real(gt(avgPool2d(x.flatten(0, 1), 3, { stride: 1, padding: 1 }), 0)).view(4, 3, 1, 8, 8);
  const optimizer = new optim.RMSprop(m.parameters(), { lr: 2e-3, alpha: 0.95 });
  const schedule = new optim.lrScheduler.StepLR(optimizer, 20, { gamma: 0.5 });
  for (let i = 0; i < r.steps; i++) {
    const [o, t] = [m.forward(x.at(i % 4)), y.at(i % 4)];
    const p = o.sigmoid();
    const dice = p.mul(t).sum().mul(2).add(1).div(p.sum().add(t.sum()).add(1)).mul(-1).add(1);
    const loss = bceWithLogits(o, t).add(dice);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    schedule.step();
    yield loss;
  }
};

class Residual extends nn.Module {
  a: nn.Conv2d;
  n: nn.BatchNorm2d;
  b: nn.Conv2d;
  o: nn.BatchNorm2d;
  constructor(c: number) {
    super();
    this.a = new nn.Conv2d(c, c, 3, { padding: 1, bias: false });
    this.n = new nn.BatchNorm2d(c);
    this.b = new nn.Conv2d(c, c, 3, { padding: 1, bias: false });
    this.o = new nn.BatchNorm2d(c);
  }
  forward(x: Tensor): Tensor {
    return relu(x.add(this.o.forward(this.b.forward(relu(this.n.forward(this.a.forward(x)))))));
  }
}
/** Gradients of two batches for each step, clipped by value, with a one-cycle schedule. */
export const resnetAccum: Program = function* (r) {
  const m = r.net(
    "net",
    new nn.Sequential(
      new nn.Conv2d(3, 6, 3, { padding: 1 }),
      new Residual(6),
      new nn.MaxPool2d(2),
      new Residual(6),
      new nn.AdaptiveAvgPool2d(1),
      new nn.Flatten(),
      new nn.Linear(6, 5),
    ),
  );
  const x = r.data("x", () => randn([4, 6, 3, 8, 8]));
  const y = r.data("y", () => randint(0, 5, [4, 6], { dtype: "int64" }));
  const optimizer = new optim.SGD(m.parameters(), { lr: 0.05, momentum: 0.9, weightDecay: 5e-4 });
  const schedule = new optim.lrScheduler.OneCycleLR(optimizer, 0.1, { totalSteps: r.steps / 2 });
  for (let i = 0; i < r.steps; i++) {
    const loss = crossEntropy(m.forward(x.at(i % 4)), y.at(i % 4));
    loss.div(2).backward();
    yield loss;
    if (i % 2 === 0) continue;
    optim.clipGradValue_(m.parameters(), 0.5);
    optimizer.step();
    optimizer.zeroGrad();
    r.note("lr", schedule.getLastLr()[0]);
    schedule.step();
  }
};
