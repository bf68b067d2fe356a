// REINFORCE on a tape: what dpnn's tests assert of its gradients, and what its big test has it learn.
import {
  grad,
  losses,
  manualSeed,
  nn,
  noGrad,
  ones,
  optim,
  rand,
  randn,
  stack,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from "flambeau";
import {
  BinaryClassReward,
  forget,
  Recursor,
  type Reinforce,
  ReinforceBernoulli,
  ReinforceCategorical,
  ReinforceGamma,
  ReinforceNormal,
  type ReinforceOptions,
  reinforce,
  SAdd,
  Sequencer,
  Sequential,
  VRClassReward,
} from "flambeau/torch7";
import { beforeEach, describe, expect, test } from "vitest";

beforeEach(() => void manualSeed(41));
const close = (a: Tensor, b: Tensor, rtol = 1e-4) => expect(a.allclose(b, { rtol, atol: 1e-5 })).toBe(true);
/** `-derivative * reward`, the reward of each row. */
const reinforced = (derivative: Tensor, reward: Tensor): Tensor => derivative.mul(reward.unsqueeze(1)).neg();

describe("draws and their gradients", () => {
  test("ReinforceNormal with a number for the deviation", () => {
    const mean = randn([500, 100]).requiresGrad_();
    const reward = randn([500]);
    const normal = new ReinforceNormal(0.5);
    const y = normal.forward(mean);
    expect(y.requiresGrad).toBe(false);
    expect(y.sub(mean).square().mean().sqrt().item()).toBeCloseTo(0.5, 1);
    const [g] = grad([reinforce(normal, reward)], [mean]);
    close(g, reinforced(y.sub(mean).div(0.25), reward));
  });
  test("ReinforceNormal of means and deviations", () => {
    const [mean, stdev] = [randn([4, 10]).requiresGrad_(), rand([4, 10]).add(0.1).requiresGrad_()];
    const reward = randn([4]);
    const normal = new ReinforceNormal();
    const y = normal.forward([mean, stdev]);
    const [a, b] = grad([reinforce(normal, reward)], [mean, stdev]);
    close(a, reinforced(y.sub(mean).div(stdev.square()), reward));
    close(b, reinforced(y.sub(mean).square().sub(stdev.square()).div(stdev.pow(3)), reward), 1e-3);
    expect(() => normal.forward(mean)).toThrow("takes both parameters as a list");
    // one deviation for each element of an example
    const own = new ReinforceNormal(rand([10]).add(0.1));
    expect(own.forward(mean).shape).toEqual([4, 10]);
    expect(() => new ReinforceNormal(0)).toThrow("stdev must be positive, got 0");
    expect(() => new ReinforceNormal(ones([3])).forward(mean)).toThrow(
      "the second parameter has the shape of the first",
    );
  });
  test("ReinforceGamma, by moments and by its derivatives", () => {
    const shape = ones([500, 200]).mul(250).requiresGrad_();
    const reward = randn([500]);
    const gamma = new ReinforceGamma(2);
    const y = gamma.forward(shape);
    expect(Math.abs((y.mean().item() as number) - 500)).toBeLessThan(1);
    expect(Math.abs((y.var().item() as number) / 1000 - 1)).toBeLessThan(0.05);
    const [g] = grad([reinforce(gamma, reward)], [shape]);
    close(g, reinforced(y.log().sub(shape.digamma()).sub(Math.log(2)), reward), 1e-3);
    for (const k of [0.3, 0.9, 1, 3]) {
      const small = new ReinforceGamma(1).forward(ones([100_000]).mul(k));
      expect(Math.abs((small.mean().item() as number) / k - 1), `mean for ${k}`).toBeLessThan(0.03);
      expect(Math.abs((small.var().item() as number) / k - 1), `variance for ${k}`).toBeLessThan(0.05);
    }
    const [k, scale] = [rand([4, 10]).add(0.5).requiresGrad_(), rand([4, 10]).add(0.5).requiresGrad_()];
    const pair = new ReinforceGamma();
    const z = pair.forward([k, scale]);
    const [, ofScale] = grad([reinforce(pair, reward.narrow(0, 0, 4))], [k, scale]);
    close(ofScale, reinforced(z.div(scale.square()).sub(k.div(scale)), reward.narrow(0, 0, 4)), 1e-3);
    close(new ReinforceGamma(2).eval().forward(k), k.mul(2));
  });
  test("ReinforceBernoulli", () => {
    const p = rand([1, 10]).expand([1000, 10]).clone().requiresGrad_();
    const reward = randn([1000]);
    const coin = new ReinforceBernoulli();
    const y = coin.forward(p);
    expect(y.unique().tolist()).toEqual([0, 1]);
    expect(y.mean(0).sub(p.at(0)).abs().mean().item()).toBeLessThan(0.05);
    const [g] = grad([reinforce(coin, reward)], [p]);
    close(g, reinforced(y.sub(p).div(p.mul(p.neg().add(1))), reward), 1e-3);
    const sure = tensor([[0, 1]], { requiresGrad: true }); // no division by zero
    coin.forward(sure);
    expect(grad([reinforce(coin, ones([1]))], [sure])[0].tolist()).toEqual([[1, -1]]);
  });
  test("ReinforceCategorical", () => {
    const p = rand([1, 10]).softmax(1).expand([1000, 10]).clone().requiresGrad_();
    const reward = randn([1000]);
    const choice = new ReinforceCategorical();
    const y = choice.forward(p);
    expect(y.sum(1).unique().tolist()).toEqual([1]);
    expect(y.unique().tolist()).toEqual([0, 1]);
    expect(y.mean(0).sub(p.at(0)).abs().mean().item()).toBeLessThan(0.05);
    const [g] = grad([reinforce(choice, reward)], [p]);
    close(g, reinforced(y.div(p.add(1e-8)), reward));
  });
  test("the mean goes through in evaluation, unless they are stochastic", () => {
    const p = tensor([[0.25, 0.75]]);
    for (const make of [
      (o?: ReinforceOptions) => new ReinforceBernoulli(o),
      (o?: ReinforceOptions) => new ReinforceCategorical(o),
      (o?: ReinforceOptions) => new ReinforceNormal(1, o),
    ]) {
      const module: Reinforce<never> = make();
      module.eval();
      expect(module.forward(p as never).tolist()).toEqual([[0.25, 0.75]]);
      expect(module.logProbs.length).toBe(0);
      const always: Reinforce<never> = make({ stochastic: true });
      always.eval();
      expect(always.forward(p as never).tolist()).not.toEqual([[0.25, 0.75]]);
      expect(always.logProbs.length).toBe(1);
    }
  });
  test("a forward takes the place of the one before; steps of a sequence add up until it is forgotten", () => {
    const normal = new ReinforceNormal(1);
    normal.forward(zeros([3, 2]));
    normal.forward(zeros([3, 2]));
    expect(normal.logProbs.length).toBe(1);
    const sequencer = new Sequencer(new Sequential(new nn.Linear(2, 2), normal));
    sequencer.forward(randn([4, 3, 2]));
    expect(normal.logProbs.length).toBe(4);
    sequencer.forward(randn([5, 3, 2]));
    expect(normal.logProbs.length).toBe(5);
    forget(sequencer);
    expect(() => reinforce(sequencer, ones([3]))).toThrow("nothing was drawn in the module");
  });
  test("rewards may be given for each step", () => {
    const normal = new ReinforceNormal(1);
    const rnn = new Recursor(normal);
    const means = [0, 1, 2].map(() => zeros([2, 1]).requiresGrad_());
    const ys = means.map((mean) => rnn.forward(mean) as Tensor);
    const rewards = [tensor([1, 2]), tensor([3, 4])]; // of the last two steps
    const g = grad([reinforce(rnn, rewards)], means, { allowUnused: true });
    expect(g[0]).toBeNull();
    close(g[1] as Tensor, reinforced(ys[1], rewards[0]));
    close(g[2] as Tensor, reinforced(ys[2], rewards[1]));
    expect(() =>
      reinforce(
        rnn,
        [0, 1, 2, 3].map(() => ones([2])),
      ),
    ).toThrow("there are rewards for 4 steps, and 3 draws");
    expect(() => reinforce(rnn, ones([3]))).toThrow(
      "the reward of draws [2,1] is one number for each example, got [3]",
    );
  });
  test("draws outlive a tidy around the model, and the loss can be made within", () => {
    const w = zeros([1]).requiresGrad_();
    const normal = new ReinforceNormal(1);
    tidy(() => {
      const y = normal.forward(w.expand([8, 1]));
      reinforce(normal, y.squeeze(1)).backward();
    });
    expect(w.grad?.item()).toBeLessThan(0); // -sum(y^2)
  });
});

describe("rewards", () => {
  test("VRClassReward: its value is the reward, its gradient that of the baseline and of the draws", () => {
    const [y, b] = [randn([13, 10]).requiresGrad_(), randn([13, 1]).requiresGrad_()];
    const target = tensor(
      Array.from({ length: 13 }, (_, i) => i % 10),
      { dtype: "int32" },
    );
    const normal = new ReinforceNormal(1);
    const mean = zeros([13, 2]).requiresGrad_();
    const drawn = normal.forward(mean);
    const criterion = new VRClassReward(normal, { scale: 2 });
    const loss = criterion.forward([y, b], target);
    const reward = y.argmax(1).eq(target).to("float32").mul(2);
    close(loss, reward.mean().neg());
    const [ofY, ofB, ofMean] = grad([loss], [y, b, mean], { allowUnused: true });
    expect(ofY).toBeNull();
    close(ofB as Tensor, grad([losses.mse(b.squeeze(1), reward)], [b])[0]);
    close(ofMean as Tensor, reinforced(drawn, reward.sub(b.squeeze(1)).div(13)));
    expect(() => criterion.forward([y, b], target.narrow(0, 0, 3))).toThrow(
      "scores [N, classes] and classes [N] are wanted",
    );
    expect([...criterion.parameters()].length).toBe(0); // the model is no part of it
  });
  test("BinaryClassReward is VRClassReward of two classes", () => {
    const [p, b] = [rand([10]), randn([10, 1]).requiresGrad_()];
    const target = tensor([0, 1, 1, 0, 1, 0, 0, 1, 1, 1], { dtype: "int32" });
    const run = (criterion: BinaryClassReward | VRClassReward, y: Tensor, module: ReinforceNormal) => {
      manualSeed(1);
      const mean = zeros([10, 1]).requiresGrad_();
      module.forward(mean);
      const loss = criterion.forward([y, b], target);
      return [loss, ...grad([loss], [b, mean])];
    };
    const [one, two] = [new ReinforceNormal(1), new ReinforceNormal(1)];
    const rows = p.gt(0.5).to("float32");
    const a = run(new BinaryClassReward(one), p, one);
    const c = run(new VRClassReward(two), stack([rows.neg().add(1), rows], 1), two);
    a.forEach((each, i) => {
      close(each, c[i]);
    });
  });
  test("a criterion of one's own trains the baseline", () => {
    const b = tensor([0.2, 0.4], { requiresGrad: true });
    const module = new ReinforceBernoulli();
    const loss = new BinaryClassReward(module, { criterion: new losses.L1Loss() }).forward(
      [tensor([0.9, 0.9]), b],
      tensor([1, 0]),
    );
    loss.backward();
    expect(b.grad?.tolist()).toEqual([-0.5, 0.5]);
    expect(loss.item()).toBe(-0.5);
  });
});

describe("what is learned", () => {
  // dpnn's big test: a net of draws is reinforced for the class of an input, with and without a baseline
  const inputs = tensor([
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ]);
  const classes = tensor([0, 1, 0, 1], { dtype: "int32" });
  const cases: Record<string, () => readonly nn.Module[]> = {
    Normal: () => [new nn.Linear(2, 20), new nn.ReLU(), new nn.Linear(20, 2), new ReinforceNormal(0.3)],
    Bernoulli: () => [
      new nn.Linear(2, 20),
      new nn.ReLU(),
      new nn.Linear(20, 2),
      new nn.Sigmoid(),
      new ReinforceBernoulli(),
    ],
    Categorical: () => [
      new nn.Linear(2, 20),
      new nn.ReLU(),
      new nn.Linear(20, 2),
      new nn.Softmax(-1),
      new ReinforceCategorical(),
    ],
    Gamma: () => [
      new nn.Linear(2, 20),
      new nn.ReLU(),
      new nn.Linear(20, 2),
      new nn.Softplus(),
      new SAdd(0.1),
      new ReinforceGamma(0.1),
    ],
  };
  for (const [name, layers] of Object.entries(cases))
    test(`a net that answers by draws of ${name}`, () => {
      const net = new Sequential(...layers());
      const baseline = new nn.Parameter(zeros([1]));
      const reward = new VRClassReward(net);
      const adam = new optim.Adam([...net.parameters(), baseline], { lr: 0.01 });
      for (let step = 0; step < 400; step++) {
        const x = inputs.repeat([8, 1]);
        const loss = reward.forward([net.forward<Tensor>(x), baseline.expand([32])], classes.repeat([8]));
        adam.zeroGrad();
        loss.backward();
        adam.step();
      }
      net.eval();
      const right = noGrad(() => net.forward<Tensor>(inputs).argmax(1).eq(classes).sum().item());
      expect(right).toBe(4);
      expect(baseline.item()).toBeGreaterThan(0.9); // the reward that is expected
    });
});
