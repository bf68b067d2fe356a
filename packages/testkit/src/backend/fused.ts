import { type Backend, data, keep, type Tensor, tensor, tidy, transpose } from "@flambeau/tensor";
import { context, decode, type FusedKernel, withoutFused } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { Draw } from "./draw.ts";
import { placing } from "./epilogues.ts";
import { type Maker, type Scenario, scenarios, type Upper } from "./fused-scenarios.ts";
import { recurrentScenarios } from "./recurrent-scenarios.ts";
import type { Subject } from "./subject.ts";

function makerOn(device: string, seed: number): Maker {
  const draw = new Draw(seed);
  const normal = () => draw.between(-1, 1) + draw.between(-1, 1);
  return {
    floats(shape, { leaf = false, transposed = false } = {}) {
      const laid = transposed ? [...shape].reverse() : shape;
      const made = tensor(Float32Array.from({ length: laid.reduce((n, s) => n * s, 1) }, normal), {
        shape: laid,
        device,
      });
      const out = transposed ? transpose(made, 0, 1) : made;
      if (transposed) out.base = null; // a leaf of its own
      if (leaf) out.requiresGrad = true;
      return out;
    },
    ints: (shape, n) =>
      tensor(
        Int32Array.from({ length: shape.reduce((a, s) => a * s, 1) }, () => draw.below(n)),
        { shape, device },
      ),
  };
}

/** Counts a kernel's calls while `fn` runs. */
function counting<T>(kernels: Backend["fused"], fn: () => T): { result: T; calls: Set<string> } {
  const calls = new Set<string>();
  const entries = Object.entries(kernels ?? {}) as [string, { run: FusedKernel["run"] }][]; // for a while they are not read-only
  const originals = entries.map(([, k]) => k.run);
  entries.forEach(([name, kernel], i) => {
    kernel.run = (...args) => {
      calls.add(name);
      return originals[i].apply(kernel, args);
    };
  });
  try {
    return { result: fn(), calls };
  } finally {
    entries.forEach(([, kernel], i) => {
      kernel.run = originals[i];
    });
  }
}

async function optional(name: string): Promise<{ readonly [name: string]: unknown } | null> {
  try {
    // what a browser's bundler cannot follow, options.packages brings
    return (await import(/* @vite-ignore */ name)) as { readonly [name: string]: unknown }; // a module is that
  } catch {
    return null;
  }
}

/** Each fused kernel against the op's definition in primitives: values, gradients, several steps. */
export async function fusedTests(subject: Subject, more: readonly Scenario[], given: Partial<Upper>): Promise<void> {
  const { backend, accuracy } = subject;
  const all = [...scenarios, ...recurrentScenarios, ...more].filter(({ reads }) => !reads || backend.readSync);
  const names = Object.keys(backend.fused ?? {});
  if (names.length === 0) return;
  const packages: Upper = {
    nn: given.nn ?? (await optional("@flambeau/nn")),
    losses: given.losses ?? (await optional("@flambeau/losses")),
    optim: given.optim ?? (await optional("@flambeau/optim")),
  };

  describe("fused kernels equal their definition", () => {
    for (const scenario of all) {
      if (scenario.needs && packages[scenario.needs] === null) {
        test.skip(`${scenario.name}: @flambeau/${scenario.needs} is not installed`);
        continue;
      }
      test(scenario.name, async () => {
        const run = () => tidy(() => scenario.run(makerOn(backend.name, 7), packages).map(keep));
        const fast = counting(backend.fused, run);
        const slow = counting(backend.fused, () => withoutFused(run));
        expect([...slow.calls], "no fused kernel runs while they are off").toEqual([]);
        expect(context.fused).toBe(true);
        for (const name of scenario.covers)
          if (names.includes(name)) expect([...fast.calls], `${name} was to be reached`).toContain(name);
        expect(fast.result.length).toBe(slow.result.length);
        for (const [k, x] of fast.result.entries()) await expectClose(x, slow.result[k], `result ${k}`, accuracy);
        for (const t of [...fast.result, ...slow.result]) t.dispose();
      });
    }

    const placed = Object.entries((backend.fused ?? {}) as { readonly [name: string]: FusedKernel }).filter(
      ([, kernel]) => kernel.placed !== undefined,
    );
    for (const [name, kernel] of placed)
      test(`${name} stores its results where it is told`, async () => {
        const own = kernel.run;
        for (const scenario of all.filter(({ covers, needs }) => covers.includes(name) && needs === undefined)) {
          const run = () => tidy(() => scenario.run(makerOn(backend.name, 7), packages).map(keep));
          const wanted = run();
          const open = kernel as { run: FusedKernel["run"] }; // for a while it is not read-only
          open.run = placing(subject, kernel);
          let found: readonly Tensor[];
          try {
            found = run();
          } finally {
            open.run = own;
          }
          for (const [k, x] of found.entries())
            await expectClose(x, wanted[k], `${scenario.name}: result ${k}`, accuracy);
          for (const t of [...found, ...wanted]) t.dispose();
        }
      });

    test("every fused kernel is reached by a scenario", () => {
      const covered = new Set(all.flatMap((s) => s.covers));
      expect(names.filter((name) => !covered.has(name))).toEqual([]);
    });
  });
}

async function expectClose(a: Tensor, b: Tensor, what: string, accuracy: number): Promise<void> {
  expect(a.shape, what).toEqual(b.shape);
  expect(a.dtype, what).toBe(b.dtype);
  const x = decode(await data(a), a.dtype).map(Number);
  const y = decode(await data(b), b.dtype).map(Number);
  // sums in another order differ in the last places of their largest term
  const scale = y.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 1);
  x.forEach((v, i) => {
    const close = Object.is(v, y[i]) || Math.abs(v - y[i]) <= 2e-5 * accuracy * scale;
    if (!close) expect(`${what}, element ${i}: ${v}`).toBe(`${what}, element ${i}: ${y[i]}`);
  });
}
