import {
  ArgumentError,
  copy_,
  dataSync,
  eigh,
  enableGrad,
  type Generator,
  noGrad,
  randn,
  type Tensor,
  tensor,
  tidy,
  viewAs,
} from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, numbersFor, option } from "@flambeau/tensor/plugin";
import { wholeNumber } from "../check.ts";
import { checkStart, type LossFunc, lossOf } from "./opfunc.ts";

export interface CmaesOptions {
  /** The first standard deviation of each element: about a third of how far the minimum may be. Default 0.5. */
  readonly sigma?: number | undefined;
  /** Evaluations of the function at most. Default: 1000 times the square of the number of elements. */
  readonly maxEval?: number | undefined;
  /** Ends where a loss is no larger. Default: none. */
  readonly ftarget?: number | undefined;
  /** Points of a generation, at least 2. Default: 4 + floor(3 log n). */
  readonly popsize?: number | undefined;
  /** Generations at least. Default 1. */
  readonly minIterations?: number | undefined;
  /** Where random numbers come from. Default: the default generator. */
  readonly generator?: Generator | undefined;
}
const kinds: Kinds<CmaesOptions> = {
  sigma: option.number,
  maxEval: option.number,
  ftarget: option.number,
  popsize: option.number,
  minIterations: option.number,
  generator: option.generator,
};
type Vector = number[];
const dot = (a: Vector, b: Vector): number => a.reduce((sum, v, i) => sum + v * b[i], 0);
const times = (m: readonly Vector[], v: Vector): Vector => m.map((row) => dot(row, v));

/**
 * CMA-ES (Hansen & Ostermeier 2001), a search without gradients: points `m + sigma * N(0, C)` are drawn, the mean m moves to the weighted mean
 * of the better half, and the covariance C and the step size sigma follow the path that it takes.
 *
 * For up to some hundred elements, of functions that need be neither smooth nor convex. `x` is the first mean, and is changed in place, to the best
 * point. Gives it, the losses (at the start, the best of each generation, and the best of all) and the number of evaluations. It ends, too, where the
 * generation's losses or the steps have become equal but for rounding.
 *
 * Shapes: `x` of any shape, floating-point.
 *
 * @throws ArgumentError for options out of range, what is no function, and gives no loss; UnavailableError on a device that cannot be read
 * synchronously.
 * @see https://github.com/torch/optim/blob/master/doc/algos.md#optim.cmaes
 * @see Hansen, "The CMA Evolution Strategy: A Tutorial", 2016, https://arxiv.org/abs/1604.00772
 * @example
 * import { cmaes } from "@flambeau/optim/torch7";
 * const generator = new Generator(1);
 * const [x] = cmaes((x) => x.sub(3).square().sum(), zeros([2]), { ftarget: 1e-8, generator });
 * x.sub(3).abs().max().item() < 1e-3; // true
 */
export function cmaes(
  opfunc: LossFunc,
  x: Tensor,
  options: CmaesOptions = option.none,
): [x: Tensor, losses: number[], evaluations: number] {
  checkOptions("cmaes", kinds, options);
  checkStart("cmaes", opfunc, x);
  const n = x.size;
  if (n === 0) throw new ArgumentError("cmaes", "x has no elements");
  const {
    sigma = 0.5,
    maxEval = 1e3 * n ** 2,
    ftarget = Number.NEGATIVE_INFINITY,
    minIterations = 1,
    generator,
  } = options;
  const { popsize = 4 + Math.floor(3 * Math.log(n)) } = options;
  wholeNumber("cmaes", "popsize", popsize, 2);
  wholeNumber("cmaes", "maxEval", maxEval);
  wholeNumber("cmaes", "minIterations", minIterations, 0);
  if (!(sigma > 0)) throw new ArgumentError("cmaes", `sigma must be above 0, got ${sigma}`);
  const evolution = new Evolution(
    Array.from(numbersFor("cmaes", x, "it starts from the numbers"), Number),
    sigma,
    popsize,
    generator,
  );
  const tensorOf = (point: Vector) => viewAs(tensor([...point], { dtype: x.dtype, device: x.device }), x.shape);
  const loss = (point: Vector) =>
    tidy(() =>
      lossOf(
        "cmaes",
        enableGrad(() => opfunc(tensorOf(point))),
      ),
    );
  return noGrad(() => {
    let best: { readonly point: Vector; readonly loss: number } = { point: evolution.mean, loss: loss(evolution.mean) };
    const losses = [best.loss];
    let evaluations = 0; // the first one is not of a generation
    for (let k = 0; k < minIterations || evaluations < maxEval; k++) {
      const generation = evolution.draw().map((point) => ({ point, loss: loss(point) }));
      evaluations += popsize;
      generation.sort((a, b) => a.loss - b.loss || Number(Number.isNaN(a.loss)) - Number(Number.isNaN(b.loss)));
      evolution.take(generation.map(({ point }) => point));
      losses.push(generation[0].loss);
      if (generation[0].loss < best.loss) best = generation[0];
      const flat = generation[popsize - 1].loss - generation[0].loss < 1e-12;
      if (k + 1 >= minIterations && (best.loss <= ftarget || flat || evolution.exhausted)) break;
    }
    losses.push(best.loss);
    tidy(() => copy_(x, tensorOf(best.point)));
    return [x, losses, evaluations];
  });
}

