// What the engine asks of WebGPU: commands go in batches, and a step that repeats makes nothing new.
import "@flambeau/autograd";
import { Linear, Sequential, Tanh } from "@flambeau/nn";
import { Adam } from "@flambeau/optim";
import {
  add,
  full,
  manualSeed,
  matmul,
  mean,
  mul,
  nextStep,
  ones,
  rand,
  registerBackend,
  square,
  sub,
  sum,
  type Tensor,
  tidy,
} from "flambeau";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WebGpuBackend } from "../../src/index.ts";
import { adapterMissing, openBackend } from "../support/adapter.ts";

const device = "webgpu";

describe.skipIf(await adapterMissing())("batches and pool", () => {
  let backend: WebGpuBackend;
  beforeAll(async () => {
    backend = await openBackend();
    registerBackend(backend);
  });
  afterAll(() => backend.dispose());

  /** What changes of the counters while `fn` runs. */
  async function counted(fn: () => unknown) {
    const before = backend.counters;
    await fn();
    const after = backend.counters;
    return {
      dispatches: after.dispatches - before.dispatches,
      submits: after.submits - before.submits,
      buffersCreated: after.buffersCreated - before.buffersCreated,
      pipelinesCompiled: after.pipelinesCompiled - before.pipelinesCompiled,
    };
  }

  it("a hundred ops and a read are one submit", async () => {
    let x = ones([16], { device });
    await x.data();
    const asked = await counted(async () => {
      tidy(() => {
        let y = x;
        for (let i = 0; i < 100; i++) y = add(y, i);
        x = y;
        return y;
      });
      expect([...(await x.data())]).toEqual(new Array(16).fill(1 + 4950));
    });
    expect(asked.dispatches).toBe(100);
    expect(asked.submits).toBe(1);
  });

  it("a batch is sent when it is full, and flush sends what there is", async () => {
    const x = ones([16], { device });
    await x.data();
    const asked = await counted(() => {
      tidy(() => {
        let y = x;
        for (let i = 0; i < 1000; i++) y = add(y, 1);
      });
    });
    expect(asked.dispatches).toBe(1000);
    expect(asked.submits).toBe(Math.floor(1000 / 256));
    expect((await counted(() => backend.flush())).submits).toBe(1);
    expect((await counted(() => backend.flush())).submits).toBe(0);
  });

  it("a training step makes no buffer, compiles nothing and is one submit, once it has run", async () => {
    manualSeed(1);
    const model = new Sequential(new Linear(20, 30), new Tanh(), new Linear(30, 5)).to(device);
    const optimizer = new Adam(model.parameters());
    const [x, y] = [rand([32, 20], { device }), rand([32, 5], { device })];
    const step = () =>
      tidy(() => {
        const loss = mean(square(sub(model.forward(x), y)));
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        return loss;
      });
    const losses: number[] = [];
    const read = async () => {
      const loss = step();
      losses.push(await loss.itemAsync());
      loss.dispose();
    };
    for (let i = 0; i < 3; i++) await read();
    const held = backend.memory();
    for (let i = 0; i < 20; i++) {
      const asked = await counted(read);
      expect({ ...asked, dispatches: 0 }).toEqual({
        dispatches: 0,
        submits: 1,
        buffersCreated: 0,
        pipelinesCompiled: 0,
      });
    }
    expect(losses[22]).toBeLessThan(losses[0]);
    // what the tests before left may be collected meanwhile, nothing is added
    expect(backend.memory().buffers).toBeLessThanOrEqual(held.buffers);
    expect(backend.memory().reservedBytes).toBe(held.reservedBytes);
  });

  const sequence = (a: Tensor, b: Tensor): Tensor => sum(matmul(mul(a, b), add(a, b)));

  it("1,000 steps inside scopes hold what the first held", async () => {
    const [a, b] = [rand([40, 40], { device }), rand([40, 40], { device })];
    const step = () => tidy(() => void sequence(a, b));
    step();
    backend.flush();
    const before = backend.memory();
    const asked = await counted(async () => {
      for (let i = 0; i < 1000; i++) {
        step();
        if (i % 50 === 0) await backend.pace();
      }
    });
    expect(asked.buffersCreated).toBe(0);
    // tensors of the tests before may be collected meanwhile
    expect(backend.memory().reservedBytes).toBeLessThanOrEqual(before.reservedBytes);
    expect(backend.memory().buffers).toBeLessThanOrEqual(before.buffers);
  });

  it("1,000 steps without a scope hold a bounded pool: dropped tensors are collected while the loop gives way", async () => {
    const [a, b] = [rand([256, 256], { device }), rand([256, 256], { device })];
    let most = 0;
    for (let i = 0; i < 1000; i++) {
      mul(add(a, b), i); // 2 × 256 KiB a step: 512 MiB if nothing came back
      if (i % 10 === 9) await nextStep(); // as the data loader does between batches
      most = Math.max(most, backend.memory().reservedBytes);
    }
    expect(most).toBeLessThan(2 ** 28);
  });

  it("so does a loop that only awaits a number of each step", async () => {
    const [a, b] = [rand([512, 512], { device }), rand([512, 512], { device })];
    let most = 0;
    for (let i = 0; i < 500; i++) {
      await mul(add(a, b), i).at(0, 0).itemAsync(); // 2 MiB a step: 1 GiB if nothing came back
      most = Math.max(most, backend.memory().bytes);
    }
    expect(most).toBeLessThan(2 ** 29);
  });

  it("what is reserved is what is live and what is spare", async () => {
    const limited = await openBackend({ memoryLimit: 2 ** 20 });
    const blocks = [1000, 2000, 3000].map((n) => limited.alloc(n));
    const { bytes, reservedBytes, buffers } = limited.memory();
    expect(bytes).toBe(6000);
    expect(buffers).toBe(3);
    // size classes leave at most a fifth unused
    expect(reservedBytes).toBeGreaterThanOrEqual(bytes);
    expect(reservedBytes).toBeLessThanOrEqual(bytes * 1.25);
    for (const b of blocks) limited.free(b);
    expect(limited.memory()).toMatchObject({ bytes: 0, buffers: 0, reservedBytes, peakBytes: 6000 });
    limited.alloc(2000);
    expect(limited.memory().reservedBytes).toBe(reservedBytes);
    limited.dispose();
  });

  it("warmUp compiles what a function needs and computes nothing", async () => {
    const x = full([8], 3, { device });
    await x.data();
    const warmed = await counted(() =>
      backend.warmUp(() => tidy(() => void x.add_(1).mul(2).div(7).sigmoid().erf().mul(2).div(7))),
    );
    expect(warmed.dispatches).toBe(0);
    expect(warmed.submits).toBe(0);
    expect(warmed.pipelinesCompiled).toBeGreaterThan(0);
    expect([...(await x.data())]).toEqual(new Array(8).fill(3));
    const used = await counted(() => tidy(() => void x.add(1).mul(2).div(7).sigmoid().erf()));
    // add in place reads through the output; not in place it is another kernel
    expect(used.pipelinesCompiled).toBeLessThanOrEqual(1);
    expect(used.dispatches).toBe(5);
    const again = await counted(() => backend.warmUp(() => tidy(() => void x.mul(2).div(7).sigmoid().erf())));
    expect(again.pipelinesCompiled).toBe(0);
  });

  it("pace resolves, at once when nothing is on its way", async () => {
    await backend.pace();
    const x = ones([1000], { device });
    for (let i = 0; i < 20; i++) {
      tidy(() => void add(x, 1));
      backend.flush();
    }
    await backend.pace();
    expect([...(await x.data())].every((v) => v === 1)).toBe(true);
  });

  it("the same program gives the same bits", async () => {
    const program = async () => {
      manualSeed(3);
      const model = new Sequential(new Linear(50, 64), new Tanh(), new Linear(64, 10)).to(device);
      const optimizer = new Adam(model.parameters(), { lr: 0.01 });
      const [x, y] = [rand([128, 50], { device }), rand([128, 10], { device })];
      const losses: number[] = [];
      for (let i = 0; i < 20; i++) {
        const loss = mean(square(sub(model.forward(x), y)));
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        losses.push(await loss.itemAsync());
      }
      const weights = await Promise.all([...model.parameters()].map(async (p) => [...(await p.data())]));
      return { losses, weights };
    };
    const first = await program();
    expect(await program()).toEqual(first);
    expect(first.losses[19]).toBeLessThan(first.losses[0]);
  });
});
