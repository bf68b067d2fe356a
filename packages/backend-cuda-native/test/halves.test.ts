// Fused kernels take float16 and bfloat16 as they are: what they give is what float32 gives, rounded once.

import { cudaEmulated } from "@flambeau/backend-cuda-native/emulated";
import { Adam, SGD } from "@flambeau/optim";
import { type FusedKernel, withoutFused } from "@flambeau/tensor/plugin";
import {
  avgPool2d,
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
  ["sumPool", [[2, 3, 8, 8]], (x) => avgPool2d(x, 2)],
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
      [10, 12],
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
    const right = Array.from(wanted.dataSync(), Number);
    const far = Array.from(found.dataSync(), Number).filter(
      // where float32's last places decide, a neighbour
      (value, i) => !(Math.abs(value - right[i]) <= steps[dtype] * Math.max(2 ** -6, Math.abs(right[i]))),
    );
    expect(far, what).toEqual([]);
  };

  for (const dtype of ["float16", "bfloat16"] as const)
    test.each(cases)(`${dtype}: %s of %j`, (name, shapes, of) => {
      tidy(() => {
        manualSeed(4);
        const inputs = shapes.map((shape) => {
          const t = randn(shape).to(dtype).to("cuda");
          t.requiresGrad = true;
          return t;
        });
        const weights = randn([2000]).to("cuda");
        const run = (): Tensor[] => {
          for (const t of inputs) t.grad = null;
          const y = of(...inputs);
          expect(y.dtype).toBe(dtype);
          sum(y.to("float32").mul(weights.narrow(0, 0, y.size % 2000 || 1).sum())).backward();
          return [y, ...inputs.flatMap(({ grad }) => (grad ? [grad] : []))];
        };
        let found: Tensor[] = [];
        expect(seen(name, () => (found = run()))[0]).toBe(dtype);
        const wanted = withoutFused(run);
        found.forEach((t, i) => near(t, wanted[i], dtype, `result ${i}`));
      });
    });

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
