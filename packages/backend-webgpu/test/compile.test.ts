// Compiled steps on the GPU: what they give, and how many kernels they take.
import {
  compile,
  losses,
  manualSeed,
  nn,
  optim,
  randint,
  randn,
  registerBackend,
  scaledDotProductAttention,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from "flambeau";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adapterMissing, openBackend } from "./support/adapter.ts";

interface Training {
  readonly model: nn.Module;
  readonly loss: () => Tensor;
}
const device = "webgpu";

function mlp(): Training {
  const model = new nn.Sequential(new nn.Linear(12, 16), new nn.GELU(), new nn.Dropout(0.1), new nn.Linear(16, 4));
  const [x, y] = [randn([8, 12]).to(device), randint(0, 4, [8]).to(device)];
  return { model, loss: () => losses.crossEntropy(model.forward(x), y) };
}
class Cells extends nn.Module {
  input = new nn.Linear(5, 32);
  hidden = new nn.Linear(8, 32, { bias: false });
  forward(x: Tensor): Tensor {
    let [h, c] = [zeros([4, 8], { device }), zeros([4, 8], { device })];
    for (const share of this.input.forward(x).unbind(0)) {
      const [i, f, g, o] = share.add(this.hidden.forward(h)).chunk(4, 1);
      c = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
      h = o.sigmoid().mul(c.tanh());
    }
    return h;
  }
}
function lstm(): Training {
  const model = new Cells();
  const [x, y] = [randn([5, 4, 5]).to(device), randn([4, 8]).to(device)];
  return { model, loss: () => losses.mse(model.forward(x), y) };
}

/** A block of a Transformer: attention and a layer, each behind a norm and beside the rest. */
class Block extends nn.Module {
  norm1 = new nn.LayerNorm(8);
  qkv = new nn.Linear(8, 24);
  projection = new nn.Linear(8, 8);
  norm2 = new nn.LayerNorm(8);
  up = new nn.Linear(8, 16);
  down = new nn.Linear(16, 8);
  forward(x: Tensor): Tensor {
    const [q, k, v] = this.qkv
      .forward(this.norm1.forward(x))
      .split(8, 2)
      .map((t) => t.view([3, 5, 2, 4]).transpose(1, 2));
    const mixed = scaledDotProductAttention(q, k, v, { isCausal: true });
    const attended = x.add(this.projection.forward(mixed.transpose(1, 2).reshape([3, 5, 8])));
    return attended.add(this.down.forward(this.up.forward(this.norm2.forward(attended)).relu()));
  }
}
function transformer(): Training {
  const model = new nn.Sequential(new nn.Linear(6, 8), new Block(), new Block(), new nn.Linear(8, 4));
  const [x, y] = [randn([3, 5, 6]).to(device), randn([3, 5, 4]).to(device)];
  return { model, loss: () => losses.mse(model.forward(x), y) };
}

describe.skipIf(await adapterMissing())("compiled functions on webgpu", () => {
  let backend: Awaited<ReturnType<typeof openBackend>>;
  beforeAll(async () => {
    backend = await openBackend();
    registerBackend(backend);
  });
  afterAll(() => backend.dispose());

  async function train(make: () => Training, wrap: (step: () => Tensor) => () => Tensor): Promise<number[]> {
    manualSeed(3);
    const { model, loss } = make();
    model.to(device);
    const optimizer = new optim.Adam(model.parameters(), { lr: 1e-2 });
    const step = wrap(() => {
      optimizer.zeroGrad();
      const l = loss();
      l.backward();
      optimizer.step();
      return l;
    });
    const found: Promise<number>[] = [];
    for (let i = 0; i < 200; i++)
      tidy(() => {
        found.push(step().itemAsync() as Promise<number>);
      });
    return Promise.all(found);
  }

  it.each<[string, () => Training, number]>([
    ["an MLP with dropout", mlp, 0.9],
    ["an LSTM written in ops", lstm, 0.62],
    ["two blocks of a Transformer", transformer, 0.87],
  ])("%s: 200 losses equal to 1e-4", async (_, make, share) => {
    const eager = await train(make, (step) => step);
    let stats = () => ({ kernels: { asked: 0, run: 0 } });
    const compiled = await train(make, (step) => {
      const f = compile(step);
      stats = f.stats;
      return f;
    });
    expect(eager.at(-1)).toBeLessThan(eager[0]);
    for (let i = 0; i < 200; i++) expect(Math.abs(compiled[i] - eager[i])).toBeLessThanOrEqual(1e-4);
    expect(stats().kernels.run / stats().kernels.asked).toBeLessThanOrEqual(share);
  });

  it.each([false, true])(
    "a warm-up leaves no trace, before training and in the midst of it (replay: %s)",
    async (replay) => {
      const run = async (warm: readonly number[], isCompiled = true): Promise<unknown> => {
        manualSeed(5);
        const model = new nn.Sequential(new nn.Linear(4, 8), new nn.LayerNorm(8), new nn.GELU(), new nn.Linear(8, 2));
        model.to(device);
        const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-2 });
        const [x, y] = [randn([6, 4]).to(device), randint(0, 2, [6]).to(device)];
        const plain = (): Tensor => {
          optimizer.zeroGrad();
          const loss = losses.crossEntropy(model.forward(x), y);
          loss.backward();
          optimizer.step();
          return loss;
        };
        const step = isCompiled ? compile(plain, { replay }) : plain;
        const found: number[] = [];
        for (let i = 0; i < 12; i++) {
          if (warm.includes(i))
            await backend.warmUp(() => {
              for (let k = 0; k < 5; k++) tidy(() => void step());
            });
          const loss = step();
          found.push(await loss.itemAsync());
          loss.dispose();
        }
        return [found, Object.values(optimizer.stateDict().state).map((s) => s.step)];
      };
      const [cold, warm, [eager]] = [await run([]), await run([0, 8]), (await run([], false)) as [number[]]];
      expect(warm).toEqual(cold);
      const [found, counts] = cold as [number[], number[]];
      for (const [i, loss] of eager.entries()) expect(Math.abs(found[i] - loss)).toBeLessThan(1e-5);
      expect(counts).toEqual(counts.map(() => 12));
    },
  );

  it("windows that begin elsewhere from call to call share a plan", async () => {
    manualSeed(6);
    const data = randn([40, 3]).to(device);
    const cache = zeros([40, 3]).to(device);
    const run = (into: Tensor, at: number): Tensor => {
      into.select(0, at).copy_(data.select(0, at).mul(2).add(1));
      return data.narrow(0, at, 4).mul(2).add(1).tanh();
    };
    const other = zeros([40, 3]).to(device);
    const f = compile(run);
    for (let at = 0; at < 36; at++)
      expect(await tidy(() => f(cache, at)).data()).toEqual(await tidy(() => run(other, at)).data());
    expect(await cache.data()).toEqual(await other.data());
    expect(f.stats()).toMatchObject({ tapes: 1, kernels: { asked: 6, run: 2 } });
  });

  it("an index out of range is told by reads of what depends on it", async () => {
    const table = randn([3, 2]).to(device);
    const f = compile((ids: Tensor) => [table.indexSelect(0, ids).mul(2), table.add(1)] as const);
    for (const bad of [false, false, true, true, false]) {
      const [picked, other] = f(tensor([0, bad ? 7 : 2], { dtype: "int32", device }));
      if (bad) await expect(picked.data()).rejects.toThrow("index 7 is out of range");
      else expect((await picked.data()).length).toBe(4);
      expect((await other.data()).length).toBe(6);
    }
  });
});
