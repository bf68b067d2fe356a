import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { losses, manualSeed, memory, nn, noGrad, optim, randint, type Tensor, tensor, text, tidy } from "flambeau";
import { describe, expect, test } from "vitest";

interface Case {
  readonly position: "learned" | "rotary" | "sinusoidal";
  readonly tied: boolean;
  readonly weights: Record<string, number[]>;
  readonly gradients: Record<string, number[]>;
  readonly logits: number[];
  readonly loss: number;
}
interface Draw {
  readonly prompt: number[][];
  readonly count: number;
  readonly temperature: number;
  readonly topK: number | null;
  readonly tokens: number[][];
}
const file = readFileSync(new URL("./figures/gpt-torch213.json.gz", import.meta.url));
const figures: {
  readonly cases: Case[];
  readonly curve: { readonly dropout: number; readonly lr: number; readonly loss: number[] };
  readonly draws: Draw[];
} = JSON.parse(gunzipSync(file).toString());

const sizes = { vocabSize: 11, blockSize: 12, layers: 2, heads: 2, width: 8 };
const flat = (t: Tensor): number[] => t.detach().flatten().tolist() as number[]; // of one dimension
function near(got: Tensor | null | undefined, expected: readonly number[], absolute: number, what: string): void {
  if (!got) throw new Error(`${what}: there is none`);
  const values = flat(got);
  expect(values.length, what).toBe(expected.length);
  const far = values.map((v, i) => Math.abs(v - expected[i]) - 1.3e-6 * Math.abs(expected[i]));
  expect(Math.max(...far), what).toBeLessThanOrEqual(absolute);
}

describe("GPT as PyTorch computes it", () => {
  test.each(figures.cases)("$position positions, tied: $tied", ({ position, tied, ...expected }) => {
    manualSeed(1337);
    const model = new text.GPT({ ...sizes, position, tied });
    const [ids, targets] = [randint(0, 11, [2, 12]), randint(0, 11, [2, 12])];
    const parameters = new Map(model.namedParameters());
    expect([...parameters.keys()]).toEqual(Object.keys(expected.weights));
    for (const [name, t] of parameters) near(t, expected.weights[name], 1e-8, name);
    const logits = model.forward(ids);
    near(logits, expected.logits, 1e-6, "logits");
    const loss = losses.crossEntropy(logits.view([-1, 11]), targets.flatten());
    expect(Math.abs(loss.item() - expected.loss)).toBeLessThan(1e-6);
    loss.backward();
    for (const [name, t] of parameters) near(t.grad, expected.gradients[name], 1e-6, `gradient of ${name}`);
  });

  test("50 steps of AdamW with dropout, and what is drawn afterwards", async () => {
    const { dropout, lr, loss: curve } = figures.curve;
    manualSeed(7);
    const model = new text.GPT({ ...sizes, dropout });
    const [ids, targets] = [randint(0, 11, [4, 12]), randint(0, 11, [4, 12])];
    const optimizer = new optim.AdamW(model.parameters(), { lr });
    for (const [step, reference] of curve.entries())
      tidy(() => {
        const loss = losses.crossEntropy(model.forward(ids).view([-1, 11]), targets.flatten());
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        expect(Math.abs(loss.item() - reference) / reference, `step ${step}`).toBeLessThan(2e-5);
      });
    // in training still: nothing is dropped while it writes, and it goes on training
    for (const useCache of [true, false])
      for (const { prompt, count, temperature, topK, tokens } of figures.draws) {
        manualSeed(42);
        const got = await text.generate(model, prompt, { maxNewTokens: count, temperature, topK, useCache });
        expect(got.map((one) => one.tokens)).toEqual(tokens);
      }
    expect([...model.modules()].every((each) => each.training)).toBe(true);
  });
});

const most = (x: Tensor): number => x.abs().max().item();
const positions = ["learned", "rotary", "sinusoidal"] as const;

