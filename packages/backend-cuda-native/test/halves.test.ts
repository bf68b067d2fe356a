// Fused kernels take float16 and bfloat16 as they are: what they give is what float32 gives, rounded once.

import { cudaEmulated } from "@flambeau/backend-cuda-native/emulated";
import { Adam, SGD } from "@flambeau/optim";
import { type FusedKernel, withoutFused } from "@flambeau/tensor/plugin";
import {
  conv2d,
  convTranspose2d,
  type DType,
  layerNorm,
  linear,
  logSoftmax,
  manualSeed,
  maxPool2d,
  randn,
  registerBackend,
  rmsNorm,
  scaledDotProductAttention,
  softmax,
  sum,
  type Tensor,
  tidy,
} from "flambeau";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CudaBackend } from "../src/backend.ts";
import { missingFor } from "./support/missing.ts";

type Of = (...inputs: Tensor[]) => Tensor;
const cases: readonly (readonly [name: string, shapes: readonly (readonly number[])[], of: Of])[] = [
  ["linear", [[5, 20], [9, 20], [9]], (x, w, b) => linear(x, w, b)],
  ["softmax", [[4, 90]], (x) => softmax(x, 1)],
  ["softmax", [[30, 4]], (x) => softmax(x, 0)],
  ["logSoftmax", [[4, 30]], (x) => logSoftmax(x, 1)],
  ["layerNorm", [[6, 70], [70], [70]], (x, weight, bias) => layerNorm(x, [70], { weight, bias })],
  ["rmsNorm", [[6, 20], [20]], (x, weight) => rmsNorm(x, 20, { weight })],
  ["conv", [[2, 4, 6, 5], [6, 2, 3, 3], [6]], (x, w, b) => conv2d(x, w, b, { padding: 1, groups: 2 })],
  [
    "convTranspose",
    [
      [2, 4, 3, 5],
      [4, 3, 3, 3],
    ],
    (x, w) => convTranspose2d(x, w, null, { stride: 2 }),
  ],
  ["maxPool", [[2, 3, 9, 7]], (x) => maxPool2d(x, 3, { stride: 2, padding: 1 })],
  [
    "scaledDotProductAttention",
    [
      [2, 2, 70, 16],
      [2, 2, 66, 16],
      [2, 2, 66, 20],
    ],
    (q, k, v) => scaledDotProductAttention(q, k, v),
  ],
  [
    "scaledDotProductAttention",
    [
      [3, 33, 8],
      [3, 33, 8],
      [3, 33, 8],
    ],
    (q, k, v) => scaledDotProductAttention(q, k, v, { isCausal: true }),
  ],
  [
    "maskedAttention",
    [
      [2, 10, 8],
      [2, 12, 8],
      [2, 12, 8],
      [2, 10, 12],
    ],
    (q, k, v, attnMask) => scaledDotProductAttention(q, k, v, { attnMask }),
  ],
];
const missing = missingFor("fused kernels of halves");

