// Noise-contrastive estimation as dpnn's tests have it, and a small language model trained by it and by the full softmax.
import {
  grad,
  gradcheck,
  losses,
  manualSeed,
  nn,
  noGrad,
  ones,
  optim,
  rand,
  randn,
  type Tensor,
  tensor,
  tidy,
} from "flambeau";
import { MaskZero, MaskZeroCriterion, NCECriterion, NCEModule, SeqLSTM, Sequential } from "flambeau/torch7";
import { beforeEach, describe, expect, test } from "vitest";

beforeEach(() => void manualSeed(17));
const close = (a: Tensor, b: Tensor, atol = 1e-6) => expect(a.allclose(b, { atol, rtol: 1e-4 })).toBe(true);
const integers = (list: readonly number[]) => tensor([...list], { dtype: "int32" });

describe("NCEModule and NCECriterion", () => {
  const [n, k, inputSize, outputSize] = [4, 10, 3, 100];
  const noise = () => rand([outputSize]).mul(100).add(1);
  const target = integers([3, 99, 0, 50]);
  /** `exp(weight x + bias) / Z` of all classes. */
  const all = (layer: NCEModule, x: Tensor) => x.matmul(layer.weight.t()).add(layer.bias).exp().div(layer.Z);

  for (const batchNoise of [true, false])
    test(`probabilities of targets and noise, under the model and under the noise (batchNoise ${batchNoise})`, () => {
      const unigrams = noise();
      const layer = new NCEModule(inputSize, outputSize, k, unigrams, { batchNoise });
      const x = randn([n, inputSize]);
      const [pmt, pms, pnt, pns] = layer.forward([x, target]);
      expect([pmt, pms, pnt, pns].map((p) => p.shape)).toEqual([[n], [n, k], [n], [n, k]]);
      const share = unigrams.div(unigrams.sum());
      close(layer.unigrams, share);
      close(pnt, share.indexSelect(0, target));
      close(pmt, all(layer, x).gather(1, target.unsqueeze(1)).squeeze(1));
      // each probability under the model is that of a class with the probability under the noise
      const [classes, model] = [share.tolist() as number[], all(layer, x).tolist() as number[][]];
      const [drawn, given] = [pns.tolist() as number[][], pms.tolist() as number[][]];
      drawn.forEach((row, i) => {
        row.forEach((p, j) => {
          expect(given[i][j]).toBeCloseTo(model[i][classes.indexOf(p)], 5);
        });
      });
      const rows = new Set(drawn.map(String));
      expect(rows.size).toBe(batchNoise ? 1 : n);
    });
  test("Z is estimated in the first batch unless it is given", () => {
    const x = randn([n, inputSize]);
    const layer = new NCEModule(inputSize, outputSize, k, noise());
    expect(layer.Z.item()).toBe(-1);
    const [, pms] = layer.forward([x, target]);
    expect(pms.mean().item()).toBeCloseTo(1 / outputSize, 5); // what makes the mean of the noise 1 / outputSize
    const z = layer.Z.item();
    layer.forward([x, target]);
    expect(layer.Z.item()).toBe(z);
    expect(layer.stateDict().get("Z")?.item()).toBe(z);
    const given = new NCEModule(inputSize, outputSize, k, noise(), { z: Math.exp(9) });
    given.forward([x, target]);
    expect(given.Z.item()).toBeCloseTo(8103.08, 1);
    expect(given.bias.tolist()).toEqual(Array(100).fill(Math.fround(-Math.log(100))));
  });
  test("the criterion is equation 6 of its reference, by plain numbers", () => {
    const [pmt, pms, pnt, pns] = [rand([n]), rand([n, k]), rand([n]), rand([n, k])];
    const value = (t: Tensor) => t.tolist() as number[];
    let sum = 0;
    for (let i = 0; i < n; i++) {
      sum -= Math.log(value(pmt)[i] / (value(pmt)[i] + k * value(pnt)[i]));
      for (let j = 0; j < k; j++) {
        const [m, q] = [value(pms.at(i))[j], value(pns.at(i))[j]];
        sum -= Math.log((k * q) / (m + k * q));
      }
    }
    expect(new NCECriterion().forward([pmt, pms, pnt, pns], target).item()).toBeCloseTo(sum / n, 3);
    expect(new NCECriterion({ sizeAverage: false }).forward([pmt, pms, pnt, pns]).item()).toBeCloseTo(sum, 2);
    expect(() => new NCECriterion().forward([pmt, pms, pnt])).toThrow("takes a list of 4");
    expect(() => new NCECriterion().forward([pmt, pms, pnt, pnt])).toThrow("takes [N], [N, k], [N] and [N, k]");
  });
  test("the criterion's gradient is equation 7", () => {
    const [pmt, pms] = [rand([n]).requiresGrad_(), rand([n, k]).requiresGrad_()];
    const [pnt, pns] = [rand([n]), rand([n, k])];
    const [a, b] = grad([new NCECriterion().forward([pmt, pms, pnt, pns])], [pmt, pms]);
    close(
      a,
      pnt
        .mul(-k)
        .div(pmt.add(pnt.mul(k)))
        .div(pmt)
        .div(n),
      1e-5,
    );
    close(b, pms.add(pns.mul(k)).reciprocal().div(n), 1e-5);
  });
  test("gradients of the layer, for the same noise", () => {
    for (const batchNoise of [true, false]) {
      const options = { dtype: "float64", z: 1, batchNoise } as const;
      const layer = new NCEModule(2, 5, 3, ones([5], { dtype: "float64" }), options);
      const run = (x: Tensor) => {
        manualSeed(9);
        return new NCECriterion().forward(layer.forward([x, integers([0, 4])]));
      };
      const x = randn([2, 2], { dtype: "float64", requiresGrad: true });
      expect(gradcheck(run, [x, ...layer.parameters()])).toBe(true);
    }
  });
  test("normalized, in evaluation, it is a linear layer and a softmax", () => {
    const layer = new NCEModule(inputSize, outputSize, k, noise());
    const x = randn([n, inputSize]);
    layer.normalized = true;
    expect(layer.forward([x, target]).length).toBe(4); // in training not
    layer.eval();
    const scores = x.matmul(layer.weight.t()).add(layer.bias);
    close(layer.forward<Tensor>([x, target]), scores.softmax(1));
    layer.logsoftmax = true;
    close(layer.forward<Tensor>([x, target]), scores.logSoftmax(1), 1e-5);
  });
  test("noise is drawn by the unigrams", () => {
    const unigrams = tensor([1, 0, 3, 0, 4]);
    const layer = new NCEModule(2, 5, 4000, unigrams);
    const [, , , pns] = layer.forward([randn([1, 2]), integers([0])]);
    const shares = [1, 3, 4].map((c) =>
      pns
        .eq(c / 8)
        .to("float32")
        .mean()
        .item(),
    );
    shares.forEach((share, i) => {
      expect(share).toBeCloseTo([1, 3, 4][i] / 8, 1);
    });
    expect(shares.reduce((a, b) => Number(a) + Number(b))).toBeCloseTo(1, 5);
  });
  test("masked steps count for nothing, as rnn's test has it", () => {
    const layer = new MaskZero(new NCEModule(3, 20, 5, ones([20])), 1);
    const x = randn([4, 3])
      .mul(tensor([[1], [0], [1], [0]]))
      .requiresGrad_();
    const out = layer.forward<readonly Tensor[]>([x, integers([1, 2, 3, 4])]);
    expect(out.map((p) => p.at(1).any().item())).toEqual([0, 0, 0, 0]);
    const loss = new MaskZeroCriterion(new NCECriterion(), 0).forward(out, integers([1, 2, 3, 4]));
    loss.backward();
    expect(Number.isFinite(loss.item())).toBe(true);
    expect(x.grad?.at(1).any().item()).toBe(0);
    expect(x.grad?.at(0).any().item()).toBe(1);
  });
  test("what is wrong is said", () => {
    expect(() => new NCEModule(3, 20, 5, ones([19]))).toThrow("unigrams is [20], got [19]");
    expect(() => new NCEModule(3, 20, 0, ones([20]))).toThrow("k must be a positive integer");
    expect(() => new NCEModule(3, 20, 5, ones([20]), { z: 0 })).toThrow("z must be positive");
    expect(() => new NCEModule(3, 20, 5, ones([20])).forward([randn([2, 4]), integers([1, 2])])).toThrow(
      "takes [N, 3] and classes [N]",
    );
  });
});