/** The distribution that points are drawn from, and how it follows the better ones. Names and constants are those of Hansen's tutorial. */
class Evolution {
  mean: Vector;
  #sigma: number;
  readonly #generator: Generator | undefined;
  readonly #lambda: number;
  readonly #weights: Vector;
  readonly #mueff: number;
  readonly #rates: {
    readonly cc: number;
    readonly cs: number;
    readonly c1: number;
    readonly cmu: number;
    readonly damps: number;
  };
  #pc: Vector;
  #ps: Vector;
  #C: Vector[];
  /** Eigenvectors as columns, and roots of eigenvalues, of C. */
  #B: Vector[];
  #D: Vector;
  #counted = 0;
  #decomposed = 0;

  constructor(mean: Vector, sigma: number, lambda: number, generator: Generator | undefined) {
    const n = mean.length;
    this.mean = mean;
    this.#sigma = sigma;
    this.#generator = generator;
    this.#lambda = lambda;
    const mu = Math.floor(lambda / 2);
    const raw = Array.from({ length: mu }, (_, i) => Math.log(lambda / 2 + 0.5) - Math.log(i + 1));
    const sum = raw.reduce((a, b) => a + b);
    this.#weights = raw.map((w) => w / sum);
    const mueff = 1 / this.#weights.reduce((s, w) => s + w * w, 0);
    this.#mueff = mueff;
    const cs = (mueff + 2) / (n + mueff + 5);
    const c1 = 2 / ((n + 1.3) ** 2 + mueff);
    this.#rates = {
      cc: (4 + mueff / n) / (n + 4 + (2 * mueff) / n),
      cs,
      c1,
      cmu: Math.min(1 - c1, (2 * (mueff - 2 + 1 / mueff)) / ((n + 2) ** 2 + mueff)),
      damps: (2 * mueff) / lambda + 0.3 + cs,
    };
    this.#pc = mean.map(() => 0);
    this.#ps = mean.map(() => 0);
    this.#C = mean.map((_, i) => mean.map((__, j) => Number(i === j)));
    this.#B = this.#C.map((row) => [...row]);
    this.#D = mean.map(() => 1);
  }

  /** A generation of points. */
  draw(): Vector[] {
    this.#decompose();
    const n = this.mean.length;
    const z = tidy(() =>
      Array.from(
        dataSync(randn([this.#lambda, n], { dtype: "float64", device: "cpu", generator: this.#generator })),
        Number,
      ),
    );
    return Array.from({ length: this.#lambda }, (_, k) => {
      const scaled = this.#D.map((d, i) => d * z[k * n + i]);
      return this.mean.map((m, i) => m + this.#sigma * dot(this.#B[i], scaled));
    });
  }
  /** C's eigenvectors and eigenvalues, no more often than they pay. */
  #decompose(): void {
    const { c1, cmu } = this.#rates;
    const n = this.mean.length;
    if (this.#counted - this.#decomposed <= this.#lambda / (c1 + cmu) / n / 10) return;
    this.#decomposed = this.#counted;
    tidy(() => {
      const [values, vectors] = eigh(tensor(this.#C, { dtype: "float64", device: "cpu" }));
      this.#D = Array.from(dataSync(values), Number).map((v) => Math.sqrt(Math.max(v, 0)));
      const flat = Array.from(dataSync(vectors), Number);
      this.#B = this.mean.map((_, i) => flat.slice(i * n, (i + 1) * n));
    });
  }

  /** Learns from a generation, the best first. */
  take(sorted: readonly Vector[]): void {
    const { cc, cs, c1, cmu, damps } = this.#rates;
    const [n, sigma, mueff] = [this.mean.length, this.#sigma, this.#mueff];
    this.#counted += this.#lambda;
    const old = this.mean;
    const parents = sorted.slice(0, this.#weights.length);
    this.mean = old.map((_, i) => parents.reduce((s, p, k) => s + this.#weights[k] * p[i], 0));
    const y = this.mean.map((m, i) => (m - old[i]) / sigma);
    // C^(-1/2) y
    const turned = this.#D.map(
      (d, j) =>
        dot(
          this.#B.map((row) => row[j]),
          y,
        ) / d,
    );
    const z = times(this.#B, turned);
    const cz = Math.sqrt(cs * (2 - cs) * mueff);
    this.#ps = this.#ps.map((p, i) => (1 - cs) * p + cz * z[i]);
    const length = dot(this.#ps, this.#ps) / n;
    const hsig = Number(length / (1 - (1 - cs) ** ((2 * this.#counted) / this.#lambda)) < 2 + 4 / (n + 1));
    const cy = hsig * Math.sqrt(cc * (2 - cc) * mueff);
    this.#pc = this.#pc.map((p, i) => (1 - cc) * p + cy * y[i]);
    // for the little variance that is lost where hsig is 0
    const c1a = c1 * (1 - (1 - hsig) * cc * (2 - cc));
    const steps = parents.map((p) => p.map((v, i) => (v - old[i]) / sigma));
    this.#C = this.#C.map((row, i) =>
      row.map((c, j) => {
        const rankMu = steps.reduce((s, step, k) => s + this.#weights[k] * step[i] * step[j], 0);
        return (1 - c1a - cmu) * c + c1 * this.#pc[i] * this.#pc[j] + cmu * rankMu;
      }),
    );
    this.#sigma *= Math.exp(Math.min(0.6, ((cs / damps) * (length - 1)) / 2));
  }

  /** Whether steps are no longer than rounding, or ten million times longer in one direction than in another. */
  get exhausted(): boolean {
    const [low, high] = [Math.min(...this.#D), Math.max(...this.#D)];
    return !(high <= 1e7 * low) || !(this.#sigma * high >= 1e-11);
  }
}
