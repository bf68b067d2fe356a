// Any backend: one in plain JavaScript, without fast paths; one that has no room; kernels that fail.
import {
  type Backend,
  compile,
  cpuWasm,
  losses,
  MemoryError,
  manualSeed,
  nn,
  ones,
  optim,
  randint,
  randn,
  registerBackend,
  type Tensor,
  tidy,
} from "flambeau";
import { expect, test } from "vitest";
import { referenceBackend } from "../../../examples/backend-template/src/index.ts";
import { bitsOf } from "./support/equal.ts";

const device = "reference";

/** A step of a network with dropout on that device, ten times over: its losses and weights. */
function train(wrap: (step: () => Tensor) => () => Tensor): unknown {
  manualSeed(1);
  const model = new nn.Sequential(
    new nn.Linear(5, 6),
    new nn.LayerNorm(6),
    new nn.GELU(),
    new nn.Dropout(0.2),
    new nn.Linear(6, 3),
  );
  const [x, y] = [randn([4, 5]), randint(0, 3, [4])];
  model.to(device);
  const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-2 });
  const [there, targets] = [x.to(device), y.to(device)];
  const step = wrap(() => {
    optimizer.zeroGrad();
    const loss = losses.crossEntropy(model.forward(there), targets);
    loss.backward();
    optimizer.step();
    return loss;
  });
  const found = Array.from({ length: 10 }, () => tidy(() => step().item()));
  return [found, bitsOf([...model.parameters()])];
}

test("a plug-in's backend, whose ops are all made of primitives", () => {
  registerBackend(referenceBackend());
  const eager = train((step) => step);
  let run = { asked: 0, run: 0 };
  const compiled = train((step) => {
    const f = compile(step);
    return () => {
      const loss = f();
      run = f.stats().kernels;
      return loss;
    };
  });
  expect(compiled).toEqual(eager);
  expect(run.run).toBeLessThan(0.8 * run.asked);
});

test("without the room for a plan, kernels run one by one", () => {
  const backend = referenceBackend();
  registerBackend(backend);
  const f = compile((x: Tensor) => {
    let y = x;
    for (let i = 0; i < 3; i++) y = tidy(() => y.matmul(x).add(1));
    return [y, y.sum()];
  });
  const x = ones([4, 4], { device });
  const wanted = bitsOf(f(x));
  const alloc = backend.alloc.bind(backend);
  const held = backend.memory().buffers;
  for (let failing = 0; failing < 6; failing++) {
    let count = 0;
    backend.alloc = (bytes) => {
      if (count++ === failing) throw new MemoryError("no room");
      return alloc(bytes);
    };
    // the plan asks at once for all, is refused, and gives back what it had
    const results = f(x);
    backend.alloc = alloc;
    expect(bitsOf(results)).toEqual(wanted);
    for (const t of results) t.dispose();
    expect(backend.memory().buffers).toBe(held);
  }
});

test("a kernel that throws late says which call it was, and leaves nothing half done", () => {
  const real = cpuWasm({ threads: 1 });
  let left = Number.POSITIVE_INFINITY;
  const backend: Backend = Object.create(real, {
    alloc: { value: (bytes: number) => real.alloc(bytes) },
    free: { value: (buffer: object) => real.free(buffer) },
    write: { value: real.write.bind(real) },
    readSync: { value: real.readSync.bind(real) },
    memory: { value: () => real.memory() },
    info: { value: "" },
    fused: { value: undefined },
    kernels: {
      value: {
        ...real.kernels,
        matmul: (...args: Parameters<typeof real.kernels.matmul>) => {
          if (left-- <= 0) throw new RangeError("this device has had enough");
          real.kernels.matmul(...args);
        },
      },
    },
  });
  registerBackend(backend);
  const w = ones([2, 2]);
  const f = compile((x: Tensor) => {
    w.add_(1);
    const y = x.matmul(x).add(1);
    w.add_(1);
    const z = y.matmul(x);
    w.add_(1);
    return [y, z];
  });
  const x = ones([2, 2]);
  const held = real.memory().buffers;
  for (let call = 0; call < 4; call++)
    for (const fails of [0, 1, 2]) {
      w.fill_(0);
      left = fails < 2 ? fails : Number.POSITIVE_INFINITY;
      if (fails === 2) for (const t of f(x)) t.dispose();
      else
        expect(() => f(x)).toThrow(
          /^this device has had enough \(in a compiled function: matmul of \[1,2,2\], \[1,2,2\], \[1,2,2\], at .*backends\.test\.ts/,
        );
      expect(w.select(0, 0).select(0, 0).item()).toBe(fails + 1);
      expect(real.memory().buffers).toBe(held);
    }
});
