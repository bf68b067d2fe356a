// The models that jax-js trains in the bench. Every function of jax-js takes its arguments over; `.ref` keeps one.
import { jit, lax, nn, numpy as np, random, tree, valueAndGrad } from "@jax-js/jax";

type Arr = np.Array;
type Params = { [name: string]: Arr };

/** Runs one training step: its loss and the new weights, which the next step takes over. */
export type Step = () => { loss: Arr; weights: Arr[] };

let seed = 0;
const key = () => random.key(seed++);
export const normal = (...shape: number[]) => random.normal(key(), shape);

/** Uniform in ±1/√fanIn, what PyTorch's layers start from. */
function uniform(fanIn: number, ...shape: number[]): Arr {
  const bound = 1 / Math.sqrt(fanIn);
  return random.uniform(key(), shape, { minval: -bound, maxval: bound });
}

function integers(count: number, below: number): Arr {
  return np.array(Int32Array.from({ length: count }, (_, i) => (i * 7919 + 13) % below));
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
function training(params: Params | object, loss: (params: never) => Arr, decay = 0): Step {
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
  return () => {
    count++;
    const correction = np.array([1 - beta1 ** count, 1 - beta2 ** count]);
    const [value, ...next] = update(state[0], state[1], state[2], correction) as [Arr, Arr[], Arr[], Arr[]];
    state = next;
    return { loss: value, weights: state[0] };
  };
}

export function mlp(): Step {
  const [x, y] = [normal(64, 784), integers(64, 10)];
  return training([linear(784, 256), linear(256, 128), linear(128, 10)], ([first, second, third]: Params[]) =>
    crossEntropy(forward(third, nn.relu(forward(second, nn.relu(forward(first, x.ref))))), y.ref),
  );
}

export function cnn(): Step {
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

export function gpt(context: number, width: number, layers: number, batch: number): Step {
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
