import { gradAndValue } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  ArgumentError,
  FlambeauError,
  Generator,
  manualSeed,
  memory,
  randn,
  registerBackend,
  softshrink,
  type Tensor,
  tensor,
  zeros,
} from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import { SGD } from "../src/index.ts";
import {
  ConfusionMatrix,
  cg,
  checkgrad,
  cmaes,
  de,
  fistaLs,
  Logger,
  lswolfe,
  nag,
  type OpFunc,
  polyinterp,
} from "../src/torch7/index.ts";

registerBackend(cpuWasm({ threads: 1 }));
const f64 = { dtype: "float64" } as const;
const values = (x: Tensor) => [...x.dataSync()].map(Number);
/** sum of 100 (x[i + 1] - x[i]^2)^2 + (1 - x[i])^2, with its minimum 0 at ones. */
function rosenbrock(x: Tensor): readonly [number, Tensor] {
  const f = (p: Tensor) => {
    const [a, b] = [p.narrow(0, 0, p.size - 1), p.narrow(0, 1, p.size - 1)];
    return b.sub(a.square()).square().mul(100).add(a.mul(-1).add(1).square()).sum();
  };
  const [grad, value] = gradAndValue(f)(x);
  return [(value as Tensor).item(), grad as Tensor];
}
/** x A x / 2 - b x, with its minimum where A x = b. */
const A = tensor(
  [
    [4, 1, 0],
    [1, 3, -1],
    [0, -1, 2],
  ],
  f64,
);
const b = tensor([1, 2, 3], f64);
const quadratic: OpFunc = (x) => [x.matmul(A).dot(x).div(2).sub(b.dot(x)), A.matmul(x).sub(b)];
const solution = [-1 / 9, 13 / 9, 20 / 9];

describe("cg", () => {
  // http://www.gatsby.ucl.ac.uk/~edward/code/minimize/example.html, which Torch7's documentation compares with
  const published = [
    0.78251060908545, 0.3955653394041, 0.21891183735928, 0.08594362786359, 0.08167279250615, 0.04803799828332,
    0.03385004042904, 0.01810891772958, 0.01747706436156, 0.01719294050541, 0.00647710313861, 0.00317008743069,
    0.00002390064486, 0.00000859309602, 0.00000859309029, 0.00000076626706, 0.00000000009216,
  ];
  it("has the losses that Rasmussen published for Rosenbrock's function, in 25 evaluations and in many", () => {
    const [, losses, evaluations] = cg(rosenbrock, zeros([2], f64), { maxEval: 25 });
    expect(evaluations).toBe(25);
    expect(losses).toHaveLength(9);
    for (const [i, v] of [1, ...published.slice(0, 8)].entries()) expect(losses[i]).toBeCloseTo(v, 10);
    // the point that is published beside them is that of the next line search, which 25 evaluations do not end
    const [x] = cg(rosenbrock, zeros([2], f64), { maxEval: 26 });
    expect(values(x)[0]).toBeCloseTo(0.86905063456945, 9);
    expect(values(x)[1]).toBeCloseTo(0.75343426564357, 9);
    const [, all] = cg(rosenbrock, zeros([2], f64), { maxEval: 200 });
    // a last digit is multiplied by the curvature in each search
    for (const [i, v] of published.entries()) expect(Math.abs(all[i + 1] - v)).toBeLessThan(1e-7);
    expect(all.at(-1)).toBeLessThan(1e-20);
  });
  it("is at the minimum of a quadratic of n elements after n line searches", () => {
    // exact line searches: no step that the parabola through the points does not find
    const [x, losses] = cg(quadratic, zeros([3], f64), { maxEval: 100, rho: 1e-4, sig: 1e-9 });
    for (const [i, v] of solution.entries()) expect(values(x)[i]).toBeCloseTo(v, 8);
    expect(losses[3]).toBeCloseTo(losses.at(-1) as number, 12);
  });
  it("ends at once where the gradient is 0, and gives back its memory", () => {
    const x = tensor(solution, f64);
    const before = memory().cpu.tensors;
    expect(cg((p) => [p.square().sum(), p.mul(0)], x)[2]).toBe(1);
    expect(memory().cpu.tensors).toBe(before);
  });
});

