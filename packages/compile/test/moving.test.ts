// Windows that begin elsewhere from call to call: one plan for all of them.
import {
  compile,
  cpuWasm,
  losses,
  manualSeed,
  memory,
  nn,
  noGrad,
  optim,
  randint,
  randn,
  reclaim,
  registerBackend,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from "flambeau";
import { beforeEach, describe, expect, test } from "vitest";
import { referenceBackend } from "../../../examples/backend-template/src/index.ts";
import { bitsOf } from "./support/equal.ts";

const live = (): number => memory().cpu.tensors;
beforeEach(() => {
  reclaim(); // what tests before this one have dropped
});

describe("a thousand places", () => {
  const calls = 1000;
  test("of a slice inside are one plan, right and bounded in memory", () => {
    manualSeed(1);
    const data = randn([calls + 4, 3]);
    const run = (i: number): Tensor => data.narrow(0, i, 4).mul(2).add(1).tanh();
    const f = compile(run);
    tidy(() => f(0));
    const before = live();
    for (let i = 0; i < calls; i++) tidy(() => expect(bitsOf(f(i))).toEqual(bitsOf(run(i))));
    expect(live()).toBe(before);
    const { kernels, tapes, evicted } = f.stats();
    // the first two places had tapes of their own
    expect([kernels, tapes, evicted]).toEqual([{ asked: 3, run: 1 }, 1, 0]);
  });

  test("of a batch that is given as a window on a data set", () => {
    const batches = 200;
    const [eager, compiled] = [(step: Step) => step, (step: Step) => compile(step)].map((wrap) => {
      manualSeed(2);
      const model = new nn.Sequential(new nn.Linear(3, 5), new nn.Tanh(), new nn.Linear(5, 2));
      const optimizer = new optim.Adam(model.parameters());
      const [x, y] = [randn([batches + 4, 3]), randint(0, 2, [batches + 4])];
      const step = wrap((images, labels) => {
        optimizer.zeroGrad();
        const loss = losses.crossEntropy(model.forward(images), labels);
        loss.backward();
        optimizer.step();
        return loss;
      });
      const found: number[] = [];
      for (let i = 0; i < batches; i++)
        tidy(() => found.push(step(x.narrow(0, i, 4), y.narrow(0, (i * 7) % batches, 4)).item() as number));
      return { found, tapes: "stats" in step ? (step as ReturnType<typeof compile>).stats().tapes : 0 };
    });
    // the first step, which makes the optimizer's state, and all others
    expect(compiled.tapes).toBe(2);
    for (const [i, loss] of eager.found.entries()) expect(Math.abs(loss - compiled.found[i])).toBeLessThan(1e-5);
  });

  test("of what is written, as in a cache of keys", () => {
    const steps = 200;
    const run = (cache: Tensor, x: Tensor, at: number): Tensor =>
      noGrad(() => {
        cache.select(1, at).copy_(x.mul(2).add(1));
        return x.matmul(cache.transpose(1, 2)).softmax(-1);
      });
    const f = compile(run);
    const [ours, theirs] = [zeros([2, steps, 4]), zeros([2, steps, 4])];
    manualSeed(3);
    for (let at = 0; at < steps; at++)
      tidy(() => {
        const x = randn([2, 4]);
        expect(bitsOf(f(ours, x.unsqueeze(1).select(1, 0), at))).toEqual(bitsOf(run(theirs, x, at)));
      });
    expect(bitsOf(ours)).toEqual(bitsOf(theirs));
    expect(f.stats().tapes).toBe(1);
    expect(f.stats().evicted).toBe(0);
  });
});

type Step = (x: Tensor, y: Tensor) => Tensor;

describe("few places", () => {
  test("have a plan each, that knows where it looks", () => {
    // what is computed first is seen through a window, which can be moved into the computation only where it stands still
    const run = (x: Tensor, half: number): Tensor =>
      x
        .mul(2)
        .add(1)
        .narrow(0, half * 2, 2)
        .tanh();
    const f = compile(run);
    for (let i = 0; i < 6; i++)
      tidy(() => {
        const x = tensor([i, 1, 2, 3]);
        expect(bitsOf(f(x, i % 2))).toEqual(bitsOf(run(x, i % 2)));
      });
    expect(f.stats().tapes).toBe(2);
    expect(f.stats().kernels).toEqual({ asked: 3, run: 1 });
  });
  test("that become many are one", () => {
    const run = (x: Tensor, at: number): Tensor => x.mul(2).add(1).narrow(0, at, 2).tanh().mul(3);
    const f = compile(run);
    for (let i = 0; i < 12; i++)
      tidy(() => {
        const x = tensor([i, 1, 2, 3, 4, 5]);
        expect(bitsOf(f(x, i % 5))).toEqual(bitsOf(run(x, i % 5)));
      });
    expect(f.stats().tapes).toBe(1);
    expect(f.stats().kernels).toEqual({ asked: 4, run: 2 });
  });
});

test("other sizes and other memory are other tapes still", () => {
  const data = tensor([1, 2, 3, 4, 5, 6, 7, 8]);
  const run = (from: Tensor, at: number, n: number): Tensor => from.narrow(0, at, n).mul(2).add(1);
  const f = compile(run);
  for (let i = 0; i < 30; i++)
    tidy(() => {
      const [at, n] = [i % 5, 1 + (i % 3)];
      expect(bitsOf(f(data, at, n))).toEqual(bitsOf(run(data, at, n)));
    });
  expect(f.stats().tapes).toBe(3);
});

test("without the room for a plan, kernels find the places of the call, too", () => {
  const backend = referenceBackend();
  registerBackend(backend);
  const data = tensor([1, 2, 3, 4, 5, 6]).to("reference");
  const f = compile((at: number) => {
    const y = data.narrow(0, at, 2).mul(2);
    return [y.matmul(y).add(1), y];
  });
  for (let at = 0; at < 4; at++) for (const t of f(at)) t.dispose();
  const alloc = backend.alloc.bind(backend);
  let refused = false;
  backend.alloc = (bytes) => {
    if (refused) return alloc(bytes);
    refused = true;
    throw new RangeError("no room");
  };
  const results = f(1);
  backend.alloc = alloc;
  expect(refused).toBe(true);
  expect(results.map((t) => t.tolist())).toEqual([53, [4, 6]]);
});

test("a replayed call finds the same places, and is none where they differ", () => {
  registerBackend(cpuWasm({ threads: 1 }));
  const data = tensor([1, 2, 3, 4, 5, 6]);
  let at = 0;
  let runs = 0;
  const f = compile(
    () => {
      runs++;
      return data.narrow(0, at, 2).mul(2).add(1);
    },
    { replay: true },
  );
  const call = (): unknown => tidy(() => f().tolist());
  for (at = 0; at < 5; at++) call();
  expect([runs, f.stats().replays]).toEqual([5, 0]);
  expect(f.explain()).toContain("windows begin elsewhere from call to call");
  at = 3;
  for (let i = 0; i < 8; i++) expect(call()).toEqual([9, 11]);
  expect(f.stats().replays).toBeGreaterThan(3);
});