describe.each(positions)("with %s positions", (position) => {
  const made = (): text.GPT => {
    manualSeed(3);
    const model = new text.GPT({ ...sizes, position });
    // so that attention has something to tell apart
    noGrad(() => {
      for (const p of model.parameters()) if (p.ndim > 1) p.mul_(20);
    });
    return model;
  };

  test("logits with a cache are those without, in pieces of any length", () => {
    const model = made();
    const ids = randint(0, 11, [3, 12]);
    const whole = noGrad(() => model.forward(ids));
    for (const pieces of [[5, 1, 1, 1, 1, 1, 1, 1], [1, 3, 8], [12]]) {
      const cache = model.newCache(3);
      let from = 0;
      for (const length of pieces) {
        const got = noGrad(() => model.forward(ids.narrow(1, from, length), { cache }));
        expect(most(got.sub(whole.narrow(1, from, length)))).toBeLessThan(2e-5);
        from += length;
        expect(cache.length).toBe(from);
      }
      cache.dispose();
    }
  });

  test("padding on the left changes nothing, with a cache and without", () => {
    const model = made();
    const tokens = [1, 5, 2, 7, 3];
    const alone = noGrad(() => model.forward(tensor([tokens], { dtype: "int32" })));
    const ids = tensor(
      [
        [0, 0, 0, ...tokens],
        [4, 4, 1, ...tokens],
      ],
      { dtype: "int32" },
    );
    const mask = tensor([
      [0, 0, 0, 1, 1, 1, 1, 1],
      [1, 1, 1, 1, 1, 1, 1, 1],
    ]).ne(0);
    const padded = noGrad(() => model.forward(ids, { mask }));
    expect(most(padded.at(0).narrow(0, 3, 5).sub(alone.at(0)))).toBeLessThan(2e-5);
    const cache = model.newCache(2);
    for (const [from, length] of [
      [0, 4],
      [4, 1],
      [5, 3],
    ]) {
      const seen = mask.narrow(1, 0, from + length);
      const got = noGrad(() => model.forward(ids.narrow(1, from, length), { cache, mask: seen }));
      const real = Math.max(from, 3);
      const there = got.narrow(1, real - from, from + length - real);
      expect(most(there.sub(padded.narrow(1, real, from + length - real)))).toBeLessThan(2e-5);
    }
  });

  test("a sequence is written in company as it is alone, beyond the block too", async () => {
    const model = made();
    const prompts = [[1, 2, 3, 4, 5, 6], [7], [8, 9, 10]];
    for (const useCache of [true, false]) {
      const options = { temperature: 0, maxNewTokens: 15, useCache };
      const together = await text.generate(model, prompts, options);
      for (const [i, prompt] of prompts.entries())
        expect(together[i].tokens, `${i}`).toEqual((await text.generate(model, prompt, options)).tokens);
    }
  });
});

describe("a model that is asked for the impossible", () => {
  const model = new text.GPT(sizes);
  const ids = tensor([[1, 2]], { dtype: "int32" });
  test.each([
    [() => new text.GPT({ ...sizes, heads: 3 }), "3 heads do not divide 8 features"],
    [() => new text.GPT({ ...sizes, layers: 0 }), "layers must be a positive integer"],
    [() => new text.GPT({ ...sizes, position: "absolute" as "learned" }), 'the option position is "learned" or'],
    [() => new text.GPT({ ...sizes, width: 6, position: "rotary" }), "features are turned in pairs, got 3"],
    [() => model.forward(randint(0, 11, [1, 13])), "13 tokens, more than the block of 12"],
    [() => model.forward(ids.at(0)), "expected ids [B, T], got [2]"],
    [() => model.forward(ids, { mask: ids }), "mask must be bool"],
    [() => model.forward(ids, { mask: tensor([[true]]) }), "expected a mask [1, 2]"],
    [() => model.forward(ids, { cache: model.newCache(1) }), "have no gradients"],
    [() => noGrad(() => model.forward(ids, { cache: model.newCache(2) })), "expected [2,2,2,4], got [1,2,2,4]"],
    [() => noGrad(() => model.forward(ids, { cache: model.newCache(1, 1) })), "no room for 2 positions more"],
  ])("%#: %s", (run, message) => {
    expect(run).toThrow(message);
  });
  test("a forward that fails leaves the cache as it was", () => {
    const cache = model.newCache(1, 4);
    noGrad(() => model.forward(ids, { cache }));
    expect(() => noGrad(() => model.forward(randint(0, 11, [1, 3]), { cache }))).toThrow("no room");
    expect(cache.length).toBe(2);
    expect(nn.isModule(model)).toBe(true);
  });
});

test("writing leaves nothing behind", async () => {
  const model = new text.GPT(sizes);
  const run = () => text.generate(model, [[1, 2], [3]], { maxNewTokens: 14, stop: [4] });
  await run();
  const before = memory().cpu.tensors;
  await run();
  for await (const { token } of text.stream(model, [1, 2])) if (token !== null) break;
  expect(memory().cpu.tensors).toBe(before);
});
