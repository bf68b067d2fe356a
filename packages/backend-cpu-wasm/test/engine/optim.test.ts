import { expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { adamStep, sgdStep, sumOfSquares } from "../../src/engine/optim.ts";
import { describeBuilds } from "./builds.ts";
import { error, get, numbers, put, random } from "./reference.ts";

let engine: Engine;
const use = (made: Engine) => {
  engine = made;
};

describeBuilds("optimizer steps", { threads: 2 }, use, () => {
  const n = 20_003;
  const flags = [false, true];
  const sgd = [
    { momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false },
    { momentum: 0.9, dampening: 0, weightDecay: 0.1, nesterov: true, maximize: false },
    { momentum: 0.8, dampening: 0.3, weightDecay: 0, nesterov: false, maximize: true },
  ];
  it.each(sgd)("sgd, three steps, by the formulas of torch.optim.SGD: %j", (o) => {
    const next = numbers(1);
    const p = random(n, next);
    const q = Float64Array.from(p);
    const buffer = new Float64Array(n);
    const [pp, pb] = [put(engine, p), put(engine, new Float32Array(n).fill(Number.NaN))];
    for (let step = 0; step < 3; step++) {
      const g = random(n, next);
      const pg = put(engine, g);
      const common = { n, parameter: pp, gradient: pg, momentumBuffer: pb, lr: 0.05 };
      sgdStep(engine, { ...common, ...o, first: step === 0 });
      for (let i = 0; i < n; i++) {
        let d = (o.maximize ? -g[i] : g[i]) + o.weightDecay * q[i];
        if (o.momentum !== 0) {
          buffer[i] = step === 0 ? d : o.momentum * buffer[i] + (1 - o.dampening) * d;
          d = o.nesterov ? d + o.momentum * buffer[i] : buffer[i];
        }
        q[i] -= 0.05 * d;
      }
      engine.free(pg, n * 4);
    }
    expect(error(get(engine, pp, n), q)).toBeLessThan(5e-7);
  });

  it.each(flags.flatMap((decoupled) => flags.map((amsgrad) => ({ decoupled, amsgrad, maximize: amsgrad }))))(
    "adam, three steps, by the formulas of torch.optim.Adam and AdamW: %j",
    ({ decoupled, amsgrad, maximize }) => {
      const next = numbers(2);
      const p = random(n, next);
      const q = Float64Array.from(p);
      const [m, v, top] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
      const [pp, pm, pv, pt] = [p, new Float32Array(n), new Float32Array(n), new Float32Array(n)].map((x) =>
        put(engine, x),
      );
      const [lr, beta1, beta2, eps, weightDecay] = [0.02, 0.9, 0.99, 1e-8, 0.1];
      for (let step = 1; step <= 3; step++) {
        const g = random(n, () => next() / step);
        const pg = put(engine, g);
        adamStep(engine, {
          n,
          parameter: pp,
          gradient: pg,
          expAvg: pm,
          expAvgSq: pv,
          maxExpAvgSq: amsgrad ? pt : 0,
          step,
          lr,
          beta1,
          beta2,
          eps,
          weightDecay,
          decoupled,
          maximize,
        });
        for (let i = 0; i < n; i++) {
          let d = maximize ? -g[i] : g[i];
          if (decoupled) q[i] *= 1 - lr * weightDecay;
          else d += weightDecay * q[i];
          m[i] += (1 - beta1) * (d - m[i]);
          v[i] = beta2 * v[i] + (1 - beta2) * d * d;
          top[i] = Math.max(top[i], v[i]);
          const root = Math.sqrt(amsgrad ? top[i] : v[i]) / Math.sqrt(1 - beta2 ** step);
          q[i] -= ((lr / (1 - beta1 ** step)) * m[i]) / (root + eps);
        }
        engine.free(pg, n * 4);
      }
      expect(error(get(engine, pp, n), q)).toBeLessThan(1e-6);
      expect(error(get(engine, pm, n), m)).toBeLessThan(5e-7);
      expect(error(get(engine, pv, n), v)).toBeLessThan(5e-7);
    },
  );

  it("sums squares in float64, also where float32 overflows", () => {
    const x = random(n, () => 1e25 * (1 + numbers(3)()));
    let exact = 0;
    for (const v of x) exact += v * v;
    expect(sumOfSquares(engine, n, put(engine, x)) / exact - 1).toBeLessThan(1e-13);
  });
});
