import { manualSeed, memory, noGrad, tensor, text } from "flambeau";
import { expect, test } from "vitest";

const sizes = { vocabSize: 5, blockSize: 8, layers: 1, heads: 2, width: 8 };
function model(seed: number): text.GPT {
  manualSeed(seed);
  const made = new text.GPT(sizes);
  noGrad(() => {
    for (const p of made.parameters()) if (p.ndim > 1) p.mul_(30);
  });
  return made;
}
interface Found {
  readonly tokens: readonly number[];
  readonly logProb: number;
  readonly score: number;
}
/** All texts of up to `most` tokens, each asked for whole: the best by `log p / length ** penalty`. */
function exhaustive(made: text.GPT, prompt: readonly number[], most: number, stop: number, penalty: number): Found {
  let best: Found = { tokens: [], logProb: -Infinity, score: -Infinity };
  const visit = (tokens: readonly number[], logProb: number): void => {
    const ids = tensor([[...prompt, ...tokens]], { dtype: "int32" });
    const next = noGrad(() => made.forward(ids).to("float64").logSoftmax(2))
      .at(0, -1)
      .tolist() as number[]; // one row
    for (const [token, p] of next.entries()) {
      const length = tokens.length + 1;
      const ended = token === stop;
      const all = ended ? tokens : [...tokens, token];
      const score = (logProb + p) / length ** penalty;
      if (ended || length === most) {
        if (score > best.score) best = { tokens: all, logProb: logProb + p, score };
      } else visit(all, logProb + p);
    }
  };
  visit([], 0);
  return best;
}

test.each([
  [0, 1],
  [1, 1],
  [2, 0],
  [3, 2],
  [4, 0.5],
  [5, -1],
])("a beam as wide as there are texts finds the best one: seed %i, length penalty %f", async (seed, lengthPenalty) => {
  const made = model(seed);
  const prompts = [[1], [2, 3, 1]];
  const options = { beams: 5 ** 3, lengthPenalty, maxNewTokens: 4, stop: 0 };
  const found = await text.generate(made, prompts, options);
  for (const [i, prompt] of prompts.entries()) {
    const best = exhaustive(made, prompt, 4, 0, lengthPenalty);
    expect(found[i].tokens).toEqual(best.tokens);
    expect(Math.abs(found[i].logProb - best.logProb)).toBeLessThan(1e-4);
  }
});

/** The search as papers write it, one beginning at a time, without cache and batch. */
function plain(made: text.GPT, prompt: readonly number[], beams: number, most: number): readonly number[] {
  let live: { tokens: number[]; logProb: number }[] = [{ tokens: [], logProb: 0 }];
  for (let length = 0; length < most; length++)
    live = live
      .flatMap(({ tokens, logProb }) => {
        const ids = tensor([[...prompt, ...tokens].slice(-sizes.blockSize)], { dtype: "int32" });
        const next = noGrad(() => made.forward(ids).to("float64").logSoftmax(2))
          .at(0, -1)
          .tolist() as number[]; // one row
        return next.map((p, token) => ({ tokens: [...tokens, token], logProb: logProb + p }));
      })
      .sort((a, b) => b.logProb - a.logProb)
      .slice(0, beams);
  return live[0].tokens;
}
test.each([2, 3])("a narrow beam, of %i, finds what the plain search finds, beyond the block too", async (beams) => {
  for (const seed of [6, 7, 8]) {
    const made = model(seed);
    const prompts = [[1, 2, 3], [4]];
    for (const useCache of [true, false]) {
      const found = await text.generate(made, prompts, { beams, maxNewTokens: 9, useCache });
      expect(found.map(({ tokens }) => tokens)).toEqual(prompts.map((prompt) => plain(made, prompt, beams, 9)));
    }
  }
});

test("it stops at texts, leaves no memory, and takes one beam for none", async () => {
  const made = model(9);
  const tokenizer = new text.CharTokenizer("abcde");
  const whole = await text.generate(made, "a", { tokenizer, beams: 3, maxNewTokens: 6 });
  const stop = whole.text.slice(2, 4);
  const before = memory().cpu.tensors;
  const stopped = await text.generate(made, "a", { tokenizer, beams: 3, maxNewTokens: 6, stop, lengthPenalty: 0 });
  expect(memory().cpu.tensors).toBe(before);
  expect(stopped.text.includes(stop)).toBe(false);
  const greedy = await text.generate(made, "a", { tokenizer, temperature: 0 });
  expect((await text.generate(made, "a", { tokenizer, beams: 1, temperature: 0 })).text).toBe(greedy.text);
});
