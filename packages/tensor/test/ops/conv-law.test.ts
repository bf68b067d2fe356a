import { grad } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runs } from "../../../../test/support/long.ts";
import {
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  registerBackend,
  type Tensor,
  tensor,
  tidy,
} from "../../src/index.ts";

// Convolutions of random shapes, empty ones among them, against the definition: one loop over all products in float64.

const plain = [conv1d, conv2d, conv3d];
const transposed = [convTranspose1d, convTranspose2d, convTranspose3d];
const product = (shape: readonly number[]): number => shape.reduce((n, s) => n * s, 1);

/** Numbers of a seed: `within(a, b)` is one of a, ..., b, `pick` one of a list, `value` a float32 in [-1, 1). */
function drawer(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const within = (a: number, b: number): number => a + Math.floor(next() * (b - a + 1));
  return {
    within,
    pick: <T>(of: readonly T[]): T => of[within(0, of.length - 1)],
    value: () => Math.fround(2 * next() - 1),
  };
}
type Drawer = ReturnType<typeof drawer>;

/**
 * A convolution takes the larger plane to the smaller one, a transposed one the smaller to the larger; element l of the smaller one meets
 * element l * stride + k * dilation - padding of the larger one at k of the kernel.
 */
interface Case {
  readonly isTransposed: boolean;
  readonly images: number;
  readonly groups: number;
  /** Channels of a group of the smaller and of the larger plane. */
  readonly channels: readonly [small: number, large: number];
  readonly small: readonly number[];
  readonly large: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly outputPadding: readonly number[];
  readonly bias: boolean;
}

/** One dimension that the ops take; null where the drawn numbers give none. */
function drawDimension({ within, pick }: Drawer, isTransposed: boolean, most: number) {
  const kernel = pick([1, 1, 2, 3, 3, 3, 4, 5, 7]);
  const stride = pick([1, 1, 1, 2, 2, 3, 4]);
  const dilation = pick([1, 1, 1, 2, 3]);
  const given = pick([0, 0, 1, 1, within(2, most), within(2, most), within(2, most), most]);
  const padding = pick([0, 0, 1, 1, 2, within(0, 5), given + within(0, 3), kernel >> 1]);
  const reach = dilation * (kernel - 1);
  if (!isTransposed) {
    const small = Math.floor((given + 2 * padding - reach - 1) / stride) + 1;
    return small < 1 ? null : { kernel, stride, dilation, padding, large: given, small, outputPadding: 0 };
  }
  const outputPadding = within(0, Math.max(stride, dilation) - 1) * within(0, 1);
  const large = (given - 1) * stride - 2 * padding + reach + outputPadding + 1;
  return large < 0 ? null : { kernel, stride, dilation, padding, large, small: given, outputPadding };
}

function draw(d: Drawer): Case {
  // now and then enough products for the kernels that take many at a time
  const budget = d.within(0, 24) === 0 ? 10_000_000 : 1_000_000;
  for (;;) {
    const isTransposed = d.within(0, 1) === 1;
    const n = d.pick([1, 2, 2, 2, 3]);
    const dims = Array.from({ length: n }, () => drawDimension(d, isTransposed, [60, 22, 9][n - 1]));
    const deep = d.pick([0, 1, 1, 3, 6, 9, 24, 70, 140]);
    const channels = [d.within(0, 1), d.within(0, 1)].map((own) => (own ? deep : d.pick([0, 1, 2, 5, 8, 17]))) as [
      number,
      number,
    ]; // two of two
    const groups = d.pick([1, 1, 1, 2, 3, 8]);
    const images = d.pick([0, 1, 1, 2, 3, 5]);
    if (!dims.every((x) => x !== null)) continue;
    const of = (name: keyof (typeof dims)[number]) => dims.map((x) => x[name]);
    const made: Case = {
      ...{ isTransposed, images, groups, channels, bias: d.within(0, 1) === 1 },
      ...{ small: of("small"), large: of("large"), kernel: of("kernel"), stride: of("stride") },
      ...{ padding: of("padding"), dilation: of("dilation"), outputPadding: of("outputPadding") },
    };
    const sizes = [made.small, made.large, made.kernel].map(product);
    if (images * groups * channels[0] * channels[1] * sizes[0] * sizes[2] > budget) continue;
    if (images * groups * (channels[0] * sizes[0] + channels[1] * sizes[1]) > 400_000) continue;
    return made;
  }
}

/** Calls `visit` for each position of the smaller plane and of the kernel whose element of the larger one is there. */
function eachMeeting(c: Case, visit: (small: number, large: number, kernel: number) => void): void {
  const along = (i: number, small: number, large: number, kernel: number): void => {
    if (i === c.kernel.length) return visit(small, large, kernel);
    for (let l = 0; l < c.small[i]; l++) {
      for (let k = 0; k < c.kernel[i]; k++) {
        const at = l * c.stride[i] + k * c.dilation[i] - c.padding[i];
        if (at < 0 || at >= c.large[i]) continue;
        along(i + 1, small * c.small[i] + l, large * c.large[i] + at, kernel * c.kernel[i] + k);
      }
    }
  };
  along(0, 0, 0, 0);
}

