import {
  ArgumentError,
  abs,
  add_,
  cat,
  clone,
  copy_,
  dot,
  enableGrad,
  flatten,
  item,
  keep,
  max,
  mul,
  mul_,
  narrow,
  neg,
  noGrad,
  sub,
  sum,
  type Tensor,
  tidy,
  viewAs,
  zerosLike,
} from "@flambeau/tensor/functional";
import { type Given, type Kinds, option, unreadable } from "@flambeau/tensor/plugin";
import { atLeast, wholeNumber } from "./check.ts";
import { Optimizer, type Params } from "./optimizer.ts";
import { type LinePoint, strongWolfe } from "./strong-wolfe.ts";

export interface LBFGSOptions {
  /** Step length t without a line search, and the line search's first try. Default 1. */
  lr: number;
  /** Iterations of one step(). Default 20. */
  maxIter: number;
  /** Evaluations of the loss in one step(). Default null: 1.25 maxIter. */
  maxEval: number | null;
  /** Stop when no element of the gradient is larger. Default 1e-7. */
  toleranceGrad: number;
  /** Stop when the loss and the parameters change by less. Default 1e-9. */
  toleranceChange: number;
  /** How many steps back the curvature is remembered. Default 100. */
  historySize: number;
  /** How the step length is found: "strongWolfe", or null to take `lr`. Default null. */
  lineSearchFn: "strongWolfe" | null;
}
const lbfgsKinds: Kinds<LBFGSOptions> = {
  lr: option.number,
  maxIter: option.number,
  maxEval: option.orNull(option.number),
  toleranceGrad: option.number,
  toleranceChange: option.number,
  historySize: option.number,
  lineSearchFn: option.orNull(option.oneOf("strongWolfe")),
};

/** What is remembered from one iteration to the next, over all parameters as one vector. */
interface Memory {
  funcEvals: number;
  nIter: number;
  d: Tensor;
  t: number;
  /** Differences of gradients, of parameters, and the inverses of their products, oldest first. */
  oldDirs: readonly Tensor[];
  oldStps: readonly Tensor[];
  ro: readonly number[];
  hDiag: number;
  prevFlatGrad: Tensor;
  prevLoss: number;
}

const largest = (x: Tensor): number => item(max(abs(x)));
const product = (x: Tensor, y: Tensor): number => item(dot(x, y));

/**
 * L-BFGS (Liu & Nocedal 1989), a quasi-Newton method: `p += t * d` with `d = -H g`, where the inverse Hessian H is estimated from the last
 * `historySize` changes of the gradient.
 *
 * For few parameters, full batches and smooth losses. One `step(closure)` makes up to `maxIter` iterations; the closure computes the loss
 * and its gradients and is called several times. Numbers are read back at each iteration.
 *
 * Shapes: parameters of any shapes, n elements in all, taken as one vector. The state holds vectors [n]: `d`, `prevFlatGrad` and up to
 * `historySize` each of `oldDirs` and `oldStps`; and numbers.
 *
 * @throws ArgumentError for more than one parameter group, options out of range, and a step without a closure; UnavailableError from step
 * on a device that cannot be read synchronously; what {@link Optimizer} throws for parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
 * @example
 * import { optim, tensor } from "flambeau";
 * const x = tensor([-1.2, 1], { requiresGrad: true });
 * const optimizer = new optim.LBFGS([x], { maxIter: 50, lineSearchFn: "strongWolfe" });
 * optimizer.step(() => {
 *   optimizer.zeroGrad();
 *   const [a, b] = x.unbind();
 *   const loss = b.sub(a.square()).square().mul(100).add(a.sub(1).square()); // Rosenbrock's valley
 *   loss.backward();
 *   return loss;
 * });
 * [...x.dataSync()].map((v) => Number(Number(v).toFixed(2))); // [1, 1]
 */
export class LBFGS extends Optimizer<LBFGSOptions> {
  constructor(params: Params<LBFGSOptions>, options: Given<LBFGSOptions> = {}) {
    super(
      params,
      {
        lr: 1,
        maxIter: 20,
        maxEval: null,
        toleranceGrad: 1e-7,
        toleranceChange: 1e-9,
        historySize: 100,
        lineSearchFn: null,
      },
      lbfgsKinds,
      options,
    );
  }
  protected override checkParams(): void {
    if (this.paramGroups.length > 0)
      throw new ArgumentError("LBFGS", "takes one parameter group: all parameters are one vector to it");
  }
  protected check(o: LBFGSOptions): void {
    atLeast("LBFGS", "lr", o.lr);
    wholeNumber("LBFGS", "maxIter", o.maxIter);
    if (o.maxEval !== null) wholeNumber("LBFGS", "maxEval", o.maxEval);
    wholeNumber("LBFGS", "historySize", o.historySize);
  }
  protected override stateShape(): readonly number[] {
    return [this.paramGroups[0].params.reduce((n, p) => n + p.size, 0)];
  }

  /** Whether `step` was called; a schedule looks at it. */
  stepped = false;
  /** Makes up to `maxIter` iterations; gives the loss of the first evaluation. */
  override step(closure?: () => Tensor): Tensor {
    if (closure === undefined)
      throw new ArgumentError(
        "LBFGS",
        "step needs a closure that computes the loss and its gradients",
        "step(() => { optimizer.zeroGrad(); const loss = ...; loss.backward(); return loss; })",
      );
    const [p] = this.paramGroups[0].params;
    if (!p.backend.readSync)
      throw unreadable(
        "LBFGS",
        p,
        "each iteration decides by numbers that it reads",
        'await model.toAsync("cpu") and optimize there, or use another optimizer',
      );
    this.stepped = true;
    return noGrad(() => tidy(() => this.search(closure)));
  }

