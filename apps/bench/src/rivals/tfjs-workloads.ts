// tfjs's workloads. Its core has no gelu, layer norm or AdamW: they are composed of core ops here.
import * as tf from "@tensorflow/tfjs";
import { type Prepared, timed, type Workbench } from "../protocol.ts";

type T = tf.Tensor;

/** An op on fixed inputs; the result is freed in the timed call. */
function op(call: () => T): Prepared {
  return { run: timed(() => call().dispose()) };
}

function onRandom(call: (x: T) => T, ...shape: number[]): Prepared {
  const x = tf.randomNormal(shape);
  return { run: timed(() => tf.tidy(() => call(x)).dispose()) };
}

function matmul(n: number): Prepared {
  const [a, b] = [tf.randomNormal<tf.Rank.R2>([n, n]), tf.randomNormal<tf.Rank.R2>([n, n])];
  return op(() => tf.matMul(a, b));
}

const gelu = (x: T): T => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

function normalize(x: T): T {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
}

/** Uniform in ±1/√fanIn, what PyTorch's layers start from. */
function uniform(fanIn: number, ...shape: number[]): tf.Variable {
  return tf.variable(tf.randomUniform(shape, -1 / Math.sqrt(fanIn), 1 / Math.sqrt(fanIn)));
}

const linear = (inputs: number, outputs: number) => {
  const weight = uniform(inputs, inputs, outputs);
  const bias = uniform(inputs, outputs);
  return (x: T): T => {
    // a Variable is a Tensor whose rank the types have lost
    const rows = tf.reshape(x, [-1, inputs]) as tf.Tensor2D;
    return tf.reshape(tf.add(tf.matMul(rows, weight as unknown as tf.Tensor2D), bias), [
      ...x.shape.slice(0, -1),
      outputs,
    ]);
  };
};

const layerNorm = (width: number) => {
  const [weight, bias] = [tf.variable(tf.ones([width])), tf.variable(tf.zeros([width]))];
  return (x: T): T => tf.add(tf.mul(normalize(x), weight), bias);
};

const crossEntropy = (labels: T, logits: T): tf.Scalar => tf.losses.softmaxCrossEntropy(labels, logits).asScalar();

function labels(count: number, classes: number): T {
  return tf.oneHot(tf.randomUniform([count], 0, classes, "int32"), classes);
}

/** A training step; `decay` is AdamW's, taken off the weights ahead of Adam's step. */
function training(loss: () => tf.Scalar, { decay = 0, note = "" } = {}): Prepared {
  const rate = 1e-3;
  const optimizer = tf.train.adam(rate);
  let last = Number.NaN;
  const step = () => {
    if (decay > 0) {
      tf.tidy(() => {
        for (const variable of Object.values(tf.engine().registeredVariables)) {
          if (variable.trainable) variable.assign(tf.mul(variable, 1 - rate * decay));
        }
      });
    }
    const cost = optimizer.minimize(loss, true);
    last = cost ? cost.dataSync()[0] : Number.NaN;
    cost?.dispose();
  };
  return { run: timed(step), loss: () => last, ...(note && { note }) };
}

function mlp(): Prepared {
  const [first, second, third] = [linear(784, 256), linear(256, 128), linear(128, 10)];
  const [x, y] = [tf.randomNormal([64, 784]), labels(64, 10)];
  return training(() => crossEntropy(y, third(tf.relu(second(tf.relu(first(x)))))));
}

// conv2d has no gradient on wasm (Conv2DBackpropFilter is missing); conv3d of depth 1 has.
function cnn(): Prepared {
  const [kernel1, bias1] = [uniform(9, 1, 3, 3, 1, 32), uniform(9, 32)];
  const [kernel2, bias2] = [uniform(288, 1, 3, 3, 32, 64), uniform(288, 64)];
  const [first, second] = [linear(9216, 128), linear(128, 10)];
  const [x, y] = [tf.randomNormal<tf.Rank.R5>([64, 1, 28, 28, 1]), labels(64, 10)];
  // as in linear: the types have lost the rank
  const conv = (input: T, kernel: tf.Variable, bias: tf.Variable) =>
    tf.relu(tf.add(tf.conv3d(input as tf.Tensor5D, kernel as unknown as tf.Tensor5D, 1, "valid"), bias));
  const loss = () => {
    const features = conv(conv(x, kernel1, bias1), kernel2, bias2);
    const pooled = tf.maxPool(tf.squeeze(features, [1]) as tf.Tensor4D, 2, 2, "valid");
    return crossEntropy(y, second(tf.relu(first(tf.reshape(pooled, [64, 9216])))));
  };
  return training(loss, { note: "conv2d as conv3d of depth 1: wasm has no Conv2DBackpropFilter" });
}

