// jax-js's workloads. Ops and training steps are jitted (compiling falls into the warm-up), but for the 8×8
// additions, which show its eager cost. Every function of jax-js takes its arguments over; `.ref` keeps one.
import { blockUntilReady, grad, jit, lax, nn, numpy as np, random, tree, valueAndGrad } from "@jax-js/jax";
import { type Prepared, timedAsync, type Workbench } from "../protocol.ts";

type Arr = np.Array;
type Params = { [name: string]: Arr };

let seed = 0;
const key = () => random.key(seed++);
const normal = (...shape: number[]) => random.normal(key(), shape);

/** Uniform in ±1/√fanIn, what PyTorch's layers start from. */
function uniform(fanIn: number, ...shape: number[]): Arr {
  const bound = 1 / Math.sqrt(fanIn);
  return random.uniform(key(), shape, { minval: -bound, maxval: bound });
}

function integers(count: number, below: number): Arr {
  return np.array(Int32Array.from({ length: count }, (_, i) => (i * 7919 + 13) % below));
}

function onRandom(call: (x: Arr) => Arr, ...shape: number[]): Prepared {
  const x = normal(...shape);
  const compiled = jit(call);
  const run = timedAsync(async () => {
    const out = compiled(x.ref);
    await blockUntilReady(out);
    out.dispose();
  });
  return { run };
}

function matmul(n: number): Prepared {
  const [a, b] = [normal(n, n), normal(n, n)];
  const compiled = jit((x: Arr, y: Arr) => np.matmul(x, y));
  const run = timedAsync(async () => {
    const out = compiled(a.ref, b.ref);
    await blockUntilReady(out);
    out.dispose();
  });
  return { run };
}

/** Eager additions; waits once in a thousand, as a program that goes on computing would. */
async function additions(iterations: number, add: () => Arr): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < iterations; i++) {
    const sum = add();
    if (i % 1000 === 999) await blockUntilReady(sum);
    sum.dispose();
  }
  return performance.now() - start;
}

function addEager(): Prepared {
  const [a, b] = [normal(8, 8), normal(8, 8)];
  return { run: (iterations) => additions(iterations, () => a.ref.add(b.ref)) };
}

function addRecording(): Prepared {
  const [a, b] = [normal(8, 8), normal(8, 8)];
  const run = async (iterations: number) => {
    let ms = 0;
    for (let left = iterations; left > 0; left -= 1000) {
      const count = Math.min(left, 1000);
      const gradient = grad((p: Arr) => {
        const start = performance.now();
        for (let i = 1; i < count; i++) p.ref.add(b.ref).dispose();
        const sum = p.add(b.ref);
        ms += performance.now() - start;
        return sum.sum();
      })(a.ref);
      await blockUntilReady(gradient);
      gradient.dispose();
    }
    return ms;
  };
  return { run, note: "forward part inside grad()" };
}

const linear = (inputs: number, outputs: number): Params => ({
  weight: uniform(inputs, inputs, outputs),
  bias: uniform(inputs, outputs),
});
const forward = ({ weight, bias }: Params, x: Arr): Arr => np.matmul(x, weight).add(bias);

const norm = (width: number): Params => ({ weight: np.ones([width]), bias: np.zeros([width]) });
const layerNorm = ({ weight, bias }: Params, x: Arr): Arr =>
  nn.standardize(x, -1, { epsilon: 1e-5 }).mul(weight).add(bias);

/** Mean cross-entropy of logits [n, classes] against labels [n]. */
function crossEntropy(logits: Arr, labels: Arr): Arr {
  const classes = logits.shape[1];
  return nn.logSoftmax(logits, -1).mul(nn.oneHot(labels, classes)).sum(-1).mean().neg();
}

/**
 * One jitted step: value, gradient and Adam over the whole tree of parameters; `decay` is AdamW's.
 * The bias corrections come in as an array, so that a new step number compiles nothing.
 */
function training(params: Params | object, loss: (params: never) => Arr, decay = 0): Prepared {
  const [leaves, structure] = tree.flatten<Arr>(params as Params);
  const zeros = () => leaves.map((leaf) => np.zeros(leaf.shape));
  let state: [Arr[], Arr[], Arr[]] = [leaves, zeros(), zeros()];
  const [rate, beta1, beta2] = [1e-3, 0.9, 0.999];
  const differentiated = valueAndGrad((weights: Arr[]) => loss(tree.unflatten(structure, weights) as never));
  const update = jit((weights: Arr[], m: Arr[], v: Arr[], correction: Arr) => {
    const [value, gradients] = differentiated(weights.map((w) => w.ref)) as [Arr, Arr[]];
    const [first, second] = [correction.ref.slice(0), correction.slice(1)];
    const next: [Arr[], Arr[], Arr[]] = [[], [], []];
    gradients.forEach((g, i) => {
      const m1 = m[i].mul(beta1).add(g.ref.mul(1 - beta1));
      const v1 = v[i].mul(beta2).add(g.ref.mul(g).mul(1 - beta2));
      const step = m1.ref
        .div(first.ref)
        .div(np.sqrt(v1.ref.div(second.ref)).add(1e-8))
        .mul(rate);
      next[0].push(weights[i].mul(1 - rate * decay).sub(step));
      next[1].push(m1);
      next[2].push(v1);
    });
    first.dispose();
    second.dispose();
    return [value, ...next] as [Arr, Arr[], Arr[], Arr[]];
  });
  let count = 0;
  let last = Number.NaN;
  const run = timedAsync(async () => {
    count++;
    const correction = np.array([1 - beta1 ** count, 1 - beta2 ** count]);
    const [value, ...next] = update(state[0], state[1], state[2], correction) as [Arr, Arr[], Arr[], Arr[]];
    state = next;
    await blockUntilReady(state[0]);
    last = (await value.data())[0];
  });
  return { run, loss: () => last };
}

