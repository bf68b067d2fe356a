// A device that only compiles its kernels: the calls of that time count for nothing.
import {
  compile,
  cpuWasm,
  losses,
  manualSeed,
  memory,
  nn,
  optim,
  randn,
  registerBackend,
  type Tensor,
  tensor,
  tidy,
} from "flambeau";
import { expect, test } from "vitest";
import { bitsOf } from "./support/equal.ts";

/** The cpu with a warm-up, as devices with pipelines have it: what is asked for in it is not done. */
function warmable() {
  const backend = cpuWasm({ threads: 1 });
  let warming = false;
  const { map, reduce, matmul, ...others } = backend.kernels;
  const unless =
    <A extends unknown[]>(kernel: (...args: A) => void) =>
    (...args: A): void => {
      if (!warming) kernel(...args);
    };
  const fused = Object.fromEntries(
    Object.entries(backend.fused ?? {}).map(([name, kernel]) => [
      name,
      { ...kernel, run: unless((kernel as { run: (...args: unknown[]) => void }).run.bind(kernel)) },
    ]),
  );
  const device = Object.create(backend, {
    warming: { get: () => warming },
    kernels: { value: { ...others, map: unless(map), reduce: unless(reduce), matmul: unless(matmul) } },
    fused: { value: fused },
    alloc: { value: (bytes: number) => backend.alloc(bytes) },
    free: { value: (buffer: object) => backend.free(buffer) },
    write: { value: backend.write.bind(backend) },
    readSync: { value: backend.readSync.bind(backend) },
    checkIndices: { value: backend.checkIndices.bind(backend) },
    memory: { value: () => backend.memory() },
    info: { value: "" },
  });
  return {
    device,
    warmUp(fn: () => void): void {
      warming = true;
      try {
        fn();
      } finally {
        warming = false;
      }
    },
  };
}

const { device, warmUp } = warmable();
registerBackend(device);

type Step = (x: Tensor, y: Tensor) => Tensor;
function training(wrap: (step: Step) => Step, warm: readonly number[]) {
  manualSeed(3);
  const model = new nn.Sequential(new nn.Linear(4, 8), new nn.LayerNorm(8), new nn.Tanh(), new nn.Linear(8, 3));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  const step = wrap((x, y) => {
    optimizer.zeroGrad();
    const loss = losses.crossEntropy(model.forward(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  });
  const batch = (i: number): [Tensor, Tensor] => {
    manualSeed(100 + i);
    return [randn([6, 4]), tensor([0, 1, 2, 0, 1, 2], { dtype: "int32" })];
  };
  const found: number[] = [];
  for (let i = 0; i < 20; i++) {
    if (warm.includes(i))
      warmUp(() =>
        tidy(() => {
          for (let k = 0; k < 6; k++) step(...batch(i));
        }),
      );
    tidy(() => found.push(step(...batch(i)).item() as number));
  }
  const state = Object.values(optimizer.stateDict().state).map(({ step: count }) => count);
  return { found, weights: bitsOf([...model.parameters()]), state };
}

for (const replay of [false, true])
  test(`before training and in the midst of it${replay ? ", with replay" : ""}`, () => {
    const wrap = (step: Step): Step => compile(step, { replay });
    expect(training(wrap, [0])).toEqual(training(wrap, []));
    expect(training(wrap, [0, 3, 12])).toEqual(training((step) => step, []));
  });

test("keeps nothing of what was not computed", () => {
  const f = compile((x: Tensor) => {
    const y = x.detach();
    y.requiresGrad = true;
    y.square().sum().backward();
    return y.grad as Tensor;
  });
  const x = tensor([1, 2, 3]);
  warmUp(() =>
    tidy(() => {
      for (let i = 0; i < 3; i++) f(x);
    }),
  );
  const before = memory().cpu.tensors;
  for (let i = 0; i < 3; i++)
    tidy(() => {
      const g = f(x);
      expect(g.tolist()).toEqual([2, 4, 6]);
      g.dispose();
    });
  expect(memory().cpu.tensors - before).toBeLessThanOrEqual(1);
});