describe("nag", () => {
  it("is Sutskever's rule, with decays and rates for each element", () => {
    const x = tensor([1, -2], f64);
    const state = {};
    const options = {
      learningRate: 0.1,
      learningRateDecay: 0.5,
      weightDecay: 0.2,
      momentum: 0.8,
      learningRates: tensor([1, 2], f64),
    };
    const own = [1, -2];
    const v = [0, 0];
    for (let k = 0; k < 6; k++) {
      nag((p) => [p.pow(4).sum(), p.pow(3).mul(4)], x, options, state);
      for (const i of [0, 1]) {
        const ahead = own[i] + 0.8 * v[i];
        v[i] = 0.8 * v[i] - (0.1 / (1 + 0.5 * k)) * [1, 2][i] * (4 * ahead ** 3 + 0.2 * ahead);
        own[i] += v[i];
      }
    }
    for (const [i, value] of own.entries()) expect(values(x)[i]).toBeCloseTo(value, 12);
    expect(state).toMatchObject({ evalCounter: 6 });
  });
  it("is SGD's Nesterov momentum, seen from where the momentum leads", () => {
    const x = zeros([3], f64);
    const state: { dfdx?: Tensor } = {};
    const w = zeros([3], { ...f64, requiresGrad: true });
    const sgd = new SGD([w], { lr: 0.1, momentum: 0.5, nesterov: true });
    for (let k = 0; k < 5; k++) {
      nag(quadratic, x, { learningRate: 0.1, momentum: 0.5 }, state);
      w.grad = quadratic(w.detach())[1];
      sgd.step();
    }
    const ahead = values(x).map((p, i) => p + 0.5 * values(state.dfdx as Tensor)[i]);
    for (const [i, value] of ahead.entries()) expect(values(w)[i]).toBeCloseTo(value, 12);
  });
});

describe("line searches", () => {
  it("a step meets the strong Wolfe conditions, from whatever first step", () => {
    for (const first of [1e-4, 0.01, 1, 50]) {
      const x = tensor([-1.2, 1], f64);
      const [f0, g0] = rosenbrock(x);
      const d = g0.mul(-1);
      const gtd = g0.dot(d).item();
      const [f, g, at, t, evaluations] = lswolfe(rosenbrock, x, first, d, f0, g0, gtd, {
        c1: 1e-4,
        c2: 0.1,
        maxIter: 50,
      });
      expect(at).toBe(x);
      for (const [i, v] of values(x).entries()) expect(v).toBeCloseTo([-1.2, 1][i] + t * values(d)[i], 12);
      expect(f).toBeLessThanOrEqual(f0 + 1e-4 * t * gtd);
      expect(Math.abs(g.dot(d).item())).toBeLessThanOrEqual(-0.1 * gtd);
      expect(f).toBeCloseTo(rosenbrock(x)[0], 12);
      expect(evaluations).toBeLessThan(25);
    }
    expect(() => lswolfe(rosenbrock, zeros([2], f64), 1, zeros([2], f64), 1, zeros([2], f64), 0)).toThrow(
      "gtd must be negative",
    );
  });
  it("polyinterp finds the minimum of the polynomial through the points", () => {
    const through = (f: (x: number) => number, slope: (x: number) => number, at: readonly number[]) =>
      at.map((x) => [x, f(x), slope(x)] as const);
    const cubic = through(
      (x) => x ** 3 - 3 * x,
      (x) => 3 * x * x - 3,
      [-1.5, 2],
    );
    expect(polyinterp(cubic)).toBeCloseTo(1, 12);
    expect(polyinterp(cubic, -3, 2)).toBe(-3); // it falls beyond the points
    expect(polyinterp(cubic, -1, 0.5)).toBeCloseTo(0.5, 12);
    // degree 5 through three points: 6 x^5 - 15 x^4 + 10 x^3 - x has its least value in 0..1.2 at its first stationary point
    const f = (x: number) => 6 * x ** 5 - 15 * x ** 4 + 10 * x ** 3 - x;
    const slope = (x: number) => 30 * x ** 2 * (x - 1) ** 2 - 1;
    const found = polyinterp(through(f, slope, [0, 0.7, 1.2]));
    const grid = Array.from({ length: 120_001 }, (_, i) => i / 100_000).reduce((a, x) => (f(x) < f(a) ? x : a));
    expect(found).toBeCloseTo(grid, 4);
    expect(
      polyinterp([
        [0, 1, 2],
        [1, 3, 2],
      ]),
    ).toBe(0); // a line: the end below
    expect(() =>
      polyinterp([
        [0, 1, 2],
        [0, 3, 2],
      ]),
    ).toThrow("two points are at one place");
  });
});