function mlp(): Prepared {
  const [x, y] = [normal(64, 784), integers(64, 10)];
  return training([linear(784, 256), linear(256, 128), linear(128, 10)], ([first, second, third]: Params[]) =>
    crossEntropy(forward(third, nn.relu(forward(second, nn.relu(forward(first, x.ref))))), y.ref),
  );
}

function cnn(): Prepared {
  const [x, y] = [normal(64, 1, 28, 28), integers(64, 10)];
  const kernel = (outputs: number, inputs: number): Params => ({
    weight: uniform(inputs * 9, outputs, inputs, 3, 3),
    bias: uniform(inputs * 9, outputs, 1, 1),
  });
  const conv = ({ weight, bias }: Params, input: Arr) =>
    nn.relu(lax.convGeneralDilated(input, weight, [1, 1], "VALID").add(bias));
  const params = [kernel(32, 1), kernel(64, 32), linear(9216, 128), linear(128, 10)];
  return training(params, ([conv1, conv2, first, second]: Params[]) => {
    const features = conv(conv2, conv(conv1, x.ref));
    const pooled = np.max(features.reshape([64, 64, 12, 2, 12, 2]), [3, 5]);
    return crossEntropy(forward(second, nn.relu(forward(first, pooled.reshape([64, 9216])))), y.ref);
  });
}

type Block = { norm1: Params; norm2: Params; qkv: Params; projection: Params; up: Params; down: Params };

function gpt(context: number, width: number, layers: number, batch: number): Prepared {
  const [vocabulary, heads] = [65, 4];
  const block = (): Block => ({
    norm1: norm(width),
    norm2: norm(width),
    qkv: linear(width, 3 * width),
    projection: linear(width, width),
    up: linear(width, 4 * width),
    down: linear(4 * width, width),
  });
  const params = {
    tokens: normal(vocabulary, width),
    positions: normal(context, width),
    blocks: Array.from({ length: layers }, block),
    norm: norm(width),
    head: linear(width, vocabulary),
  };
  // of two dimensions at once: the gradient of a reshape between the gather and the rest cannot be jitted
  const ids = integers(batch * context, vocabulary).reshape([batch, context]);
  const targets = integers(batch * context, vocabulary);
  const apply = (p: Block, x: Arr): Arr => {
    const [q, k, v] = np
      .split(forward(p.qkv, layerNorm(p.norm1, x.ref)), 3, -1)
      .map((t) => t.reshape([batch, context, heads, width / heads]));
    const mixed = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([batch, context, width]);
    const attended = x.add(forward(p.projection, mixed));
    const hidden = nn.gelu(forward(p.up, layerNorm(p.norm2, attended.ref)), { approximate: false });
    return attended.add(forward(p.down, hidden));
  };
  const loss = (p: typeof params) => {
    let x = np.take(p.tokens, ids.ref, 0).add(p.positions);
    for (const parameters of p.blocks) x = apply(parameters, x);
    const logits = forward(p.head, layerNorm(p.norm, x)).reshape([batch * context, vocabulary]);
    return crossEntropy(logits, targets.ref);
  };
  return training(params, loss as (params: never) => Arr, 0.01);
}

export const workbench: Workbench = {
  add_8x8_us: addEager,
  add_8x8_grad_us: addRecording,
  add_1e6_us: () => onRandom((x) => x.ref.add(x), 1_000_000),
  exp_1e6_us: () => onRandom(np.exp, 1_000_000),
  tanh_1e6_us: () => onRandom(np.tanh, 1_000_000),
  gelu_1e6_us: () => onRandom((x) => nn.gelu(x, { approximate: false }), 1_000_000),
  sum_1e6_us: () => onRandom((x) => x.sum(), 1_000_000),
  softmax_512x1024_us: () => onRandom((x) => nn.softmax(x, -1), 512, 1024),
  layernorm_512x1024_us: () => onRandom((x) => nn.standardize(x, -1, { epsilon: 1e-5 }), 512, 1024),
  matmul_64_us: () => matmul(64),
  matmul_256_us: () => matmul(256),
  matmul_512_us: () => matmul(512),
  matmul_1024_us: () => matmul(1024),
  mlp_ms: mlp,
  cnn_ms: cnn,
  gpt_d64_ms: () => gpt(64, 64, 2, 12),
  gpt_d128_ms: () => gpt(128, 128, 4, 16),
};
