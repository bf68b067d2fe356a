// Fifty steps of every optimizer: eager, compiled, and compiled with replay, which says what keeps it from replaying.
import { compile, losses, manualSeed, nn, noGrad, optim, randn, type Tensor, tensor, tidy } from "flambeau";
import { describe, expect, test } from "vitest";
import { bitsOf } from "./support/equal.ts";

const steps = 50;
type Params = Iterable<nn.Parameter>;
interface Stepped {
  step(closure?: () => Tensor): Tensor | undefined;
  stateDict(): optim.OptimizerState;
}
const optimizers: { readonly [name: string]: (params: Params) => Stepped } = {
  Adadelta: (p) => new optim.Adadelta(p, { lr: 0.5, weightDecay: 1e-3 }),
  Adafactor: (p) => new optim.Adafactor(p, { lr: 0.05 }),
  Adagrad: (p) => new optim.Adagrad(p, { lr: 0.05, lrDecay: 0.01 }),
  Adam: (p) => new optim.Adam(p, { lr: 0.01, amsgrad: true }),
  AdamW: (p) => new optim.AdamW(p, { lr: 0.01 }),
  Adamax: (p) => new optim.Adamax(p, { lr: 0.01 }),
  ASGD: (p) => new optim.ASGD(p, { lr: 0.05, t0: 20 }),
  LBFGS: (p) => new optim.LBFGS(p, { lr: 0.1, maxIter: 3 }),
  NAdam: (p) => new optim.NAdam(p, { lr: 0.01 }),
  RAdam: (p) => new optim.RAdam(p, { lr: 0.02 }),
  RMSprop: (p) => new optim.RMSprop(p, { lr: 0.01, momentum: 0.5, centered: true }),
  Rprop: (p) => new optim.Rprop(p, { lr: 0.01 }),
  SGD: (p) => new optim.SGD(p, { lr: 0.05, momentum: 0.9, nesterov: true }),
};
/** Those whose steps are not taken again without the program, since they read values. */
const unrepeated = new Set(["LBFGS"]);

type Step = (x: Tensor, y: Tensor) => Tensor;
const batch = (i: number): [Tensor, Tensor] => {
  manualSeed(1000 + i);
  return [randn([6, 4]), tensor([0, 1, 2, 0, 1, 2], { dtype: "int32" })];
};
interface Compiled {
  stats(): { readonly replays: number };
  explain(): string;
}

/** Fifty steps: the losses, the parameters and the optimizer's state; and the function that was called. */
function train(
  make: (params: Params) => { readonly step: (closure: () => Tensor) => unknown; readonly state: () => unknown },
  wrap: (step: Step) => Step,
): { readonly found: number[]; readonly params: number[]; readonly state: unknown; readonly step: Step } {
  manualSeed(4);
  const model = new nn.Sequential(new nn.Linear(4, 8), new nn.Tanh(), new nn.Linear(8, 3));
  const optimizer = make(model.parameters());
  const step = wrap((x, y) => {
    let first: Tensor | null = null;
    optimizer.step(() => {
      for (const p of model.parameters()) {
        p.grad?.dispose();
        p.grad = null;
      }
      const loss = losses.crossEntropy(model.forward(x), y);
      loss.backward();
      first ??= loss;
      return loss;
    });
    return first as unknown as Tensor; // every optimizer asks for a loss
  });
  const found: number[] = [];
  for (let i = 0; i < steps; i++) tidy(() => found.push(step(...batch(i)).item() as number));
  const params = [...model.parameters()].flatMap((p) => [...p.dataSync()].map(Number));
  return { found, params, state: optimizer.state(), step };
}

const far = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i])), 0);

/** How many steps each parameter's state has counted. */
const counts = (optimizer: Stepped): unknown => Object.values(optimizer.stateDict().state).map(({ step }) => step);

describe("fifty steps of", () => {
  test.each(Object.keys(optimizers))("%s", (name) => {
    const make = (params: Params) => {
      const optimizer = optimizers[name](params);
      return { step: (closure: () => Tensor) => optimizer.step(closure), state: () => counts(optimizer) };
    };
    const eager = train(make, (step) => step);
    expect(eager.found[steps - 1]).toBeLessThan(eager.found[0]);
    const compiled = train(make, (step) => compile(step));
    const again = train(make, (step) => compile(step, { replay: true }));
    for (const { found, params, state } of [compiled, again]) {
      expect(far(found, eager.found)).toBeLessThan(1e-6);
      expect(far(params, eager.params)).toBeLessThan(1e-6);
      expect(state).toEqual(eager.state);
    }
    const f = again.step as Step & Compiled;
    if (!unrepeated.has(name)) expect([f.stats().replays > steps / 2, f.explain()]).toEqual([true, expect.anything()]);
    else {
      expect(f.stats().replays).toBe(0);
      expect(f.explain()).toMatch(new RegExp(`not yet, a step of ${name}$`, "m"));
    }
  });

  test("Muon, on matrices", () => {
    const run = (wrap: (step: () => Tensor) => () => Tensor) => {
      manualSeed(6);
      const w = new nn.Parameter(randn([4, 3]));
      const x = randn([8, 4]);
      const optimizer = new optim.Muon([w], { lr: 0.02 });
      const step = wrap(() => {
        optimizer.zeroGrad();
        const loss = x.matmul(w).square().mean();
        loss.backward();
        optimizer.step();
        return loss;
      });
      const found = Array.from({ length: steps }, () => tidy(() => step().item() as number));
      return { found, step };
    };
    const eager = run((step) => step);
    for (const replay of [false, true]) {
      const { found, step } = run((f) => compile(f, { replay }));
      expect(far(found, eager.found)).toBeLessThan(1e-6);
      if (replay) expect((step as typeof step & Compiled).stats().replays).toBeGreaterThan(steps / 2);
    }
  });

  test("a rule that the program writes itself: sign of a momentum", () => {
    const run = (wrap: (step: Step) => Step) => {
      const made = train((params) => {
        const list = [...params];
        const momenta = list.map((p) => p.detach().mul(0));
        return {
          step(closure) {
            closure();
            noGrad(() => {
              for (const [i, p] of list.entries()) {
                const g = p.grad as Tensor; // backward has been
                const m = momenta[i];
                p.sub_(m.mul(0.9).add(g.mul(0.1)).sign().mul(0.01));
                m.mul_(0.99).add_(g.mul(0.01));
              }
            });
          },
          state: () => bitsOf(momenta),
        };
      }, wrap);
      return made;
    };
    const eager = run((step) => step);
    const compiled = run((step) => compile(step));
    const again = run((step) => compile(step, { replay: true }));
    for (const { found, params, state } of [compiled, again]) {
      expect(far(found, eager.found)).toBeLessThan(1e-6);
      expect(far(params, eager.params)).toBeLessThan(1e-6);
      expect(state).toEqual(eager.state);
    }
    // its numbers are the same at each call, so it needs no word of an optimizer's
    expect((again.step as Step & Compiled).stats().replays).toBeGreaterThan(steps / 2);
  });
});
