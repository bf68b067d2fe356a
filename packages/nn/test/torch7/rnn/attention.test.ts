// The recurrent model of visual attention (Mnih et al. 2014) as rnn's example has it, small: it learns where to look, and digits.
import {
  data,
  losses,
  manualSeed,
  nn,
  noGrad,
  ones,
  optim,
  randint,
  randn,
  randperm,
  stack,
  type Tensor,
  tidy,
  zeros,
} from "flambeau";
import {
  ConcatTable,
  JoinTable,
  LSTM,
  MulConstant,
  Recurrent,
  RecurrentAttention,
  ReinforceNormal,
  SelectTable,
  Sequential,
  SpatialGlimpse,
  VRClassReward,
} from "flambeau/torch7";
import { describe, expect, test } from "vitest";

interface Sizes {
  readonly patch: number;
  readonly hidden: number;
  readonly steps: number;
  readonly stdev: number;
  readonly classes: number;
}
/** rnn's examples/recurrent-visual-attention.lua: a glimpse and its place go into a recurrent net, which says where to look next. */
function agentOf({ patch, hidden, steps, stdev, classes }: Sizes) {
  const place = new Sequential(new SelectTable(1), new nn.Linear(2, 32), new nn.ReLU());
  const glimpse = new SpatialGlimpse(patch, 1);
  const seen = new Sequential(glimpse, new nn.Flatten(), new nn.Linear(patch * patch, 64), new nn.ReLU());
  const sensor = new Sequential(
    new ConcatTable(place, seen),
    new JoinTable(1),
    new nn.Linear(96, hidden),
    new nn.ReLU(),
    new nn.Linear(hidden, hidden),
  );
  const rnn = new Recurrent(hidden, sensor, new nn.Linear(hidden, hidden), { transfer: new nn.ReLU() });
  const locator = new Sequential(
    new nn.Linear(hidden, 2),
    new nn.Hardtanh(), // means within the image
    new ReinforceNormal(stdev),
    new nn.Hardtanh(), // and places
    new MulConstant(0.8),
  );
  const attention = new RecurrentAttention(rnn, locator, steps, [hidden]);
  const agent = new Sequential(attention, new SelectTable(-1), new nn.Linear(hidden, classes), new nn.LogSoftmax(-1));
  return { agent, locator, attention };
}
const accuracy = (agent: Sequential, x: Tensor, y: Tensor): number => {
  agent.eval();
  const right = noGrad(() => tidy(() => agent.forward<Tensor>(x).argmax(1).eq(y).to("float32").mean().item()));
  agent.train();
  return Number(right);
};
/** One step by both losses: that of the answer goes back through what was seen, the reward to where it was looked. */
function stepper(agent: Sequential, parameters: readonly Tensor[], lr: number) {
  const baseline = new nn.Parameter(ones([1]).mul(0.1));
  const adam = new optim.Adam([...parameters, baseline], { lr });
  const [nll, reward] = [new losses.NLLLoss(), new VRClassReward(agent)];
  return (x: Tensor, y: Tensor): void =>
    tidy(() => {
      const scores = agent.forward<Tensor>(x);
      const loss = nll.forward(scores, y).add(reward.forward([scores, baseline.expand(y.shape)], y));
      adam.zeroGrad();
      loss.backward();
      adam.step();
    });
}

describe("RecurrentAttention", () => {
  test("its actions see the output before, zeros at first, and each step of the net sees the image and the action", () => {
    manualSeed(1);
    const hidden = new nn.Linear(6, 3);
    class Seen extends nn.Module {
      forward([x, z]: readonly [Tensor, Tensor]): Tensor {
        return hidden
          .forward(x)
          .tanh()
          .add(z.sum(1, { keepdim: true }));
      }
    }
    const action = new Sequential(new nn.Linear(3, 2), new ReinforceNormal(0.1)).eval(); // means
    const attention = new RecurrentAttention(new Seen(), action, 3, 3, { forwardActions: true });
    attention.eval();
    const x = randn([4, 6]);
    const out = attention.forward<readonly [Tensor, Tensor]>(x);
    let before = zeros([4, 3]);
    const linear = action.get(0) as nn.Linear;
    for (const [y, z] of out) {
      expect(z.allclose(linear.forward(before), { atol: 1e-6 })).toBe(true);
      expect(
        y.allclose(
          hidden
            .forward(x)
            .tanh()
            .add(z.sum(1, { keepdim: true })),
          { atol: 1e-6 },
        ),
      ).toBe(true);
      before = y;
    }
    expect(out.length).toBe(3);
    const plain = new RecurrentAttention(new Seen(), action, 3, [3]).eval() as RecurrentAttention;
    expect(plain.forward(x)[2].allclose(out[2][0], { atol: 1e-6 })).toBe(true);
    expect(() => new RecurrentAttention(new Seen(), action, 0, 3)).toThrow("nStep must be a positive integer");
    // a recurrent net within goes on from step to step
    const lstm = new LSTM(2, 3);
    new RecurrentAttention(new Sequential(new SelectTable(1), lstm), action, 3, 3).forward(x);
    expect(lstm.step).toBe(3);
  });

  test("learns where to look by the reward alone", () => {
    // the class is the sign of the lowest row, which a glimpse in the middle does not see
    const batch = (n: number): readonly [Tensor, Tensor] => {
      const y = randint(0, 2, [n], { dtype: "int32" });
      const row = y.to("float32").mul(2).sub(1).reshape([n, 1, 1, 1]).expand([n, 1, 1, 9]);
      return [row.pad([0, 0, 8, 0]), y];
    };
    const run = (looks: boolean): number => {
      manualSeed(4);
      const sizes = { patch: 3, hidden: 16, steps: 2, stdev: 0.4, classes: 2 };
      const { agent, locator } = agentOf(sizes);
      noGrad(() => {
        for (const p of locator.parameters()) p.mul_(0.1); // at first, in the middle
      });
      const fixed = new Set<Tensor>(looks ? [] : locator.parameters());
      const step = stepper(
        agent,
        [...agent.parameters()].filter((p) => !fixed.has(p)),
        0.005,
      );
      for (let i = 0; i < 250; i++) step(...batch(64));
      return accuracy(agent, ...batch(256));
    };
    expect(run(true)).toBe(1);
    expect(run(false)).toBeLessThan(0.7);
  });

  test("reads digits in four glimpses of a quarter of the image", async () => {
    const load = async (split: "train" | "test"): Promise<readonly [Tensor, Tensor]> => {
      const set = await data.digits({ split });
      const samples = Array.from({ length: set.length }, (_, i) => set.get(i));
      return [stack(samples.map(([image]) => image)), stack(samples.map(([, label]) => label))];
    };
    const [[x, y], held] = [await load("train"), await load("test")];
    manualSeed(1);
    const { agent } = agentOf({ patch: 4, hidden: 64, steps: 4, stdev: 0.15, classes: 10 });
    const step = stepper(agent, [...agent.parameters()], 0.006);
    const size = 48;
    for (let epoch = 0; epoch < 30; epoch++) {
      const order = randperm(1437);
      for (let at = 0; at + size <= 1437; at += size) {
        const rows = order.narrow(0, at, size);
        step(x.indexSelect(0, rows), y.indexSelect(0, rows));
      }
    }
    // 0.91 here, of writers that it has not seen; 0.84 to 0.91 with other seeds, and 0.1 is by chance
    expect(accuracy(agent, ...held)).toBeGreaterThan(0.85);
  });
});
