import { grad } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  arange,
  full,
  Generator,
  ones,
  rand,
  randn,
  registerBackend,
  scaledDotProductAttention,
  type Tensor,
  tidy,
  where,
  zeros,
} from "../../src/index.ts";

// Kernels take queries and keys in blocks. At lengths around each block's edge they are held to the definition in float64, which no
// kernel takes, for masks and gradients of every layout; and what they hold is held to the length.

const builds = [
  ["wasm", false],
  ["native", "auto"],
] as const;

interface Lengths {
  readonly queries: number;
  readonly keys: number;
}
type Seed = { readonly generator: Generator };
const smallest = -3.4028234663852886e38;

/** Masks by name. Some close a whole row of scores. */
const masks: Readonly<Record<string, (l: Lengths, seed: Seed) => Tensor>> = {
  bools: ({ queries, keys }, seed) => rowOf(3, rand([queries, keys], seed).gt(0.3), false),
  "bools of each head": ({ queries, keys }, seed) => rand([2, queries, keys], seed).gt(0.9),
  "bools of keys": ({ keys }, seed) => rand([keys], seed).gt(0.3),
  "bools of queries": ({ queries }) => arange(queries).reshape([queries, 1]).lt(40),
  "late keys": ({ keys }) => arange(keys).ge(keys - 2),
  floats: ({ queries, keys }, seed) => rowOf(3, randn([queries, keys], seed), Number.NEGATIVE_INFINITY),
  "floats, transposed": ({ queries, keys }, seed) => randn([keys, queries], seed).transpose(0, 1),
  "floats of keys": ({ keys }, seed) => randn([keys], seed).mul(3),
  // a row of nothing but those is a mean of all values; its log-sum is good for its gradient where one block has all keys
  "the smallest floats": ({ queries, keys }, seed) => {
    const mask = where(rand([queries, keys], seed).gt(0.5), zeros([]), smallest);
    return keys > 512 ? mask : rowOf(3, mask, smallest);
  },
};
/** x with one value throughout row i. */
const rowOf = (i: number, x: Tensor, value: number | boolean): Tensor =>
  where(arange(x.shape[0]).reshape([-1, 1]).eq(i), full([], value), x);

const layouts: Readonly<Record<string, (y: Tensor, seed: Seed) => Tensor>> = {
  dense: (y, seed) => randn(y.shape, seed),
  transposed: (y, seed) => randn([...y.shape].reverse(), seed).permute([3, 2, 1, 0]),
  expanded: (y) => ones([]).mul(0.7).expand(y.shape),
  "expanded along keys": (y, seed) => randn([1, 1, 1, y.shape[3]], seed).expand(y.shape),
};

/** The result and the gradients, of these dtypes' numbers. */
function attended(inputs: readonly Tensor[], g: Tensor, mask: Tensor | null, isCausal: boolean): Tensor[] {
  const leaves = inputs.map((x) => x.detach().requiresGrad_());
  const y = scaledDotProductAttention(leaves[0], leaves[1], leaves[2], { attnMask: mask, isCausal });
  return [y.detach(), ...(grad([y], leaves, { gradOutputs: [g] }) as Tensor[])]; // all three took part
}

function holdToDefinition(l: Lengths, how: keyof typeof layouts, mask: string | null, isCausal: boolean): void {
  tidy(() => {
    const seed = { generator: new Generator(l.queries * 10_007 + l.keys) };
    const made = [randn([1, 2, l.queries, 6], seed), randn([1, 2, l.keys, 6], seed), randn([1, 2, l.keys, 5], seed)];
    const attnMask = mask === null ? null : masks[mask](l, seed);
    const g = layouts[how](zeros([1, 2, l.queries, 5]), seed);
    const wide = (x: Tensor) => x.to("float64");
    const wanted = attended(
      made.map(wide),
      wide(g),
      attnMask?.dtype === "float32" ? wide(attnMask) : attnMask,
      isCausal,
    );
    attended(made, g, attnMask, isCausal).forEach((x, i) => {
      const scale = Math.max(1e-30, Number(wanted[i].abs().max().item()));
      const off = Number(wide(x).sub(wanted[i]).abs().max().item()) / scale;
      expect(off, `${["y", "dq", "dk", "dv"][i]} of ${JSON.stringify(l)}`).toBeLessThan(3e-6);
    });
  });
}