describe("fistaLs", () => {
  const problem = () => {
    const D = randn([8, 5], { ...f64, generator: new Generator(3) });
    const target = randn([8], { ...f64, generator: new Generator(4) });
    const f: OpFunc = (x) => {
      const r = D.matmul(x).sub(target);
      return [r.square().sum(), D.t().matmul(r).mul(2)];
    };
    return { D, target, f };
  };
  const lambda = 6;
  const l1 = (x: Tensor) => x.abs().sum().mul(lambda);
  const prox = (z: Tensor, L: number) => softshrink(z, lambda / L);
  it("meets the conditions of the lasso's minimum, from any start, and gives F at each iteration", () => {
    const { f } = problem();
    for (const start of [zeros([5], f64), randn([5], { ...f64, generator: new Generator(1) })]) {
      const [x, history] = fistaLs(f, l1, prox, start, { maxIter: 3000, errThres: 0, L: 0.1 });
      expect(x).toBe(start);
      values(x).forEach((v, i) => {
        const slope = values(f(x)[1])[i];
        if (v === 0) expect(Math.abs(slope)).toBeLessThanOrEqual(lambda + 1e-6);
        else expect(slope).toBeCloseTo(-lambda * Math.sign(v), 5);
      });
      expect(values(x).filter((v) => v === 0).length).toBeGreaterThan(0);
      const last = history[history.length - 1];
      expect(last.F).toBeCloseTo(Number((f(x)[0] as Tensor).item()) + l1(x).item(), 10);
      expect(history[0].nline).toBeGreaterThan(0);
    }
  });
  it("is ahead of ISTA, whose values never rise", () => {
    // elements of very different scales
    const scales = tensor([1, 0.5, 0.2, 0.1, 0.05], f64);
    const { f: plain } = problem();
    const f: OpFunc = (x) => {
      const [loss, gradient] = plain(x.mul(scales));
      return [loss, gradient.mul(scales)];
    };
    const small = (x: Tensor) => x.abs().sum().mul(0.01);
    const shrink = (z: Tensor, L: number) => softshrink(z, 0.01 / L);
    const run = (doFistaUpdate: boolean, maxIter: number) =>
      fistaLs(f, small, shrink, zeros([5], f64), { maxIter, errThres: 0, doFistaUpdate })[1].map(({ F }) => F);
    const ista = run(false, 40);
    for (const [k, F] of ista.entries())
      expect(F).toBeLessThanOrEqual((ista[k - 1] ?? Number.POSITIVE_INFINITY) + 1e-12);
    const best = Math.min(...run(true, 2000));
    expect(Math.min(...run(true, 40)) - best).toBeLessThan(0.5 * (ista[39] - best));
  });
});

