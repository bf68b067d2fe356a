import { grad } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { noGrad, registerBackend, type Tensor, tensor } from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import * as optim from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

type Make = (params: Tensor[]) => optim.Optimizer<object>;
const d = { differentiable: true };
const makers: Record<string, Make> = {
  SGD: (p) => new optim.SGD(p, { lr: 0.1, ...d }),
  "SGD with everything": (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.1, ...d }),
  "SGD ascending": (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, dampening: 0.2, maximize: true, ...d }),
  Adam: (p) => new optim.Adam(p, { lr: 0.1, ...d }),
  "Adam with everything": (p) => new optim.Adam(p, { lr: 0.1, amsgrad: true, weightDecay: 0.1, maximize: true, ...d }),
  AdamW: (p) => new optim.AdamW(p, { lr: 0.1, weightDecay: 0.3, ...d }),
  Adadelta: (p) => new optim.Adadelta(p, { weightDecay: 0.1, eps: 1e-2, ...d }),
  Adagrad: (p) => new optim.Adagrad(p, { lr: 0.1, lrDecay: 0.1, weightDecay: 0.1, ...d }),
  Adamax: (p) => new optim.Adamax(p, { lr: 0.1, weightDecay: 0.1, ...d }),
  ASGD: (p) => new optim.ASGD(p, { lr: 0.1, t0: 1, lambd: 0.1, weightDecay: 0.1, ...d }),
  NAdam: (p) => new optim.NAdam(p, { lr: 0.1, weightDecay: 0.1, ...d }),
  "NAdam decoupled": (p) => new optim.NAdam(p, { lr: 0.1, weightDecay: 0.1, decoupledWeightDecay: true, ...d }),
  RAdam: (p) => new optim.RAdam(p, { lr: 0.1, betas: [0.9, 0.999], weightDecay: 0.1, ...d }),
  "RAdam decoupled": (p) => new optim.RAdam(p, { lr: 0.1, weightDecay: 0.1, decoupledWeightDecay: true, ...d }),
  RMSprop: (p) => new optim.RMSprop(p, { lr: 0.1, weightDecay: 0.1, ...d }),
  "RMSprop with everything": (p) =>
    new optim.RMSprop(p, { lr: 0.1, centered: true, momentum: 0.5, alpha: 0.9, eps: 1e-2, ...d }),
  Rprop: (p) => new optim.Rprop(p, { lr: 0.1, ...d }),
};

const task = (p: Tensor): Tensor => p.square().mul(p).sum().mul(0.3).add(p.sin().sum());
/** What a few steps of an optimizer down one loss make of a start: the inner loop of MAML (Finn et al. 2017). */
function adapted(make: Make, start: Tensor, steps: number): Tensor {
  const fast = start.clone();
  const optimizer = make([fast]);
  for (let i = 0; i < steps; i++) {
    const at = fast.clone(); // the step changes `fast` in place, and the loss's gradient reads what it was computed at
    fast.grad = grad(task(at), at, { createGraph: true })[0];
    optimizer.step();
  }
  return fast;
}
const outer = (make: Make, start: Tensor, steps: number) =>
  adapted(make, start, steps)
    .square()
    .mul(tensor([1, -2, 0.5, 3], { dtype: "float64" }))
    .sum();
const numbers = (x: Tensor): number[] => [...x.dataSync()].map(Number);
const start = () => tensor([0.7, -0.4, 1.3, -1.1], { dtype: "float64", requiresGrad: true });

describe("a step that autograd sees through", () => {
  it.each(Object.entries(makers))("%s: the gradient through seven steps is that of finite differences", (_, make) => {
    const w = start();
    outer(make, w, 7).backward();
    const h = 1e-6;
    const numeric = [0, 1, 2, 3].map((i) => {
      const [up, down] = [h, -h].map((by) => {
        const x = start();
        noGrad(() => x.at(i).add_(by));
        return outer(make, x, 7).item();
      });
      return (up - down) / (2 * h);
    });
    numbers(w.grad as Tensor).forEach((g, i) => {
      expect(Math.abs(g - numeric[i])).toBeLessThan(1e-6 * Math.max(1, Math.abs(numeric[i])));
    });
    expect(numeric.some((g) => Math.abs(g) > 0.1)).toBe(true);
  });

  it.each(Object.entries(makers))("%s: takes the steps that it takes without", (_, make) => {
    const [fast, w] = [adapted(make, start(), 4), start()];
    const options = make([start()]).paramGroups[0] as { params?: unknown; differentiable?: boolean };
    const { params: __, ...rest } = options;
    const kind = make([start()]).constructor as new (p: Tensor[], o: object) => optim.Optimizer<object>;
    const { decoupledWeightDecay: ___, ...adamw } = rest as { decoupledWeightDecay?: boolean };
    const optimizer = new kind([w], { ...(kind.name === "AdamW" ? adamw : rest), differentiable: false });
    for (let i = 0; i < 4; i++) {
      w.grad = null;
      task(w).backward();
      optimizer.step();
    }
    numbers(w).forEach((v, i) => {
      expect(numbers(fast)[i]).toBeCloseTo(v, 12);
    });
  });

  it("takes results of operations only then, and holds for a group", () => {
    const w = start();
    expect(() => new optim.SGD([w.clone()])).toThrow("SGD: only leaf tensors can be optimized");
    const fast = w.clone();
    const optimizer = new optim.SGD([{ params: [fast], differentiable: true }, { params: [start()] }], { lr: 1 });
    fast.grad = w.mul(3);
    optimizer.step();
    fast.sum().backward();
    expect((w.grad as Tensor).tolist()).toEqual([-2, -2, -2, -2]);
  });
});
