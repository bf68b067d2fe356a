import {
  ArgumentError,
  copy_,
  dataSync,
  enableGrad,
  type Generator,
  noGrad,
  rand,
  type Tensor,
  tensor,
  tidy,
  viewAs,
} from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, numbersFor, option } from "@flambeau/tensor/plugin";
import { atLeast, share, wholeNumber } from "../check.ts";
import { checkStart, type LossFunc, lossOf } from "./opfunc.ts";

export interface DeOptions {
  /** Points in the population, at least 4. Default: ten for each element of x. */
  readonly popsize?: number | undefined;
  /** Factor of the difference of two points, usually 0.4 to 1. Default 0.5. */
  readonly scaleFactor?: number | undefined;
  /** How likely an element is one of the new point, usually 0.1 to 0.9. Default 0.9. */
  readonly crossoverRate?: number | undefined;
  /** Evaluations of the function at most. Default 3000. */
  readonly maxEval?: number | undefined;
  /** Least value of an element at the start. Default -30. */
  readonly minRegion?: number | undefined;
  /** Largest value of an element at the start. Default 30. */
  readonly maxRegion?: number | undefined;
  /** Where random numbers come from. Default: the default generator. */
  readonly generator?: Generator | undefined;
}
const kinds: Kinds<DeOptions> = {
  popsize: option.number,
  scaleFactor: option.number,
  crossoverRate: option.number,
  maxEval: option.number,
  minRegion: option.number,
  maxRegion: option.number,
  generator: option.generator,
};

/**
 * Differential evolution (Storn & Price 1997), a search without gradients in a box: each point of a population is tried against
 * `best + scaleFactor * (a - b)`, of two other points a and b, with some elements of its own.
 *
 * `x` is one of the first points, and is changed in place, to the best one. Gives it, the losses (at x, and the best of each generation), and the
 * number of evaluations.
 *
 * Shapes: `x` of any shape, floating-point.
 *
 * @throws ArgumentError for options out of range, what is no function, and gives no loss; UnavailableError on a device that cannot be read
 * synchronously.
 * @see https://github.com/torch/optim/blob/master/de.lua
 * @see Storn and Price, "Differential Evolution", 1997, https://doi.org/10.1023/A:1008202821328
 * @example
 * import { de } from "@flambeau/optim/torch7";
 * const generator = new Generator(1);
 * const [x] = de((x) => x.sub(3).square().sum(), zeros([2]), { maxEval: 1500, generator });
 * x.sub(3).abs().max().item() < 1e-3; // true
 */
export function de(
  opfunc: LossFunc,
  x: Tensor,
  options: DeOptions = option.none,
): [x: Tensor, losses: number[], evaluations: number] {
  checkOptions("de", kinds, options);
  checkStart("de", opfunc, x);
  const n = x.size;
  const { popsize = Math.max(4, 10 * n), scaleFactor = 0.5, crossoverRate = 0.9, maxEval = 3000 } = options;
  const { minRegion = -30, maxRegion = 30, generator } = options;
  wholeNumber("de", "popsize", popsize, 4);
  wholeNumber("de", "maxEval", maxEval);
  atLeast("de", "scaleFactor", scaleFactor);
  share("de", "crossoverRate", crossoverRate);
  if (!(minRegion < maxRegion))
    throw new ArgumentError("de", `minRegion must be below maxRegion, got ${minRegion} and ${maxRegion}`);
  const uniform = (count: number): number[] =>
    tidy(() => Array.from(dataSync(rand([count], { dtype: "float64", device: "cpu", generator })), Number));
  let evaluations = 0;
  const loss = (point: readonly number[]): number => {
    evaluations++;
    return tidy(() => {
      const at = viewAs(tensor([...point], { dtype: x.dtype, device: x.device }), x.shape);
      return lossOf(
        "de",
        enableGrad(() => opfunc(at)),
      );
    });
  };
  return noGrad(() => {
    const drawn = uniform(popsize * n);
    const population = Array.from({ length: popsize }, (_, i) =>
      i === 0
        ? Array.from(numbersFor("de", x, "it starts from the numbers"), Number)
        : drawn.slice(i * n, (i + 1) * n).map((u) => minRegion + u * (maxRegion - minRegion)),
    );
    const fitness: number[] = [];
    for (const point of population) {
      if (evaluations >= maxEval) break;
      fitness.push(loss(point));
    }
    population.length = fitness.length;
    const losses = [fitness[0]];
    let best = fitness.indexOf(Math.min(...fitness));
    // at least four points, so that three others can be drawn
    while (evaluations < maxEval && population.length === popsize) {
      const leader = population[best];
      const children: [point: number[], loss: number][] = [];
      for (let i = 0; i < popsize && evaluations < maxEval; i++) {
        const [ua, ub, ...us] = uniform(n + 3);
        const others = population.map((_, k) => k).filter((k) => k !== i);
        const [a] = others.splice(Math.floor(ua * others.length), 1);
        const b = others[Math.floor(ub * others.length)];
        const always = Math.floor(us[n] * n);
        const child = leader.map((v, j) =>
          us[j] < crossoverRate || j === always
            ? v + scaleFactor * (population[a][j] - population[b][j])
            : population[i][j],
        );
        children.push([child, loss(child)]);
      }
      for (const [i, [child, value]] of children.entries())
        if (value <= fitness[i]) {
          population[i] = child;
          fitness[i] = value;
          if (value < fitness[best]) best = i;
        }
      losses.push(fitness[best]);
    }
    tidy(() => copy_(x, viewAs(tensor([...population[best]], { dtype: x.dtype, device: x.device }), x.shape)));
    return [x, losses, evaluations];
  });
}