describe("searches without gradients", () => {
  it("cmaes: Torch7's test, the minimum of Rosenbrock's function of 10 elements in about 6500 evaluations", () => {
    const f = (x: Tensor) => {
      const p = values(x);
      return p.slice(1).reduce((sum, v, i) => sum + 100 * (v - p[i] ** 2) ** 2 + (1 - p[i]) ** 2, 0);
    };
    const [x, losses, evaluations] = cmaes(f, zeros([10], f64), {
      maxEval: 10_000,
      sigma: 0.5,
      ftarget: 1e-10,
      generator: new Generator(5),
    });
    for (const v of values(x)) expect(v).toBeCloseTo(1, 4);
    expect(losses[0]).toBe(9);
    expect(losses.at(-1)).toBeLessThan(1e-10);
    expect(losses.at(-1)).toBe(f(x));
    expect(evaluations).toBeGreaterThan(3000);
    expect(evaluations).toBeLessThan(10_000);
  });
  it("cmaes: does not see rotations and scales of a quadratic, once it knows them", () => {
    const [x] = cmaes(quadratic, zeros([3], f64), { generator: new Generator(2), maxEval: 3000 });
    for (const [i, v] of solution.entries()) expect(values(x)[i]).toBeCloseTo(v, 4);
  });
  it("de: Torch7's test, the minimum of Rosenbrock's function of two elements", () => {
    const f = (x: Tensor) => {
      const [p, q] = values(x);
      return 100 * (q - p ** 2) ** 2 + (1 - p) ** 2;
    };
    const options = {
      popsize: 50,
      scaleFactor: 0.5,
      crossoverRate: 0.9,
      maxEval: 5000,
      minRegion: -5,
      maxRegion: 5,
      generator: new Generator(1),
    };
    const [x, losses, evaluations] = de(f, zeros([2], f64), options);
    for (const v of values(x)) expect(v).toBeCloseTo(1, 3);
    expect(losses[0]).toBe(1);
    expect(losses.at(-1)).toBe(f(x));
    for (const [i, v] of losses.slice(2).entries()) expect(v).toBeLessThanOrEqual(losses[i + 1]);
    expect(evaluations).toBe(5000);
  });
  it.each([
    ["cmaes", (g?: Generator) => cmaes(quadratic, zeros([3], f64), { maxEval: 60, generator: g })[1]],
    [
      "de",
      (g?: Generator) => de(quadratic, zeros([3], f64), { maxEval: 120, minRegion: -3, maxRegion: 3, generator: g })[1],
    ],
  ] as const)("%s: draws from its generator, or from the one that manualSeed sets", (_, run) => {
    expect(run(new Generator(7))).toEqual(run(new Generator(7)));
    expect(run(new Generator(7))).not.toEqual(run(new Generator(8)));
    manualSeed(7);
    expect(run()).toEqual(run(new Generator(7)));
  });
});

describe("checkgrad", () => {
  it("tells a right gradient from a wrong one", () => {
    const x = randn([2, 3], { ...f64, generator: new Generator(1) });
    const [error, gradient, numeric] = checkgrad((p) => [p.sin().sum(), p.cos()], x);
    expect(error).toBeLessThan(1e-7);
    expect(gradient.shape).toEqual([2, 3]);
    for (const [i, v] of values(numeric).entries()) expect(v).toBeCloseTo(Math.cos(values(x)[i]), 6);
    expect(checkgrad((p) => [p.sin().sum(), p.cos().mul(1.01)], x)[0]).toBeGreaterThan(1e-3);
    expect(checkgrad((p) => [p.square().sum(), p.mul(2)], tensor([1, 2]))[0]).toBeLessThan(1e-2);
  });
});

it.each(["float16", "bfloat16"] as const)("searches from a point in %s start at its numbers", (dtype) => {
  const start = tensor([1.5, -2], { dtype });
  const distance = (x: Tensor) =>
    x
      .to("float32")
      .sub(tensor([1.5, -2]))
      .square()
      .sum();
  const [, first] = de(distance, start, {
    maxEval: 5,
    popsize: 5,
    minRegion: 7,
    maxRegion: 8,
    generator: new Generator(1),
  });
  expect(Math.min(...first)).toBe(0);
  const [, losses] = cmaes(distance, start, { maxEval: 40, sigma: 0.01, generator: new Generator(1) });
  expect(Math.max(...losses)).toBeLessThan(0.1);
});