test("a small language model comes close to the full softmax by it", () => {
  // sentences of a grammar: the next of 60 words is one of three that follow from the last two, with shares 0.6, 0.3 and 0.1
  const words = 60;
  const next = (a: number, b: number, u: number): number => {
    const choice = u < 0.6 ? 0 : u < 0.9 ? 1 : 2;
    return 1 + ((7 * a + 13 * b + 29 * choice) % (words - 1));
  };
  const entropy = -[0.6, 0.3, 0.1].reduce((sum, p) => sum + p * Math.log(p), 0);
  const text = (n: number, length: number): number[][] => {
    const draws = rand([n, length]).tolist() as number[][];
    return draws.map((row) => {
      const sentence = [1 + Math.floor(row[0] * 5), 1 + Math.floor(row[1] * 5)];
      while (sentence.length < length) sentence.push(next(0, sentence[sentence.length - 1], row[sentence.length]));
      return sentence;
    });
  };
  const run = (byNoise: boolean): number => {
    manualSeed(3);
    const [train, held] = [text(400, 12), text(100, 12)];
    const counts = ones([words]).tolist() as number[];
    for (const word of train.flat()) counts[word]++;
    const [embedding, lstm] = [new nn.Embedding(words, 24), new SeqLSTM(24, 32)];
    const head = new NCEModule(32, words, 25, tensor(counts));
    const criterion = new NCECriterion();
    const net = new Sequential(embedding, lstm);
    const adam = new optim.Adam([...net.parameters(), ...head.parameters()], { lr: 0.01 });
    /** [L, N] words to [L * N, features] and the words that follow. */
    const hidden = (sentences: readonly number[][]): readonly [Tensor, Tensor] => {
      const x = tensor(
        sentences.map((s) => [...s]),
        { dtype: "int32" },
      ).t();
      const y = net.forward<Tensor>(x.narrow(0, 0, 11).contiguous());
      return [y.reshape([-1, 32]), x.narrow(0, 1, 11).reshape([-1])];
    };
    const scores = (x: Tensor) => x.matmul(head.weight.t()).add(head.bias);
    for (let step = 0; step < 240; step++)
      tidy(() => {
        const at = (step * 40) % 400;
        const [x, y] = hidden(train.slice(at, at + 40));
        const loss = byNoise ? criterion.forward(head.forward([x, y])) : losses.crossEntropy(scores(x), y);
        adam.zeroGrad();
        loss.backward();
        adam.step();
      });
    head.eval();
    [head.normalized, head.logsoftmax] = [true, true];
    return Number(
      noGrad(() => {
        const [x, y] = hidden(held);
        return losses.nll(head.forward<Tensor>([x, y]), y).item();
      }),
    );
  };
  const [full, noise] = [run(false), run(true)];
  expect(full).toBeLessThan(1.35 * entropy + 0.15); // what a sentence's two first words add
  expect(noise).toBeLessThan(full + 0.15); // nats a word; ln 60 = 4.1 is by chance
});
