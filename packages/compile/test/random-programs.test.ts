import {
  cat,
  compile,
  cpuWasm,
  manualSeed,
  linear as nnLinear,
  randn,
  registerBackend,
  scaledDotProductAttention,
  stack,
  type Tensor,
  tidy,
} from "flambeau";
import { expect, test } from "vitest";
import { withEpilogues } from "./support/epilogues.ts";
import { bitsOf } from "./support/equal.ts";

// Programs of a dozen ops, drawn at random: pointwise ones, views, writes in place, copies, sums, products of matrices, reads in between.
// What they give is the same bit for bit, compiled or not; sums take terms from maps that are too small to be split.

/** A small generator of its own, so that the programs stay the same. */
function generator(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) >>> 0;
    return (state >>> 8) % below;
  };
}

const size = 4;
/** Squares in, a square out; some write to what only the program holds. */
const steps: readonly ((a: Tensor, b: Tensor, n: number) => Tensor)[] = [
  (a, b) => a.add(b),
  (a, b) => a.mul(b),
  (a, b, n) => a.mul(n / 4).sub(b),
  (a) => a.tanh(),
  (a) => a.neg().abs(),
  (a, b) => a.maximum(b),
  (a) => a.t(),
  (a, b) => a.narrow(0, 0, 1).mul(b),
  (a, b) => a.narrow(1, 1, 1).add(b),
  (a) => a.view([2, 2, size]).transpose(0, 1).reshape([size, size]),
  (a, b) => a.gt(b).to("float32"),
  (a) => a.to("float16").mul(0.5).to("float32"),
  (a) => a.to("float64").mul(1.1).to("float32"),
  (a, b) => a.clone().add_(b),
  (a, b) => {
    const c = a.clone();
    c.narrow(0, 1, 2).mul_(b.narrow(0, 0, 2));
    return c;
  },
  (a, b) => {
    const c = a.clone();
    const before = c.add(1);
    c.copy_(b);
    return before.mul(c);
  },
  (a, b) => {
    const c = a.clone();
    c.sub_(c.t().mul(0.5).add(b));
    return c;
  },
  (a, b) => a.sub(b.sum(0)),
  (a, b) => a.sub(b.amax(1, { keepdim: true })),
  (a, b) => a.matmul(b).tanh(),
  (a, b) => a.matmul(b).mul(0.25).add(b.sum(0)),
  (a, b) => {
    const c = a.clone();
    return c.add_(b.matmul(a.t()));
  },
  (a, b) => {
    const c = b.matmul(a);
    return c.sub(a).mul(c.t());
  },
  (a, b) => nnLinear(a, b, b.select(0, 1)).maximum(a),
  // heads of two numbers, put side by side again
  (a, b) => {
    const heads = (x: Tensor) => x.view([size, 2, 2]).transpose(0, 1);
    const joined = scaledDotProductAttention(heads(a), heads(b), heads(a)).transpose(0, 1).reshape([size, size]);
    return joined.add(b);
  },
  (a, b) => {
    const heads = (x: Tensor) => x.view([size, 2, 2]).transpose(0, 1);
    const mixed = scaledDotProductAttention(heads(a), heads(a), heads(b)).transpose(0, 1).reshape([size, size]);
    return cat([mixed.narrow(1, 0, 2), mixed.narrow(1, 2, 2)], 1);
  },
  // parts side by side, which products read, too
  (a, b, n) => {
    const c = a.mul(n);
    const all = stack([c, c.matmul(b), b.sub(c)]);
    return all.select(0, 0).add(all.select(0, 2)).mul(c.matmul(a));
  },
  (a, b, n) => {
    const c = a.sub(b);
    const d = c.matmul(a);
    const all = cat([d, c], 0);
    if (n > 3) c.fill_(n);
    return all.narrow(0, n % size, size).sub(c);
  },
  (a) => a.cumsum(0).mul(0.5),
  // a read in the middle
  (a, b) => a.add(b.select(0, 1).select(0, 2).item() as number),
];

/** The call that is made. */
let call = 0;
const start = (n: number, places: number): number => (n * call + n) % places;
/** The same on windows that begin elsewhere from call to call. */
const moving: typeof steps = [
  (a, b, n) => a.narrow(0, start(n, size), 1).mul(b),
  (a, b, n) => a.narrow(1, start(n, size), 1).add(b.select(0, start(n + 1, size))),
  (a, b, n) => {
    const c = a.clone();
    c.narrow(0, start(n, size - 1), 2).mul_(b.narrow(0, start(n + 1, size - 1), 2));
    return c;
  },
  (a, b, n) => {
    const c = a.clone();
    c.select(0, start(n, size)).copy_(c.select(0, start(n + 1, size)).add(b.select(1, start(n, size))));
    return c.sub(b);
  },
  (a, b, n) => a.matmul(b.narrow(1, start(n, size), 1)).add(b),
  (a, b, n) => a.sub(b.narrow(0, start(n, size - 1), 2).sum(0)),
];

type Draw = readonly [step: number, a: number, b: number, n: number];
function draw(
  seed: number,
  among: typeof steps,
): { readonly draws: readonly Draw[]; readonly results: readonly number[] } {
  const next = generator(seed);
  const length = 6 + next(10);
  const draws: Draw[] = [];
  for (let i = 0; i < length; i++) draws.push([next(among.length), next(i + 2), next(i + 2), 1 + next(7)]);
  return { draws, results: [length + 1, next(length + 2), next(length + 2)] };
}

const programs = 400;
test(`${programs} random programs`, () => runAll());

test("the same where products and layers can end in maps", () => {
  const ended = withEpilogues(cpuWasm({ threads: 1 }));
  registerBackend(ended.backend);
  runAll();
  runAll([...steps, ...moving, ...moving], 7);
  expect(ended.calls()).toBeGreaterThan(100);
  registerBackend(cpuWasm());
});

test("the same on windows that begin elsewhere from call to call", () => runAll([...steps, ...moving, ...moving], 7));

function runAll(among = steps, calls = 3): void {
  for (let seed = 0; seed < programs; seed++) {
    const { draws, results } = draw(seed, among);
    const run = (x: Tensor, y: Tensor): Tensor[] => {
      const values = [x, y];
      for (const [step, a, b, n] of draws) values.push(among[step](values[a], values[b], n));
      return results.map((i) => values[i].mul(1));
    };
    const compiled = compile(run);
    for (call = 0; call < calls; call++)
      tidy(() => {
        manualSeed(1000 * seed + call);
        const [x, y] = [randn([size, size]), randn([size, size])];
        const wanted = bitsOf(run(x, y));
        expect(bitsOf(compiled(x, y)), `program ${seed}, call ${call}: ${JSON.stringify(draws)}`).toEqual(wanted);
      });
    const { asked, run: made } = compiled.stats().kernels;
    expect(made).toBeLessThanOrEqual(asked);
  }
}
