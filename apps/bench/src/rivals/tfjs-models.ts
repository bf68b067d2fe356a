// The models that tfjs trains in the bench. Its core has no gelu, layer norm or AdamW: they are composed of core ops here.
import * as tf from "@tensorflow/tfjs";

type T = tf.Tensor;

/** What a training step needs; `decay` is AdamW's, `note` says how the model had to deviate. */
export type Task = { loss: () => tf.Scalar; decay?: number; note?: string };

export const gelu = (x: T): T => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

export function normalize(x: T): T {
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

/** One step of Adam, its loss yet to be read; AdamW's decay comes off the weights ahead of it. */
export function adamStep(build: () => Task): { step: () => tf.Scalar; note?: string } {
  const others = new Set(Object.keys(tf.engine().registeredVariables));
  const { loss, decay = 0, note } = build();
  const weights = Object.values(tf.engine().registeredVariables).filter(({ name }) => !others.has(name));
  const rate = 1e-3;
  const optimizer = tf.train.adam(rate);
  const step = () => {
    if (decay > 0) {
      tf.tidy(() => {
        for (const weight of weights) weight.assign(tf.mul(weight, 1 - rate * decay));
      });
    }
    const cost = optimizer.minimize(loss, true, weights);
    if (!cost) throw new Error("minimize() gave no loss back");
    return cost;
  };
  return { step, ...(note && { note }) };
}

export function mlp(): Task {
  const [first, second, third] = [linear(784, 256), linear(256, 128), linear(128, 10)];
  const [x, y] = [tf.randomNormal([64, 784]), labels(64, 10)];
  return { loss: () => crossEntropy(y, third(tf.relu(second(tf.relu(first(x)))))) };
}

/** `conv2d: false` for a backend without Conv2DBackpropFilter, such as wasm: conv3d of depth 1 has its gradients there. */
export function cnn({ conv2d }: { conv2d: boolean }): Task {
  const [kernel1, bias1] = [uniform(9, 3, 3, 1, 32), uniform(9, 32)];
  const [kernel2, bias2] = [uniform(288, 3, 3, 32, 64), uniform(288, 64)];
  const [first, second] = [linear(9216, 128), linear(128, 10)];
  const [x, y] = [tf.randomNormal<tf.Rank.R4>([64, 28, 28, 1]), labels(64, 10)];
  const convolve = (input: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D => {
    if (conv2d) return tf.conv2d(input, kernel, 1, "valid");
    return tf.squeeze(
      tf.conv3d(tf.expandDims<tf.Tensor5D>(input, 1), tf.expandDims<tf.Tensor5D>(kernel, 0), 1, "valid"),
      [1],
    );
  };
  // as in linear: a Variable is a Tensor whose rank the types have lost
  const conv = (input: tf.Tensor4D, kernel: tf.Variable, bias: tf.Variable): tf.Tensor4D =>
    tf.relu(tf.add(convolve(input, kernel as unknown as tf.Tensor4D), bias));
  const loss = () => {
    const pooled = tf.maxPool(conv(conv(x, kernel1, bias1), kernel2, bias2), 2, 2, "valid");
    return crossEntropy(y, second(tf.relu(first(tf.reshape(pooled, [64, 9216])))));
  };
  return { loss, ...(!conv2d && { note: "conv2d as conv3d of depth 1: wasm has no Conv2DBackpropFilter" }) };
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

/** `gather: false` for a backend without UnsortedSegmentSum, such as wasm: a one-hot matmul has its gradients there. */
export function gpt(
  context: number,
  width: number,
  layers: number,
  batch: number,
  { gather }: { gather: boolean },
): Task {
  const vocabulary = 65;
  const tokens = tf.variable(tf.randomNormal<tf.Rank.R2>([vocabulary, width]));
  const positions = tf.variable(tf.randomNormal<tf.Rank.R2>([context, width]));
  const blocks = Array.from({ length: layers }, () => block(width, 4));
  const [norm, head] = [layerNorm(width), linear(width, vocabulary)];
  const ids = tf.randomUniform<tf.Rank.R1>([batch * context], 0, vocabulary, "int32");
  const oneHot = tf.cast(tf.oneHot(ids, vocabulary), "float32") as tf.Tensor2D;
  const targets = labels(batch * context, vocabulary);
  const mask = tf.tidy(() => tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([context, context]), -1, 0)), -1e9));
  const loss = () => {
    const embedded = gather ? tf.gather(tokens, ids) : tf.matMul(oneHot, tokens);
    let x: T = tf.add(tf.reshape(embedded, [batch, context, width]), positions);
    for (const forward of blocks) x = forward(x, mask);
    return crossEntropy(targets, tf.reshape(head(norm(x)), [batch * context, vocabulary]));
  };
  const note = "embedding as a one-hot matmul: wasm has no UnsortedSegmentSum";
  return { loss, decay: 0.01, ...(!gather && { note }) };
}

export function lstm(): Task {
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
  return { loss };
}
