import { gradcheck, gradgradcheck } from "@flambeau/autograd";
import {
  add,
  amax,
  cat,
  conv2d,
  cumsum,
  type DType,
  DTypeError,
  div,
  dtypes,
  exp,
  gather,
  indexSelect,
  layerNorm,
  log,
  logSoftmax,
  matmul,
  maxPool2d,
  mean,
  mul,
  softmax,
  sort,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  transpose,
  where,
  zeros,
} from "@flambeau/tensor";
import { describe, expect, test } from "vitest";
import { expectGradients } from "./differences.ts";
import { Draw } from "./draw.ts";
import type { Subject } from "./subject.ts";

type Composite = readonly [name: string, shapes: readonly (readonly number[])[], f: (...inputs: Tensor[]) => unknown];

/** Ops made of several primitives; wrong strides, scatters or broadcasts anywhere show in their gradients. */
const composites: readonly Composite[] = [
  ["broadcasting arithmetic", [[2, 3], [3]], (x, y) => div(mul(x, y), add(exp(y), 2))],
  [
    "matmul of a transposed batch",
    [
      [2, 3, 4],
      [4, 2],
    ],
    (x, y) => matmul(x, y),
  ],
  ["softmax and logSoftmax", [[2, 4]], (x) => [softmax(x, -1), logSoftmax(transpose(x, 0, 1), -1)]],
  ["mean, variance, log", [[3, 4]], (x) => log(add(mean(mul(sub(x, mean(x, 1, { keepdim: true })), x), 1), 3))],
  ["amax and where", [[3, 4]], (x) => [amax(x, 1), where(x.gt(0), mul(x, x), x)]],
  ["sort and cumsum", [[2, 5]], (x) => [sort(x, 1).values, cumsum(tanh(x), 0)]],
  [
    "cat, gather, indexSelect",
    [
      [2, 3],
      [2, 2],
    ],
    (x, y) => {
      const z = cat([x, y], 1);
      return [
        gather(
          z,
          1,
          index(z, [
            [0, 4],
            [1, 1],
          ]),
        ),
        indexSelect(z, 0, index(z, [1, 1, 0])),
      ];
    },
  ], // prettier-ignore
  ["layerNorm", [[2, 5], [5], [5]], (x, weight, bias) => layerNorm(x, [5], { weight, bias })],
  [
    "conv2d and maxPool2d",
    [
      [1, 2, 5, 5],
      [2, 2, 2, 2],
    ],
    (x, w) => maxPool2d(conv2d(x, w, null, { padding: 1 }), 2),
  ],
  ["sum of a strided view", [[4, 6]], (x) => sum(mul(transpose(x, 0, 1).narrow(0, 1, 3), 3), 1)],
]; // prettier-ignore

const index = (like: Tensor, values: number[] | number[][]): Tensor =>
  tensor(values, { dtype: "int32", device: like.device });

/** Training on the backend: gradients against differences, and the dtypes that it claims and does not. */
export function gradientTests({ backend }: Subject): void {
  const points = (shapes: Composite[1], dtype: DType): Tensor[] => {
    const draw = new Draw(51);
    // apart from each other, so that no two are tied or swapped by a step of the differences
    return shapes.map((shape) => {
      const n = shape.reduce((a, s) => a * s, 1);
      const order = Array.from({ length: n }, (_, i) => i).sort(() => draw.between(-1, 1));
      return tensor(
        Float64Array.from(order, (k) => (k + 0.5) / n - 0.45),
        { shape, dtype, device: backend.name, requiresGrad: true },
      );
    });
  };

  describe("gradients", () => {
    const wide = backend.dtypes.has("float64");
    for (const [name, shapes, f] of composites) {
      test(name, async () => {
        // gradcheck reads values synchronously
        if (!backend.readSync) return expectGradients(f, points(shapes, "float32"));
        const options = wide ? {} : { eps: 2e-3, atol: 2e-2, rtol: 2e-2 };
        expect(gradcheck(f, points(shapes, wide ? "float64" : "float32"), options)).toBe(true);
      });
      // float32's rounding drowns second differences
      if (wide && backend.readSync)
        test(`${name}, second derivatives`, () => {
          expect(gradgradcheck(f, points(shapes, "float64"))).toBe(true);
        });
    }
  });

  describe("dtypes", () => {
    for (const dtype of dtypes)
      test(dtype, async () => {
        const device = backend.name;
        if (!backend.dtypes.has(dtype)) return expect(() => zeros([2], { dtype, device })).toThrow(DTypeError);
        const x = tensor([1, 0, 1], { dtype, device });
        const both = [add(x, x), cat([x, x], 0), where(x.ne(0), x, x)];
        for (const t of both) expect(t.dtype).toBe(dtype);
        expect(Array.from(await both[1].data(), Number).map(Boolean)).toEqual([true, false, true, true, false, true]);
        for (const t of [x, ...both]) t.dispose();
      });
  });
}