function block(width: number, heads: number) {
  const [norm1, norm2] = [layerNorm(width), layerNorm(width)];
  const [qkv, projection] = [linear(width, 3 * width), linear(width, width)];
  const [up, down] = [linear(width, 4 * width), linear(4 * width, width)];
  return (x: T, mask: T): T => {
    const [batch, time] = x.shape;
    const [q, k, v] = tf
      .split(qkv(norm1(x)), 3, 2)
      .map((t) => tf.transpose(tf.reshape(t, [batch, time, heads, width / heads]), [0, 2, 1, 3]));
    const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), Math.sqrt(heads / width)), mask);
    const mixed = tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]);
    const attended = tf.add(x, projection(tf.reshape(mixed, [batch, time, width])));
    return tf.add(attended, down(gelu(up(norm2(attended)))));
  };
}

// gather has no gradient on wasm (UnsortedSegmentSum is missing); a one-hot matmul has.
function gpt(context: number, width: number, layers: number, batch: number): Prepared {
  const vocabulary = 65;
  const tokens = tf.variable(tf.randomNormal<tf.Rank.R2>([vocabulary, width]));
  const positions = tf.variable(tf.randomNormal<tf.Rank.R2>([context, width]));
  const blocks = Array.from({ length: layers }, () => block(width, 4));
  const [norm, head] = [layerNorm(width), linear(width, vocabulary)];
  const ids = labels(batch * context, vocabulary) as tf.Tensor2D;
  const targets = labels(batch * context, vocabulary);
  const mask = tf.tidy(() => tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([context, context]), -1, 0)), -1e9));
  const loss = () => {
    let x: T = tf.add(tf.reshape(tf.matMul(tf.cast(ids, "float32"), tokens), [batch, context, width]), positions);
    for (const forward of blocks) x = forward(x, mask);
    return crossEntropy(targets, tf.reshape(head(norm(x)), [batch * context, vocabulary]));
  };
  return training(loss, { decay: 0.01, note: "embedding as a one-hot matmul: wasm has no UnsortedSegmentSum" });
}

function lstm(): Prepared {
  const [steps, batch, inputs, hidden] = [50, 32, 64, 128];
  const kernel = uniform(hidden, inputs + hidden, 4 * hidden);
  const bias = uniform(hidden, 4 * hidden);
  const head = linear(hidden, 10);
  const [x, y] = [tf.randomNormal([steps, batch, inputs]), labels(batch, 10)];
  const loss = () => {
    let [c, h] = [tf.zeros<tf.Rank.R2>([batch, hidden]), tf.zeros<tf.Rank.R2>([batch, hidden])];
    for (const now of tf.unstack(x)) {
      // a Variable is a Tensor whose rank the types have lost
      [c, h] = tf.basicLSTMCell(
        0,
        kernel as unknown as tf.Tensor2D,
        bias as unknown as tf.Tensor1D,
        now as tf.Tensor2D,
        c,
        h,
      );
    }
    return crossEntropy(y, head(h));
  };
  return training(loss);
}

/** The forward op while a gradient is being recorded; the recording itself is spread over `iterations`. */
function addRecording(): Prepared {
  const [a, b] = [tf.randomNormal([8, 8]), tf.randomNormal([8, 8])];
  let ms = 0;
  const run = (iterations: number) => {
    for (let left = iterations; left > 0; left -= 1000) {
      const gradient = tf.grad((p: T) => {
        const start = performance.now();
        let sum = tf.add(p, b);
        for (let i = 1; i < Math.min(left, 1000); i++) sum = tf.add(p, b);
        ms += performance.now() - start;
        return tf.sum(sum);
      });
      gradient(a).dispose();
    }
    const total = ms;
    ms = 0;
    return total;
  };
  return { run, note: "forward part inside grad()" };
}

export const workbench: Workbench = {
  add_8x8_us: () => {
    const [a, b] = [tf.randomNormal([8, 8]), tf.randomNormal([8, 8])];
    return op(() => tf.add(a, b));
  },
  add_8x8_grad_us: addRecording,
  add_1e6_us: () => onRandom((x) => tf.add(x, x), 1_000_000),
  exp_1e6_us: () => onRandom(tf.exp, 1_000_000),
  tanh_1e6_us: () => onRandom(tf.tanh, 1_000_000),
  gelu_1e6_us: () => onRandom(gelu, 1_000_000),
  sum_1e6_us: () => onRandom((x) => tf.sum(x), 1_000_000),
  softmax_512x1024_us: () => onRandom((x) => tf.softmax(x), 512, 1024),
  layernorm_512x1024_us: () => onRandom(normalize, 512, 1024),
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
