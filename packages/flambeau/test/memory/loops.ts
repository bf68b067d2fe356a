import {
  cat,
  losses,
  multinomial,
  nextStep,
  nn,
  noGrad,
  optim,
  randint,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "flambeau";

// Loops as programs have them: no scope, no dispose.

export interface Loop {
  readonly name: string;
  /** Least bytes that an iteration makes and drops. */
  readonly garbage: number;
  run(iterations: number): Promise<void> | void;
}

const repeat = (iterations: number, body: () => void): void => {
  for (let i = 0; i < iterations; i++) body();
};

/** A step of training: data drawn, loss, gradients, parameters changed. */
function trainer(): () => Tensor {
  const model = new nn.Sequential(new nn.Linear(196, 64), new nn.ReLU(), new nn.Linear(64, 10));
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
  return () => {
    const x = randn([64, 196]);
    const y = randint(0, 10, [64]);
    optimizer.zeroGrad();
    const loss = losses.crossEntropy(model.forward(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  };
}

/** Episodes of a game: a policy draws actions one after another, then learns from what they brought. */
function player(): () => void {
  const policy = new nn.Sequential(new nn.Linear(4, 512), new nn.Tanh(), new nn.Linear(512, 2));
  const optimizer = new optim.RMSprop(policy.parameters(), { lr: 1e-4 });
  return () => {
    let state = [0.1, 0, -0.1, 0];
    const chosen: Tensor[] = [];
    let reward = 0;
    for (let t = 0; t < 8; t++) {
      const logProbabilities = policy.forward(tensor(state)).logSoftmax(0);
      const action = multinomial(
        noGrad(() => logProbabilities.exp()),
        1,
      ).item();
      chosen.push(logProbabilities.select(0, action));
      state = state.map((s, i) => 0.9 * s + (action === i % 2 ? 0.1 : -0.1));
      reward += 1 - Math.abs(state[0]);
    }
    const total = chosen.reduce((sum, p) => sum.add(p));
    optimizer.zeroGrad();
    total.mul(-reward).backward();
    optimizer.step();
  };
}

/** Generation: each token is fed back; the keys and values of those before grow until the window is full. */
function writer(): () => void {
  const [width, window] = [256, 64];
  const embedding = new nn.Embedding(50, width);
  const [query, key, value, head] = [width, width, width, 50].map((n) => new nn.Linear(width, n));
  let token = 1;
  let past: { readonly keys: Tensor; readonly values: Tensor } | null = null;
  return () =>
    noGrad(() => {
      const x = embedding.forward(tensor([token], { dtype: "int32" }));
      const keys: Tensor = past ? cat([past.keys, key.forward(x)]) : key.forward(x);
      const values: Tensor = past ? cat([past.values, value.forward(x)]) : value.forward(x);
      const attention = query.forward(x).matmul(keys.t()).div(16).softmax(-1);
      token = head.forward(attention.matmul(values)).argmax().item();
      past = keys.shape[0] < window ? { keys, values } : null;
    });
}

/** Requests that are answered side by side, each with waits of its own. */
async function serve(requests: number): Promise<void> {
  const model = new nn.Sequential(new nn.Conv2d(1, 8, 3, { padding: 1 }), new nn.ReLU(), new nn.Flatten());
  let left = requests;
  const worker = async () => {
    while (left-- > 0) {
      const image = zeros([1, 1, 28, 28]).add(1);
      const answer = noGrad(() => model.forward(image));
      await new Promise((resolve) => setImmediate(resolve));
      const sum = await answer.softmax(-1).sum().itemAsync();
      if (!(Math.abs(sum - 1) < 1e-3)) throw new Error("a wrong answer");
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** A fit by LBFGS: many evaluations of the loss in each step. */
function fitter(): () => void {
  const x = randn([512, 64]);
  const y = x.matmul(randn([64, 1]));
  return () => {
    const w = new nn.Parameter(zeros([64, 1]));
    const optimizer = new optim.LBFGS([w], { maxIter: 3 });
    optimizer.step(() => {
      optimizer.zeroGrad();
      const loss = x.matmul(w).sub(y).square().mean();
      loss.backward();
      return loss;
    });
  };
}

export const loops: readonly Loop[] = [
  { name: "training that never yields", garbage: 100e3, run: (n) => repeat(n, trainer()) },
  {
    name: "training that awaits its loss",
    garbage: 100e3,
    run: async (n) => {
      const step = trainer();
      for (let i = 0; i < n; i++) await step().itemAsync();
    },
  },
  {
    name: "training with nextStep",
    garbage: 100e3,
    run: async (n) => {
      const step = trainer();
      for (let i = 0; i < n; i++) {
        step();
        await nextStep();
      }
    },
  },
  { name: "reinforcement learning", garbage: 8 * 3 * 2048, run: (n) => repeat(n, player()) },
  { name: "generation", garbage: 50e3, run: (n) => repeat(n, writer()) },
  { name: "a server", garbage: 80e3, run: serve },
  { name: "LBFGS", garbage: 20e3, run: (n) => repeat(n, fitter()) },
  {
    name: "arithmetic with setImmediate",
    garbage: 3 * 400e3,
    run: async (n) => {
      for (let i = 0; i < n; i++) {
        zeros([100, 1000]).add(1).mul(2).sum();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  },
  {
    name: "arithmetic that never yields",
    garbage: 3 * 400e3,
    run: (n) => repeat(n, () => void zeros([100, 1000]).add(1).mul(2).sum()),
  },
];
