import { gradcheck, randn, tensor, text } from "flambeau";
import { describe, expect, test } from "vitest";
import { tokenize13a } from "../src/metrics/tokenize-13a.ts";
import { figures } from "./support/figures.ts";

describe("BLEU", () => {
  test("splits texts as sacrebleu's 13a does", () => {
    for (const [line, tokens] of figures.tokens13a) expect(tokenize13a(line), JSON.stringify(line)).toEqual(tokens);
  });
  test.each(figures.bleu.map((each, i) => [i, each.smoothing, each.maxN, each] as const))(
    "is sacrebleu's: %i, smoothing %s, up to %i",
    (_, smoothing, maxN, { candidates, references, ...expected }) => {
      const got = text.bleu(candidates, references, { smoothing, maxN });
      expect([got.candidateLength, got.referenceLength]).toEqual([expected.candidateLength, expected.referenceLength]);
      expect(Math.abs(got.brevityPenalty - expected.brevityPenalty)).toBeLessThan(1e-12);
      expect(got.precisions.length).toBe(maxN);
      for (const [i, p] of got.precisions.entries()) expect(Math.abs(p - expected.precisions[i])).toBeLessThan(1e-12);
      expect(Math.abs(got.score - expected.score)).toBeLessThan(1e-12);
    },
  );
  test("takes tokens as they are, and orders that count nothing", () => {
    const [a, b] = [
      ["a b", "c"],
      ["a b", "d"],
    ];
    expect(text.bleu([a], [[b]], { maxN: 1 }).precisions).toEqual([0.5]);
    expect(text.bleu([a], [[b]], { maxN: 2, weights: [1, 0] }).score).toBe(0.5);
    expect(text.bleu([a], [[b]], { maxN: 2 }).score).toBe(0);
  });
  test.each([
    [() => text.bleu(["a"], []), "as many lists of references"],
    [() => text.bleu(["a"], [[]]), "each candidate has a list of references, got []"],
    [() => text.bleu([3 as never], [["a"]]), "a text is a string or a list of tokens, got 3"],
    [() => text.bleu(["a"], [["a"]], { maxN: 2, weights: [1] }), "1 weights for 2 orders"],
  ])("%#: %s", (run, message) => {
    expect(run).toThrow(message);
  });
});

describe("perplexity", () => {
  const { logits, targets, masked, all, some } = figures.perplexity;
  test("is that of cross entropy in float64, padding apart", () => {
    const of = (ids: number[][], ignoreIndex?: number) =>
      text.perplexity(tensor(logits, { dtype: "float64" }), tensor(ids, { dtype: "int32" }), { ignoreIndex }).item();
    // the logits were recorded as float32
    expect(Math.abs(of(targets) - all)).toBeLessThan(1e-6 * all);
    expect(Math.abs(of(masked) - some)).toBeLessThan(1e-6 * some);
    expect(Math.abs(of(masked.map((row) => row.map((t) => (t < 0 ? 3 : t)))) - some)).toBeGreaterThan(0.01);
  });
  test("has gradients", () => {
    const x = randn([2, 3, 4], { dtype: "float64", requiresGrad: true });
    const ids = tensor(
      [
        [0, 1, 2],
        [3, 0, 1],
      ],
      { dtype: "int32" },
    );
    expect(gradcheck((l) => text.perplexity(l, ids), [x])).toBe(true);
  });
  test("says what does not fit", () => {
    expect(() => text.perplexity(tensor([[1, 2]]), tensor([[0]], { dtype: "int32" }))).toThrow(
      "expected logits [..., V]",
    );
  });
});
