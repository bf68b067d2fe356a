import { Generator, manualSeed, noGrad, oneHot, type Tensor, tensor, text } from "flambeau";
import { describe, expect, test } from "vitest";
import { reshapeLogits, softmax } from "../src/generation/sampling.ts";
import { figures } from "./support/figures.ts";

/** A model whose next token depends on the last one alone: rows of logits by it. */
const chain = (rows: readonly (readonly number[])[]): text.CausalModel => {
  const table = tensor(rows);
  return { forward: (ids: Tensor) => oneHot(ids, rows.length).to("float32").matmul(table) };
};

describe("what is left to draw from", () => {
  test.each(figures.choices.map((each, i) => [i, each] as const))(
    "case %i",
    (_, { logits, seen, probabilities, ...choice }) => {
      const left = softmax(reshapeLogits(Float64Array.from(logits), seen, choice));
      expect([...left].map((p) => p > 0)).toEqual(probabilities.map((p) => p > 0));
      for (const [i, p] of left.entries()) expect(Math.abs(p - probabilities[i])).toBeLessThan(1e-12);
    },
  );

  test("all that are as probable as the last of topK stay", () => {
    const choice = { temperature: 1, topP: null, repetitionPenalty: 1 };
    const left = softmax(reshapeLogits(Float64Array.of(1, 2, 2, 3), [], { ...choice, topK: 2 }));
    expect([...left].map((p) => p > 0)).toEqual([false, true, true, true]);
  });
});

test("of equally probable tokens topP keeps the first", () => {
  const choice = { temperature: 1, topK: null, repetitionPenalty: 1, topP: 0.5 };
  expect([...softmax(reshapeLogits(Float64Array.of(1, 1, 1, 1), [], choice))]).toEqual([0.5, 0.5, 0, 0]);
});

test("tokens come as often as they are probable", async () => {
  const logits = [0.5, -1, 2, 1, 0];
  const model = chain(logits.map(() => logits));
  const [temperature, topK, count] = [1.3, 4, 20_000];
  const expected = softmax(
    reshapeLogits(Float64Array.from(logits), [], { temperature, topK, topP: null, repetitionPenalty: 1 }),
  );
  const options = { temperature, topK, maxNewTokens: 20, generator: new Generator(5) };
  const counts = new Array<number>(logits.length).fill(0);
  for (const { tokens } of await text.generate(
    model,
    Array.from({ length: count / 20 }, () => [0]),
    options,
  ))
    for (const token of tokens) counts[token]++;
  expect(counts[1]).toBe(0);
  // chi squared with 3 degrees of freedom is below 16.3 in 999 of 1000 cases; the seed is fixed
  const off = counts.map((n, i) => (expected[i] === 0 ? 0 : (n - count * expected[i]) ** 2 / (count * expected[i])));
  expect(off.reduce((sum, x) => sum + x)).toBeLessThan(16.3);
});

describe("a sequence with a generator of its own", () => {
  manualSeed(2);
  const model = new text.GPT({ vocabSize: 9, blockSize: 16, layers: 1, heads: 2, width: 8 });
  test("has the same tokens in any company", async () => {
    const prompts = [[1, 2, 3], [4], [5, 6]];
    const generator = () => prompts.map((_, i) => new Generator(i));
    const together = await text.generate(model, prompts, { generator: generator(), stop: [0], maxNewTokens: 12 });
    for (const [i, prompt] of prompts.entries()) {
      const alone = await text.generate(model, prompt, { generator: generator()[i], stop: 0, maxNewTokens: 12 });
      expect(alone.tokens).toEqual(together[i].tokens);
      expect(Math.abs(alone.logProb - together[i].logProb)).toBeLessThan(1e-4);
    }
  });
  test("the logarithm of its probability is the model's", async () => {
    const { tokens, logProb } = await text.generate(model, [3], { maxNewTokens: 6, topK: 4, temperature: 2 });
    const ids = tensor([[3, ...tokens]], { dtype: "int32" });
    const all = noGrad(() => model.forward(ids)).logSoftmax(2);
    const sum = tokens.reduce((total, token, t) => total + all.at(0, t, token).item(), 0);
    expect(Math.abs(sum - logProb)).toBeLessThan(1e-4);
  });
});

test.each(["float16", "bfloat16", "float32", "float64"] as const)(
  "logits in %s are read as the numbers they are",
  async (dtype) => {
    const rows = [
      [0.5, -1, 2],
      [-3, -0.25, -4],
      [1, 1.5, -2],
    ];
    const table = tensor(rows, { dtype });
    const model: text.CausalModel = { forward: (ids: Tensor) => oneHot(ids, 3).to(dtype).matmul(table) };
    const { tokens, logProb } = await text.generate(model, [0], { temperature: 0, maxNewTokens: 3 });
    expect(tokens).toEqual([2, 1, 1]);
    const steps = [rows[0][2], rows[2][1], rows[1][1]].map(
      (logit, i) => logit - Math.log([rows[0], rows[2], rows[1]][i].reduce((sum, x) => sum + Math.exp(x), 0)),
    );
    expect(Math.abs(logProb - steps.reduce((a, b) => a + b))).toBeLessThan(1e-6);
  },
);