describe("ConfusionMatrix", () => {
  it.each(["float16", "bfloat16"] as const)("reads scores and classes in %s as numbers", (dtype) => {
    const c = new ConfusionMatrix(2);
    c.batchAdd(
      tensor(
        [
          [-1, 1],
          [2, -3],
          [-1, -2],
        ],
        { dtype },
      ),
      tensor([1, 0, 1], { dtype }),
    );
    expect(c.mat).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });
  it("counts classes, scores and one-hot targets, and leaves out what has no label", () => {
    const c = new ConfusionMatrix(3);
    c.add(2, 1)
      .add([0.1, 0.7, 0.2], 1)
      .add(tensor([3, 1, 2]), tensor([1, 0, 0]))
      .add(0, -1);
    c.batchAdd(
      tensor([
        [0.9, 0.1, 0],
        [0, 0, 1],
      ]),
      tensor([2, -1], { dtype: "int32" }),
    );
    c.batchAdd(
      tensor([[0], [2]]),
      tensor([
        [1, 0, 0],
        [0, 0, 1],
      ]),
    );
    expect(c.mat).toEqual([
      [2, 0, 0],
      [0, 1, 1],
      [1, 0, 1],
    ]);
    c.updateValids();
    expect(c.valids).toEqual([1, 0.5, 0.5]);
    expect(c.unionValids).toEqual([2 / 3, 0.5, 1 / 3]);
    expect(c.averageValid).toBeCloseTo(2 / 3, 12);
    expect(c.averageUnionValid).toBeCloseTo(0.5, 12);
    expect(c.totalValid).toBeCloseTo(4 / 6, 12);
    expect(
      c
        .zero()
        .mat.flat()
        .every((v) => v === 0),
    ).toBe(true);
  });
  it("has no false rejections and acceptances on the identity, and -1 for classes without examples", () => {
    const c = new ConfusionMatrix(["a", "b", "c"]).batchAdd([0, 1], [0, 1]);
    expect(c.farFrr()).toEqual({ frrs: [0, 0, -1], fars: [0, 0, -1] });
    c.add(1, 0);
    expect(c.farFrr()).toEqual({ frrs: [0.5, 0, -1], fars: [0, 0.5, -1] });
  });
  it("prints what Torch7 prints", () => {
    const c = new ConfusionMatrix(["cat", "dog"]).batchAdd([0, 1, 1], [0, 1, 0]);
    expect(String(c)).toBe(
      [
        "ConfusionMatrix:",
        "[[       1       1]   50.000% \t[class: cat]",
        " [       0       1]]  100.000% \t[class: dog]",
        " + average row correct: 75% ",
        " + average rowUcol correct (VOC measure): 50% ",
        ` + global correct: ${(2 / 3) * 100}%`,
      ].join("\n"),
    );
  });
  it("refuses what is no class", () => {
    const c = new ConfusionMatrix(2);
    expect(() => c.add(2, 0)).toThrow("2 is none of the 2 classes, which count from 0");
    expect(() => c.batchAdd([0], [0, 1])).toThrow("got 1 predictions and 2 targets");
    expect(() => c.add(tensor([1, 2, 3]), 0)).toThrow("scores of 2 classes cannot have shape [3]");
    expect(c.mat).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

describe("Logger", () => {
  it("writes the lines of Torch7's documentation", () => {
    const lines: string[] = [];
    const logger = new Logger((line) => void lines.push(line)).setNames(["Training acc.", "Test acc."]);
    logger.add([70, 59]).add({ "Test acc.": 8, "Training acc.": 76 });
    expect(lines).toEqual([
      "Training acc.\tTest acc.\t\n",
      " 7.0000e+01\t 5.9000e+01\t\n",
      " 7.6000e+01\t 8.0000e+00\t\n",
    ]);
    expect(logger.symbols.get("Training acc.")).toEqual([70, 76]);
  });
  it("takes its names from the first values, and text, and keeps it all", () => {
    const logger = new Logger().add({ loss: -1.5e-120, note: "warm" }).add({ loss: Number.NaN, note: "up" });
    expect(String(logger)).toBe("loss\tnote\t\n-1.5000e-120\twarm\t\n        nan\tup\t\n");
    expect(() => logger.add({ loss: 1 })).toThrow("needs a value for each of loss, note");
    expect(() => logger.add([1, null as never])).toThrow("can only log numbers and strings, got null");
  });
});

it("what is no function to minimize is refused", () => {
  const x = zeros([2]);
  for (const run of [cg, nag, cmaes, de, checkgrad] as ((f: never, x: Tensor) => unknown)[]) {
    expect(() => run(3 as never, x)).toThrow(ArgumentError);
    expect(() => run((() => "x") as never, x)).toThrow(ArgumentError);
    expect(() => run(quadratic as never, tensor([1, 2], { dtype: "int32" }))).toThrow(
      "x must hold floating-point numbers, got int32",
    );
  }
});

it("each argument of the wrong kind gives a typed error", () => {
  const gone = zeros([2], f64);
  gone.dispose();
  const junk = {
    undefined,
    null: null,
    text: "x",
    object: {},
    list: [],
    NaN: Number.NaN,
    function: () => {},
    proxy: new Proxy({}, {}),
    gone,
  };
  const x = () => tensor([1, 2], f64);
  const bowl: OpFunc = (p) => [p.square().sum(), p.mul(2)];
  const g = () => x().mul(2);
  const calls: { readonly [name: string]: readonly [(...args: never[]) => unknown, () => unknown[]] } = {
    cg: [cg, () => [bowl, x(), {}]],
    nag: [nag, () => [bowl, x(), {}, {}]],
    cmaes: [cmaes, () => [bowl, x(), { maxEval: 10 }]],
    de: [de, () => [bowl, x(), { maxEval: 30 }]],
    checkgrad: [checkgrad, () => [bowl, x(), 1e-5]],
    fistaLs: [fistaLs, () => [bowl, (p: Tensor) => p.sum(), (z: Tensor) => z, x(), { maxIter: 2 }]],
    lswolfe: [lswolfe, () => [bowl, x(), 1, g().mul(-1), 5, g(), -20, {}]],
    polyinterp: [
      polyinterp,
      () => [
        [
          [0, 1, -1],
          [1, 1, 1],
        ],
        0,
        1,
      ],
    ],
    ConfusionMatrix: [((c: number) => new ConfusionMatrix(c)) as never, () => [2]],
    add: [((a: number, c: number) => new ConfusionMatrix(2).add(a, c)) as never, () => [0, 1]],
    batchAdd: [((a: number[], c: number[]) => new ConfusionMatrix(2).batchAdd(a, c)) as never, () => [[0], [1]]],
    Logger: [((w: never) => new Logger(w)) as never, () => [() => {}]],
    setNames: [((n: string[]) => new Logger().setNames(n)) as never, () => [["a"]]],
    log: [((v: number[]) => new Logger().setNames(["a"]).add(v)) as never, () => [[1]]],
  };
  // what is right there: options may be missing or empty, a state is any object, a sink any function, no names are names, and g is
  // looked at only where the search comes back to the start
  const right =
    /^(cg|nag|cmaes|de) 3: (undefined|object|proxy)|^fistaLs 5: (undefined|object|proxy)|^lswolfe 8: (undefined|object|proxy)|^nag 4: (undefined|object|list|function|proxy|gone)|^checkgrad 3: undefined|^polyinterp [23]: (undefined|NaN)|^Logger 1: (undefined|function)|^setNames 1: list|^ConfusionMatrix 1: list|^lswolfe [35]: NaN|^lswolfe 6: gone|^(cg|nag|cmaes|de) 1: function/;
  const taken: string[] = [];
  for (const [name, [call, args]] of Object.entries(calls)) {
    expect(() => call(...(args() as never[])), name).not.toThrow();
    for (const i of args().keys())
      for (const [kind, value] of Object.entries(junk)) {
        const given = args();
        given[i] = value;
        try {
          call(...(given as never[]));
          taken.push(`${name} ${i + 1}: ${kind}`);
        } catch (error) {
          if (!(error instanceof FlambeauError)) taken.push(`${name} ${i + 1}: ${kind}: ${String(error)}`);
        }
      }
  }
  expect(taken.filter((t) => !right.test(t) || t.split(":").length > 2)).toEqual([]);
});