  private search(closure: () => Tensor): Tensor {
    const [group] = this.paramGroups;
    const { lr, maxIter, toleranceGrad, toleranceChange, lineSearchFn } = group;
    const maxEval = group.maxEval ?? Math.floor((maxIter * 5) / 4);
    const memory = this.stateOf(group.params[0]) as unknown as Memory; // no other code writes this state
    memory.funcEvals ??= 0;
    memory.nIter ??= 0;
    const call = (): Tensor => {
      const loss = enableGrad(closure);
      // gradients that were assigned instead of accumulated by backward() outlive the scope too
      for (const { grad } of group.params) if (grad !== null && grad.owner !== null) keep(grad);
      return loss;
    };
    const evaluate = (): number => tidy(() => item(call()));

    const result = call();
    let loss = item(result);
    let evaluations = 1;
    memory.funcEvals++;
    let gradient = this.gradient();
    if (largest(gradient) <= toleranceGrad) return result;

    for (let iteration = 1; ; iteration++) {
      memory.nIter++;
      tidy(() => this.turn(memory, gradient));
      const { d } = memory;
      const slope = product(gradient, d);
      const before = (memory.prevLoss = loss);
      memory.t = memory.nIter === 1 ? Math.min(1, 1 / item(sum(abs(gradient)))) * lr : lr;
      if (slope > -toleranceChange) break;

      let used = 0;
      if (lineSearchFn !== null) {
        const start: LinePoint = { t: 0, loss, gradient, slope };
        const found = tidy(() => {
          const x = group.params.map((p) => clone(p));
          const at = (t: number): LinePoint => {
            this.move(t, d);
            const value = evaluate();
            const g = this.gradient();
            group.params.forEach((p, i) => {
              copy_(p, x[i]);
            });
            return { t, loss: value, gradient: g, slope: product(g, d) };
          };
          return strongWolfe(at, start, memory.t, largest(d), { maxEvaluations: maxEval - evaluations });
        });
        memory.t = found.point.t;
        ({ loss, gradient } = found.point);
        used = found.evaluations;
        this.move(memory.t, d);
      } else {
        this.move(memory.t, d);
        if (iteration !== maxIter) {
          loss = evaluate();
          gradient.dispose();
          gradient = this.gradient();
          used = 1;
        }
      }
      evaluations += used;
      memory.funcEvals += used;
      if (iteration === maxIter || evaluations >= maxEval || largest(gradient) <= toleranceGrad) break;
      if (largest(mul(d, memory.t)) <= toleranceChange || Math.abs(loss - before) < toleranceChange) break;
    }
    return result;
  }

  /** Sets the direction from the gradient and the curvature so far (the two-loop recursion), and remembers the gradient. */
  private turn(memory: Memory, gradient: Tensor): void {
    const direction = neg(gradient);
    if (memory.nIter === 1) Object.assign(memory, { oldDirs: [], oldStps: [], ro: [], hDiag: 1 });
    else {
      const y = sub(gradient, memory.prevFlatGrad);
      const s = mul(memory.d, memory.t);
      const ys = product(y, s);
      if (ys > 1e-10) {
        const { historySize } = this.paramGroups[0];
        // a full history takes the newest into the oldest's memory
        const push = (list: readonly Tensor[], x: Tensor): readonly Tensor[] =>
          list.length < historySize ? [...list, keep(x)] : [...list.slice(1), copy_(list[0], x)];
        memory.oldDirs = push(memory.oldDirs, y);
        memory.oldStps = push(memory.oldStps, s);
        memory.ro = [...memory.ro.slice(memory.ro.length === historySize ? 1 : 0), 1 / ys];
        memory.hDiag = ys / product(y, y);
      }
      const { oldDirs, oldStps, ro } = memory;
      const al: number[] = [];
      for (let i = ro.length - 1; i >= 0; i--) {
        al[i] = product(oldStps[i], direction) * ro[i];
        add_(direction, oldDirs[i], { alpha: -al[i] });
      }
      mul_(direction, memory.hDiag);
      for (let i = 0; i < ro.length; i++) {
        const be = product(oldDirs[i], direction) * ro[i];
        add_(direction, oldStps[i], { alpha: al[i] - be });
      }
    }
    memory.d = memory.d ? copy_(memory.d, direction) : keep(direction);
    memory.prevFlatGrad = memory.prevFlatGrad ? copy_(memory.prevFlatGrad, gradient) : keep(clone(gradient));
  }

  /** All gradients as one new vector; zeros where there is none. */
  private gradient(): Tensor {
    return tidy(() => {
      const flat = this.paramGroups[0].params.map((p) => flatten(p.grad ?? zerosLike(p)));
      return flat.length === 1 ? clone(flat[0]) : cat(flat);
    });
  }
  /** Adds t * d to the parameters. */
  private move(t: number, d: Tensor): void {
    tidy(() => {
      let offset = 0;
      for (const p of this.paramGroups[0].params) {
        add_(p, viewAs(narrow(d, 0, offset, p.size), p.shape), { alpha: t });
        offset += p.size;
      }
    });
  }
}
