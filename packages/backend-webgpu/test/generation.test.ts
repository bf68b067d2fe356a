// What a language model writes on the GPU: the tokens that it writes on the CPU, with a cache, with padding, beyond its block, by beams.
import { Generator, manualSeed, memory, noGrad, registerBackend, text } from "flambeau";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adapterMissing, openBackend } from "./support/adapter.ts";

const device = "webgpu";
const sizes = { vocabSize: 11, blockSize: 10, layers: 2, heads: 2, width: 8 };
const prompts = [[1, 2, 3, 4], [5], [6, 7]];

describe.skipIf(await adapterMissing())("generation on webgpu", () => {
  let backend: Awaited<ReturnType<typeof openBackend>>;
  beforeAll(async () => {
    // as in a page: nothing is read before it is awaited
    backend = await openBackend({ syncReads: false });
    registerBackend(backend);
  });
  afterAll(() => backend.dispose());

  it.each(["learned", "rotary", "sinusoidal"] as const)(
    "writes what it writes on the cpu: %s positions",
    async (position) => {
      manualSeed(1);
      const model = new text.GPT({ ...sizes, position });
      // far from ties, which the last bits would decide
      noGrad(() => {
        for (const p of model.parameters()) if (p.ndim > 1) p.mul_(20);
      });
      const generator = () => prompts.map((_, i) => new Generator(i));
      const write = async () => {
        const drawn = await text.generate(model, prompts, {
          maxNewTokens: 12,
          topK: 5,
          generator: generator(),
          stop: 0,
        });
        const greedy = await text.generate(model, prompts, { maxNewTokens: 5, temperature: 0, useCache: false });
        const beams = await text.generate(model, prompts, { maxNewTokens: 4, beams: 3, stop: 0 });
        return [drawn, greedy, beams].map((all) => all.map(({ tokens }) => tokens));
      };
      const expected = await write();
      await model.toAsync(device);
      expect(await write()).toEqual(expected);
      const before = memory()[device].tensors;
      await write();
      expect(memory()[device].tensors).toBe(before);
    },
  );
});
