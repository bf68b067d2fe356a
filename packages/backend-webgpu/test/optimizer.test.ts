// Fused optimizer steps against the optimizers' definitions in float64, and against their own decomposition.
import { Adam, AdamW, type Optimizer, SGD } from "@flambeau/optim";
import type { View } from "@flambeau/tensor/plugin";
import { withoutFused } from "@flambeau/tensor/plugin";
import { registerBackend, type Tensor, tensor } from "flambeau";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../src/engine/engine.ts";
import { blockOf } from "../src/engine/memory.ts";
import { optimizerKernels } from "../src/fused/optimizer.ts";
import type { WebGpuBackend } from "../src/index.ts";
import { adapterMissing, openBackend } from "./support/adapter.ts";

const sizes = [1, 63, 1000, 0, 257, 4500, 5];
const filled = sizes.filter((n) => n > 0).length;
const initial = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(i + 1) * 3);
const gradient = (n: number, step: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.cos(i * 0.7 + step) * 10 ** ((i % 5) - 2));

type Make = (params: readonly Tensor[]) => Optimizer<object>;
/** One step of one element in float64; `state` lives on. */
type Rule = (p: number, g: number, state: Record<string, number>, t: number) => number;

const adam =
  (o: { lr: number; decay?: number; decoupled?: boolean; amsgrad?: boolean; maximize?: boolean }): Rule =>
  (p, g, s, t) => {
    let d = o.maximize ? -g : g;
    if (o.decay && o.decoupled) p *= 1 - o.lr * o.decay;
    else if (o.decay) d += o.decay * p;
    s.m = 0.9 * (s.m ?? 0) + 0.1 * d;
    s.v = 0.999 * (s.v ?? 0) + 0.001 * d * d;
    s.w = Math.max(s.w ?? 0, s.v);
    const v = o.amsgrad ? s.w : s.v;
    return p - ((o.lr / (1 - 0.9 ** t)) * s.m) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8);
  };
const sgd =
  (o: { lr: number; momentum?: number; dampening?: number; decay?: number; nesterov?: boolean }): Rule =>
  (p, g, s) => {
    let d = g + (o.decay ?? 0) * p;
    if (o.momentum) {
      s.b = s.b === undefined ? d : o.momentum * s.b + (1 - (o.dampening ?? 0)) * d;
      d = o.nesterov ? d + o.momentum * s.b : s.b;
    }
    return p - o.lr * d;
  };

const cases: readonly (readonly [string, Make, number, Rule])[] = [
  ["Adam", (p) => new Adam(p, { lr: 0.01 }), 4, adam({ lr: 0.01 })],
  [
    "Adam with decay, maximizing",
    (p) => new Adam(p, { lr: 0.01, weightDecay: 0.1, maximize: true }),
    4,
    adam({ lr: 0.01, decay: 0.1, maximize: true }),
  ],
  ["AdamW", (p) => new AdamW(p, { lr: 0.01, weightDecay: 0.2 }), 4, adam({ lr: 0.01, decay: 0.2, decoupled: true })],
  ["Adam with amsgrad", (p) => new Adam(p, { lr: 0.01, amsgrad: true }), 5, adam({ lr: 0.01, amsgrad: true })],
  ["SGD", (p) => new SGD(p, { lr: 0.01 }), 2, sgd({ lr: 0.01 })],
  [
    "SGD with momentum, dampening and decay",
    (p) => new SGD(p, { lr: 0.01, momentum: 0.9, dampening: 0.5, weightDecay: 0.1 }),
    3,
    sgd({ lr: 0.01, momentum: 0.9, dampening: 0.5, decay: 0.1 }),
  ],
  [
    "SGD with Nesterov's momentum",
    (p) => new SGD(p, { lr: 0.01, momentum: 0.9, nesterov: true }),
    3,
    sgd({ lr: 0.01, momentum: 0.9, nesterov: true }),
  ],
]; // prettier-ignore