describe.skipIf(missing !== null)("fused kernels of halves", () => {
  let backend: CudaBackend;
  beforeAll(async () => {
    backend = registerBackend(await cudaEmulated());
  });
  afterAll(() => backend.dispose());

  /** The dtypes of the first input of the calls of a kernel. */
  const seen = (name: string, run: () => void): string[] => {
    const kernel = (backend.fused as { readonly [name: string]: { run: FusedKernel["run"] } })[name]; // for a while it is not read-only
    const own = kernel.run;
    const found: string[] = [];
    kernel.run = (inputs, outputs, attrs) => {
      found.push(inputs[0]?.dtype ?? "");
      own.call(kernel, inputs, outputs, attrs);
    };
    try {
      run();
    } finally {
      kernel.run = own;
    }
    return found;
  };
  /** How far apart neighbours of a dtype are near 1. */
  const steps = { float16: 2 ** -10, bfloat16: 2 ** -7 };
  const near = (found: Tensor, wanted: Tensor, dtype: keyof typeof steps, what: string): void => {
    expect(found.dtype, what).toBe(wanted.dtype);
    const right = Array.from(wanted.to("float32").dataSync(), Number);
    const far = Array.from(found.to("float32").dataSync(), Number).filter(
      // where float32's last places decide, a neighbour
      (value, i) => !(Math.abs(value - right[i]) <= steps[dtype] * Math.max(2 ** -6, Math.abs(right[i]))),
    );
    expect(far, what).toEqual([]);
  };

  for (const dtype of ["float16", "bfloat16"] as const)
    test.each(cases)(`${dtype}: %s of %j`, (name, shapes, of) => {
      tidy(() => {
        manualSeed(4);
        const drawn = shapes.map((shape) => randn(shape).to(dtype));
        // what halves hold, too: the gradient that comes in is the same then
        const weights = randn([6000]).to("bfloat16").to("float32").to("cuda");
        const run = (as: DType): Tensor[] => {
          const inputs = drawn.map((t) => t.to(as).to("cuda"));
          for (const t of inputs) t.requiresGrad = true;
          const y = of(...inputs);
          expect(y.dtype).toBe(as);
          sum(y.to("float32").mul(weights.narrow(0, 0, y.size).reshape(y.shape))).backward();
          return [y, ...inputs.flatMap(({ grad }) => (grad ? [grad] : []))];
        };
        let found: Tensor[] = [];
        expect(
          seen(name, () => {
            found = run(dtype);
          })[0],
        ).toBe(dtype);
        const wanted = withoutFused(() => run("float32").map((t) => t.to(dtype)));
        for (const [i, t] of found.entries()) near(t, wanted[i], dtype, `result ${i}`);
      });
    });

  for (const dtype of ["float16", "bfloat16"] as const)
    test.each([[[10, 12]], [[1, 12]], [[2, 1, 12]]])(
      `${dtype}: the gradient of an attention mask %j for [2, 10, 12] is float32's, its shares rounded before they are summed`,
      (shape) => {
        tidy(() => {
          manualSeed(4);
          const drawn = [[2, 10, 8], [2, 12, 8], [2, 12, 8], shape].map((sizes) => randn(sizes).to(dtype));
          const weights = randn([2, 10, 8]).to("bfloat16").to("float32").to("cuda");
          const gradient = (as: DType, whole: boolean): Tensor => {
            const [q, k, v, given] = drawn.map((t) => t.to(as).to("cuda"));
            const attnMask = whole ? given.expand([2, 10, 12]).clone() : given;
            attnMask.requiresGrad = true;
            sum(scaledDotProductAttention(q, k, v, { attnMask }).to("float32").mul(weights)).backward();
            return (attnMask.grad as Tensor).to("cpu"); // it took part
          };
          let found: Tensor | undefined;
          expect(seen("maskedAttention", () => (found = gradient(dtype, false)))[0]).toBe(dtype);
          expect([found?.dtype, found?.shape]).toEqual([dtype, shape]);
          const shares = withoutFused(() => gradient("float32", true));
          const total = (x: Tensor): number[] => {
            const batch = shape.length === 2 ? sum(x, 0) : x;
            const all = shape[shape.length - 2] === 1 ? sum(batch, -2, { keepdim: true }) : batch;
            return Array.from(all.dataSync(), Number);
          };
          const [wanted, sizes] = [total(shares), total(shares.abs())];
          // half a step of each share and of the sum, and float32's own last places
          const most = (i: number) => (steps[dtype] / 2) * (sizes[i] + Math.abs(wanted[i])) + 2 ** -20;
          const values = Array.from((found as Tensor).to("float32").dataSync(), Number);
          expect(values.filter((value, i) => !(Math.abs(value - wanted[i]) <= most(i)))).toEqual([]);
        });
      },
    );

  test.each([
    ["adamStep", (p: Tensor[]) => new Adam(p, { lr: 0.01, amsgrad: true })],
    ["sgdStep", (p: Tensor[]) => new SGD(p, { lr: 0.01, momentum: 0.9 })],
  ] as const)("%s follows float32's, rounding what it stores", (name, make) => {
    tidy(() => {
      manualSeed(4);
      const start = randn([50]);
      const gradient = randn([50]).to("float16");
      const step = (dtype: DType): Tensor => {
        const p = start.to("float16").to(dtype).to("cuda");
        p.requiresGrad = true;
        const optimizer = make([p]);
        for (let i = 0; i < 3; i++) {
          p.grad = gradient.to(dtype).to("cuda");
          optimizer.step();
        }
        return p.detach();
      };
      let found = start;
      expect(seen(name, () => (found = step("float16")))).toEqual(["float16", "float16", "float16"]);
      const wanted = step("float32");
      const apart = found.to("float32").sub(wanted).abs().max().item();
      expect(apart).toBeLessThan(3 * 2 ** -10); // values up to 4 are 2^-9 apart, and each of three steps is rounded to half of that
    });
  });
});