describe("where it ends", () => {
  // 0 -> 1 -> 2 -> 3 -> 4 -> 0
  const model = chain([0, 1, 2, 3, 4].map((i) => [0, 1, 2, 3, 4].map((j) => (j === (i + 1) % 5 ? 40 : 0))));
  const tokenizer = new text.CharTokenizer("abcde");
  const options = { tokenizer, temperature: 0 };

  test("at a token, at a text, or when it is long enough", async () => {
    const end = async (stop?: text.StreamOptions["stop"], maxNewTokens = 9) => {
      const { tokens, text: written, end } = await text.generate(model, "a", { ...options, stop, maxNewTokens });
      return [tokens.length, written, end];
    };
    expect(await end()).toEqual([9, "bcdeabcde", "length"]);
    expect(await end(3)).toEqual([2, "bc", "stop"]);
    expect(await end("ea")).toEqual([5, "bcd", "stop"]);
    expect(await end(["ab", 4])).toEqual([3, "bcd", "stop"]);
    expect(await end("ea", 4)).toEqual([4, "bcde", "length"]); // its beginning alone is no reason
    expect(await end(undefined, 0)).toEqual([0, "", "length"]);
  });

  test("pieces of text come when they are certain", async () => {
    const pieces: string[] = [];
    const ends: (string | null)[] = [];
    for await (const each of text.stream(model, "a", { ...options, stop: "dea", maxNewTokens: 9 })) {
      pieces.push(each.text);
      ends.push(each.end);
    }
    expect(pieces).toEqual(["b", "c", "", "", ""]);
    expect(ends).toEqual([null, null, null, null, "stop"]);
  });

  test("bytes of one character are held back until it is whole", async () => {
    const bytes: text.Tokenizer = {
      vocabSize: 256,
      encode: (line) => [...new TextEncoder().encode(line)],
      decode: (ids) => new TextDecoder().decode(Uint8Array.from(ids)),
    };
    const line = bytes.encode("aé😀b");
    const spelling: text.CausalModel = {
      forward: (ids: Tensor) => {
        const next = line[ids.shape[1] - 1] ?? 0;
        return oneHot(tensor([[next]], { dtype: "int32" }), 256)
          .to("float32")
          .mul(50);
      },
    };
    const pieces: string[] = [];
    for await (const each of text.stream(spelling, [0], {
      tokenizer: bytes,
      temperature: 0,
      maxNewTokens: line.length,
    }))
      pieces.push(each.text);
    expect(pieces).toEqual(["a", "", "é", "", "", "", "😀", "b"]);
  });

  test("when it is aborted, with the signal's reason", async () => {
    const control = new AbortController();
    const seen: number[] = [];
    await expect(async () => {
      for await (const { token } of text.stream(model, [0], { signal: control.signal, maxNewTokens: 1000 })) {
        seen.push(token ?? -1);
        if (seen.length === 3) control.abort(new Error("enough"));
      }
    }).rejects.toThrow("enough");
    expect(seen.length).toBe(3);
    await expect(text.generate(model, [0], { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow(
      "before",
    );
    await expect(
      text.generate(model, [0], { beams: 2, signal: AbortSignal.abort(new Error("before")) }),
    ).rejects.toThrow("before");
  });
});

describe("what is refused", () => {
  const model = chain([
    [0, 1],
    [1, 0],
  ]);
  const bad: text.CausalModel = { forward: (ids: Tensor) => oneHot(ids, 2).to("float32").mul(Number.NaN) };
  const flat: text.CausalModel = { forward: (ids: Tensor) => ids };
  test.each([
    [() => text.generate(model, []), "a prompt is a list of tokens"],
    [() => text.generate(model, [[1], []]), "a prompt holds at least one token"],
    [() => text.generate(model, "ab"), "takes a tokenizer"],
    [() => text.generate(model, [0.5]), "each token must be a non-negative integer, got 0.5"],
    [() => text.generate(model, [0], { stop: "x" }), 'to stop at a text, "x", takes a tokenizer'],
    [() => text.generate(model, [0], { topP: 0 }), "topP must be a probability in (0, 1], got 0"],
    [() => text.generate(model, [0], { topK: 0 }), "topK must be a positive integer"],
    [() => text.generate(model, [0], { temperature: -1 }), "temperature must be a number from 0 on"],
    [() => text.generate(model, [0], { beams: 2, topK: 3 }), "has no use for topK"],
    [() => text.generate(model, [0], { lengthPenalty: 2 }), "lengthPenalty is of beam searches"],
    [
      () => text.generate(model, [[0], [1]], { generator: [new Generator(0)] }),
      "there are 1 generators, and more prompts",
    ],
    [() => text.generate(bad, [0]), "the model gave a logit that is NaN"],
    [() => text.generate(flat, [0]), "the model gives logits [B, T, V], got [1,1]"],
    [() => text.generate({} as text.CausalModel, [0]), "the model must have forward(ids, options)"],
    [async () => text.stream(model, [0], { topK: 1.5 }), "topK must be a positive integer, got 1.5"],
  ])("%#: %s", async (run, message) => {
    await expect(run()).rejects.toThrow(message);
  });
});