describe.skipIf(await adapterMissing())("optimizer steps", () => {
  let backend: WebGpuBackend;
  beforeAll(async () => {
    backend = await openBackend();
    registerBackend(backend);
  });
  afterAll(() => backend.dispose());

  const steps = 10;
  /** How many parameters of so many tensors each (a gradient among them) one dispatch can bind. */
  const perDispatch = (tensors: number): number =>
    Math.min(8, Math.floor(backend.device.limits.maxStorageBuffersPerShaderStage / tensors));
  /** The parameters after ten steps, and the dispatches of the last. */
  async function run(make: Make, step = (optimizer: Optimizer<object>): unknown => optimizer.step()) {
    const params = sizes.map((n) => tensor(initial(n), { device: "webgpu", requiresGrad: true }));
    const optimizer = make(params);
    let dispatches = 0;
    for (let t = 1; t <= steps; t++) {
      for (const p of params) p.grad = tensor(gradient(p.size, t), { device: "webgpu" });
      const before = backend.counters.dispatches;
      step(optimizer);
      dispatches = backend.counters.dispatches - before;
    }
    const values = await Promise.all(params.map(async (p) => (await p.data()) as Float32Array));
    return { values, dispatches };
  }

  for (const [name, make, tensors, rule] of cases)
    it(`${name}: ten steps, several parameters in a dispatch`, async () => {
      const { values, dispatches } = await run(make);
      expect(dispatches).toBe(Math.ceil(filled / perDispatch(tensors)));
      for (const [k, n] of sizes.entries()) {
        const expected = initial(n);
        const gradients = Array.from({ length: steps }, (_, t) => gradient(n, t + 1));
        for (let i = 0; i < n; i++) {
          const state: Record<string, number> = {};
          let p = expected[i];
          for (let t = 1; t <= steps; t++) p = rule(p, gradients[t - 1][i], state, t);
          expect(
            Math.abs(values[k][i] - p),
            `element ${i} of ${n}: ${values[k][i]}, expected ${p}`,
          ).toBeLessThanOrEqual(3e-6 * Math.max(1, Math.abs(p)));
        }
      }
      const slow = await run(make, (optimizer) => withoutFused(() => optimizer.step()));
      for (const [k, v] of values.entries())
        for (let i = 0; i < v.length; i++)
          expect(Math.abs(v[i] - slow.values[k][i])).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(v[i])));
    });

  it("the bits are those of a step parameter by parameter", async () => {
    const make: Make = (p) => new Adam(p, { lr: 0.01, weightDecay: 0.1 });
    const together = await run(make);
    const apart = await run((params) => {
      const optimizers = params.map((p) => make([p]));
      return { step: () => optimizers.forEach((o) => void o.step()) } as unknown as Optimizer<object>; // all that run needs
    });
    expect(apart.dispatches).toBe(filled);
    expect(together.values).toEqual(apart.values);
  });

  it("parameters that share a buffer, and gradients that do", async () => {
    const both = tensor(initial(40), { device: "webgpu" });
    const params = [0, 1, 2, 3].map((k) => both.narrow(0, 10 * k, 10).detach());
    const g = tensor(gradient(20, 1), { device: "webgpu" });
    const optimizer = new SGD(params, { lr: 0.5 });
    params.forEach((p, k) => {
      p.grad = g.narrow(0, 5 * (k % 2), 10).detach();
    });
    optimizer.step();
    const expected = initial(40).map((v, i) => v - 0.5 * gradient(20, 1)[5 * (Math.floor(i / 10) % 2) + (i % 10)]);
    expect((await both.data()) as Float32Array).toEqual(expected);
  });

  it.each([true, false])("many workgroups to a parameter, software device: %s", async (software) => {
    const engine = new Engine(backend.device, { memoryLimit: Number.POSITIVE_INFINITY, pump: null });
    const view = (values: Float32Array): View => {
      const buffer = engine.alloc(values.byteLength);
      engine.write(blockOf(buffer), 0, new Uint8Array(values.buffer));
      return { buffer, dtype: "float32", offset: 0, shape: [values.length], strides: [1] };
    };
    const lengths = [9001, 3, 2048, 255, 4099];
    const params = lengths.map((n) => view(initial(n)));
    const options = { lr: 0.5, momentum: 0, dampening: 0, weightDecay: 0, first: 0, nesterov: false, maximize: false };
    optimizerKernels(engine, 8, software).sgdStep.run(
      lengths.map((n) => view(gradient(n, 1))),
      params,
      options,
    );
    for (const [k, n] of lengths.entries()) {
      const bytes = await engine.read(blockOf(params[k].buffer), 0, 4 * n);
      const g = gradient(n, 1);
      expect(new Float32Array(bytes.buffer)).toEqual(initial(n).map((v, i) => v - 0.5 * g[i]));
    }
  });

  it("a device of 8 bindings takes two parameters of Adam in a dispatch, four of SGD", () => {
    const views = (count: number): View[] =>
      Array.from({ length: count }, () => {
        const t = tensor(initial(70), { device: "webgpu" });
        return { buffer: t.buffer, dtype: t.dtype, offset: 0, shape: t.shape, strides: t.strides };
      });
    const engine = new Engine(backend.device, { memoryLimit: Number.POSITIVE_INFINITY, pump: null });
    const kernels = optimizerKernels(engine, 8);
    const both = { lr: 0.1, weightDecay: 0, maximize: false };
    const adam = { step: 1, betas: [0.9, 0.99], eps: 1e-8, amsgrad: false, decoupledWeightDecay: false } as const;
    kernels.adamStep.run(views(5), views(15), { ...both, ...adam });
    expect(engine.counters.dispatches).toBe(3);
    kernels.sgdStep.run(views(5), views(5), { ...both, momentum: 0, dampening: 0, first: 0, nesterov: false });
    expect(engine.counters.dispatches).toBe(5);
  });
});