/** Sums of products, and of their absolute values: what roundings are measured by. */
class Sums {
  readonly values: Float64Array;
  readonly sizes: Float64Array;
  constructor(length: number) {
    this.values = new Float64Array(length);
    this.sizes = new Float64Array(length);
  }
  add(i: number, value: number): void {
    this.values[i] += value;
    this.sizes[i] += Math.abs(value);
  }
}

/** Result, and gradients of input, weight and bias. */
function defined(c: Case, x: Float32Array, w: Float32Array, b: Float32Array, g: Float32Array): Sums[] {
  const [ps, pl, pk] = [product(c.small), product(c.large), product(c.kernel)];
  const [inSmall, inLarge] = c.channels;
  const [y, dx, dw, db] = [g.length, x.length, w.length, b.length].map((n) => new Sums(n));
  const [outChannels, outPlane] = c.isTransposed ? [inLarge * c.groups, pl] : [inSmall * c.groups, ps];
  for (let i = 0; i < g.length; i++) {
    const channel = Math.floor(i / outPlane) % outChannels;
    if (c.bias) y.add(i, b[channel]);
    if (c.bias) db.add(channel, g[i]);
  }
  const meetings: number[] = [];
  eachMeeting(c, (s, l, k) => meetings.push(s, l, k));
  for (let n = 0; n < c.images; n++) {
    for (let f = 0; f < inSmall * c.groups; f++) {
      const group = Math.floor(f / inSmall);
      for (let o = 0; o < inLarge; o++) {
        const smallAt = (n * inSmall * c.groups + f) * ps;
        const largeAt = ((n * c.groups + group) * inLarge + o) * pl;
        const kernelAt = (f * inLarge + o) * pk;
        for (let m = 0; m < meetings.length; m += 3) {
          const [s, l, k] = [smallAt + meetings[m], largeAt + meetings[m + 1], kernelAt + meetings[m + 2]];
          const [from, to] = c.isTransposed ? [s, l] : [l, s];
          y.add(to, x[from] * w[k]);
          dx.add(from, g[to] * w[k]);
          dw.add(k, g[to] * x[from]);
        }
      }
    }
  }
  return [y, dx, dw, db];
}

function computed(c: Case, xs: readonly Tensor[], g: Tensor): Tensor[] {
  const leaves = xs.map((x) => x.detach().requiresGrad_());
  const [x, w, b = null] = leaves;
  const n = c.kernel.length - 1;
  const { stride, padding, dilation, groups, outputPadding } = c;
  const y = c.isTransposed
    ? transposed[n](x, w, b, { stride, padding, dilation, groups, outputPadding })
    : plain[n](x, w, b, { stride, padding, dilation, groups });
  return [y.detach(), ...(grad([y], leaves, { gradOutputs: [g] }) as Tensor[])]; // all took part
}

const builds = [
  ["wasm", false],
  ["native", "auto"],
] as const;
describe.each(builds)("convolutions of random shapes are the definition (%s)", (_, native) => {
  let backend: ReturnType<typeof cpuWasm>;
  beforeAll(() => {
    backend = cpuWasm({ threads: 2, native });
    registerBackend(backend);
  });
  afterAll(() => backend.dispose());

  const batches = runs(1);
  const each = 100;
  test.each(Array.from({ length: batches }, (_, i) => i * each))(
    "seeds from %i",
    (first) => {
      for (let seed = first; seed < first + each; seed++) {
        const d = drawer(seed);
        const c = draw(d);
        const [small, large] = [c.small, c.large].map((plane, i) => [c.images, c.channels[i] * c.groups, ...plane]);
        const [xShape, yShape] = c.isTransposed ? [small, large] : [large, small];
        const shapes = [xShape, [c.channels[0] * c.groups, c.channels[1], ...c.kernel], [yShape[1]], yShape];
        const [x, w, b, g] = shapes.map((shape) => Float32Array.from({ length: product(shape) }, d.value));
        const wanted = defined(c, x, w, b, g);
        tidy(() => {
          const made = [x, w, b, g].map((values, i) => tensor(values).reshape(shapes[i]));
          const runOn = (threads: number): Float32Array[] => {
            backend.setThreads(threads);
            return computed(c, made.slice(0, c.bias ? 3 : 2), made[3]).map((t) => t.dataSync() as Float32Array); // they are float32
          };
          const got = runOn(1);
          got.forEach((values, i) => {
            const { values: exact, sizes } = wanted[i];
            const largest = sizes.reduce((a, s) => Math.max(a, s), 0);
            const off = exact.reduce(
              (a, value, j) => (Math.abs(values[j] - value) <= a ? a : Math.abs(values[j] - value)),
              0,
            );
            const what = `${["result", "input's gradient", "weight's gradient", "bias's gradient"][i]}, seed ${seed}: ${JSON.stringify(c)}`;
            expect(values.length, what).toBe(exact.length);
            expect(off, what).toBeLessThanOrEqual(1e-6 * largest);
          });
          expect(runOn(2), `threads, seed ${seed}`).toEqual(got);
        });
      }
    },
    120_000,
  );
});