describe.each(builds)("attention of any length (%s)", (_, native) => {
  let backend: ReturnType<typeof cpuWasm>;
  beforeAll(() => {
    backend = cpuWasm({ threads: 2, native });
    registerBackend(backend);
  });
  afterAll(() => backend.dispose());

  const edges: readonly Lengths[] = [
    ...[47, 48, 49, 66, 67, 511, 512, 513, 1025].map((n) => ({ queries: n, keys: n })),
    ...[511, 512, 513, 1024, 1025, 1537].map((keys) => ({ queries: 50, keys })),
    { queries: 600, keys: 530 },
  ];
  test.each(edges)("is the definition, causal or not: %j", (l) => {
    holdToDefinition(l, "dense", null, false);
    holdToDefinition(l, "dense", null, true);
  });

  const few = [
    { queries: 20, keys: 512 },
    { queries: 70, keys: 600 },
  ];
  test.each(Object.keys(masks))("is the definition with a mask of %s", (mask) => {
    for (const l of few) holdToDefinition(l, "dense", mask, false);
  });
  test.each(Object.keys(layouts))("is the definition where the gradient is %s", (how) => {
    for (const l of few) {
      holdToDefinition(l, how, null, true);
      holdToDefinition(l, how, "floats", false);
    }
  });

  test("repeats leading dimensions, and takes any number of them", () => {
    tidy(() => {
      const shapes = [
        [
          [2, 3, 7, 4],
          [3, 9, 4],
          [1, 1, 9, 5],
          [2, 1, 1, 9],
        ],
        [
          [7, 4],
          [2, 3, 9, 4],
          [9, 5],
          [7, 9],
        ],
        [
          [2, 1, 3, 1, 7, 4],
          [2, 2, 3, 2, 9, 4],
          [2, 2, 1, 2, 9, 5],
          [3, 1, 7, 9],
        ],
        [
          [2, 2, 2, 7, 4],
          [2, 2, 2, 9, 4],
          [2, 2, 2, 9, 5],
          [5, 1, 1, 1, 1, 9],
        ],
      ];
      for (const [q, k, v, mask] of shapes) {
        const made = [q, k, v].map((shape) => randn(shape));
        const open = rand(mask).gt(0.4);
        const wide = made.map((x) => x.to("float64"));
        for (const attnMask of [null, open]) {
          const y = scaledDotProductAttention(made[0], made[1], made[2], { attnMask });
          const g = randn(y.shape);
          const wanted = attended(wide, g.to("float64"), attnMask, false);
          attended(made, g, attnMask, false).forEach((x, i) => {
            expect(x.shape).toEqual(wanted[i].shape);
            expect(Number(x.to("float64").sub(wanted[i]).abs().max().item())).toBeLessThan(1e-5);
          });
        }
      }
    });
  });

  test("holds memory in proportion to the length", () => {
    backend.dispose();
    backend = cpuWasm({ threads: 2, native });
    registerBackend(backend);
    /** The most that a step has held, in floats a position. */
    const held = (t: number, attnMask: () => Tensor | null, gradient: (shape: readonly number[]) => Tensor): number => {
      tidy(() => {
        const leaves = Array.from({ length: 3 }, () => randn([1, 1, t, 8]).requiresGrad_());
        const mask = attnMask();
        const y = scaledDotProductAttention(leaves[0], leaves[1], leaves[2], { attnMask: mask, isCausal: !mask });
        for (const x of grad([y], leaves, { gradOutputs: [gradient(y.shape)] }) as Tensor[]) {
          expect(Number.isFinite(x.sum().item())).toBe(true);
        }
      });
      return backend.memory().peakBytes / (4 * t);
    };
    // inputs, result, log-sums, gradients, and no more than half as much again for what is between
    const most = 1.5 * (8 * 8 + 1);
    expect(
      held(
        8192,
        () => arange(8192).ge(4000),
        (shape) => ones([]).expand(shape),
      ),
    ).toBeLessThan(most);
    expect(
      held(
        8192,
        () => randn([8192]),
        (shape) => randn([8, 8192]).transpose(0, 1).reshape(shape),
      ),
    ).toBeLessThan(most);
    expect(
      held(
        16_384,
        () => null,
        (shape) => randn(shape),
      ),
    ).toBeLessThan(most);
  }, 120_000);
});
