import { autocast } from "@flambeau/amp";
import { crossEntropy, mse } from "@flambeau/losses";
import * as nn from "@flambeau/nn";
import * as optim from "@flambeau/optim";
import { manualSeed, randint, randn, sin, stack, type Tensor } from "@flambeau/tensor";
import { later } from "./later.ts";
import { type Program, type Run, sumsOf } from "./run.ts";

const inputs = (r: Run, shape: readonly number[]): Tensor => r.data("x", () => randn(shape));
const labels = (r: Run): Tensor => r.data("y", () => randint(0, 4, [5, 16], { dtype: "int64" }));
function step(optimizer: optim.Optimizer<object>, loss: Tensor): Tensor {
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  return loss;
}

/** Parameters in float32, products in bfloat16. The run in float64 has no autocast. */
export const autocastBf16Mlp: Program = function* (r) {
  const { Linear } = nn;
  const layers = [
    new Linear(8, 32),
    new nn.GELU(),
    new nn.LayerNorm(32),
    new Linear(32, 32),
    new nn.ReLU(),
    new Linear(32, 4),
  ];
  const m = r.net("net", new nn.Sequential(...layers));
  const [x, y] = [inputs(r, [5, 16, 8]), labels(r)];
  const optimizer = new optim.AdamW(m.parameters(), { lr: 5e-3 });
  for (let i = 0; i < r.steps; i++) {
    let o = x;
    const loss = autocast(
      "bfloat16",
      () => {
        o = m.forward(x.at(i % 5));
        return crossEntropy(r.double ? o : o.float(), y.at(i % 5));
      },
      { enabled: !r.double },
    );
    if (i === 0) {
      r.note("output_dtype", `torch.${o.dtype}`);
      r.note("first_output", [...o.detach().float().flatten().dataSync()].slice(0, 8).map(Number));
    }
    yield step(optimizer, loss);
  }
};

/** Everything in bfloat16. */
export const bf16WeightsMlp: Program = function* (r) {
  const dtype = r.double ? "float64" : "bfloat16";
  const m = r.net("net", new nn.Sequential(new nn.Linear(8, 32), new nn.ReLU(), new nn.Linear(32, 4))).to(dtype);
  const x = inputs(r, [5, 16, 8]).to(dtype);
  const y = r.data("y", () => randn([5, 16, 4])).to(dtype);
  const optimizer = new optim.SGD(m.parameters(), { lr: 0.05 });
  for (let i = 0; i < r.steps; i++) yield step(optimizer, mse(m.forward(x.at(i % 5)), y.at(i % 5)));
};

/** Dropout's masks come from the generator, in the loop. */
export const dropoutMlpRng: Program = function* (r) {
  const { Linear } = nn;
  const hidden = [new Linear(8, 32), new nn.ReLU(), new nn.Dropout(0.3), new Linear(32, 16)];
  const layers = [...hidden, new nn.BatchNorm1d(16), new nn.GELU(), new nn.Dropout1d(0.2), new Linear(16, 4)];
  const m = r.net("net", new nn.Sequential(...layers));
  const [x, y] = [inputs(r, [5, 16, 8]), labels(r)];
  const optimizer = new optim.Adam(m.parameters(), { lr: 5e-3 });
  manualSeed(r.curve.seed + 1);
  for (let i = 0; i < r.steps; i++) yield step(optimizer, crossEntropy(m.forward(x.at(i % 5)), y.at(i % 5)));
};

export const parametrizedMlp: Program = function* (r) {
  const P = later.utils.parametrizations;
  const linear = (i: number, o: number) => new nn.Linear(i, o);
  const m = r.net(
    "net",
    new nn.Sequential(
      P.weightNorm(linear(6, 12)),
      new nn.Tanh(),
      P.spectralNorm(linear(12, 12)),
      new nn.Tanh(),
      P.orthogonal(linear(12, 12), "weight", { orthogonalMap: "matrixExp" }),
      new nn.Tanh(),
      P.orthogonal(linear(12, 12), "weight", { orthogonalMap: "cayley" }),
      new nn.Tanh(),
      linear(12, 2),
    ),
  );
  const x = inputs(r, [5, 16, 6]);
  const y = r.data("y", () => randn([5, 16, 2]));
  const optimizer = new optim.SGD(m.parameters(), { lr: 0.1, momentum: 0.9, nesterov: true });
  for (let i = 0; i < r.steps; i++) yield step(optimizer, mse(m.forward(x.at(i % 5)), y.at(i % 5)));
};

const target = (x: Tensor): Tensor => stack([sin(x.at("...", 0).mul(2)), x.at("...", 1).mul(x.at("...", 2))], 1);

/** The same regression for each optimizer, which calls its closure as often as it likes. */
export const optimizer = (name: string, make: (params: Iterable<Tensor>) => optim.Optimizer<object>): Program =>
  function* (r) {
    const m = r.net("net", new nn.Sequential(new nn.Linear(4, 16), new nn.Tanh(), new nn.Linear(16, 2)));
    const x = inputs(r, [32, 4]);
    const y = target(x);
    const opt = make(m.parameters());
    for (let i = 0; i < r.steps; i++) {
      const [from, to] = name.startsWith("lbfgs") ? [0, 32] : [(i % 4) * 8, (i % 4) * 8 + 8];
      const loss = opt.step(() => {
        opt.zeroGrad();
        const l = mse(m.forward(x.at({ from, to })), y.at({ from, to }));
        l.backward();
        return l;
      });
      yield loss as Tensor; // the closure's
    }
  };

/** Averages of the weights along the way, whose batch norms are computed anew or averaged too. */
export const average = (kind: "swa" | "ema"): Program =>
  async function* (r) {
    const layers = [new nn.Linear(4, 16), new nn.BatchNorm1d(16), new nn.ReLU(), new nn.Linear(16, 2)];
    const m = r.net("net", new nn.Sequential(...layers));
    const x = inputs(r, [32, 4]);
    const y = target(x);
    const opt = new optim.SGD(m.parameters(), { lr: 0.1, momentum: 0.5 });
    const ema = { multiAvgFn: optim.getEmaMultiAvgFn(0.9), useBuffers: true };
    const averaged = new optim.AveragedModel(m, kind === "ema" ? ema : {});
    const schedule = new optim.lrScheduler.CosineAnnealingLR(opt, 25);
    const swa = new optim.lrScheduler.SWALR(opt, 0.05, { annealEpochs: 5, annealStrategy: "linear" });
    for (let i = 0; i < r.steps; i++) {
      const [from, to] = [(i % 4) * 8, (i % 4) * 8 + 8];
      yield step(opt, mse(m.forward(x.at({ from, to })), y.at({ from, to })));
      if (kind === "ema" || i >= 25) averaged.updateParameters(m);
      if (kind === "swa" && i >= 25) swa.step();
      else if (kind === "swa") schedule.step();
      r.note("lr", opt.paramGroups[0].lr);
    }
    if (kind === "swa") await optim.updateBn(x.split(8, 0), averaged);
    averaged.eval();
    r.note("averaged_loss", mse(averaged.forward(x), y).item());
    r.note("averaged_state", sumsOf(averaged.stateDict()));
    r.note("n_averaged", averaged.nAveraged);
  };
