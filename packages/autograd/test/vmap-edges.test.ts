import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  ArgumentError,
  AutogradError,
  arange,
  batchNorm,
  DataDependentError,
  embedding,
  IndexError,
  keep,
  layerNorm,
  linear,
  maskedSelect,
  nonzero,
  ones,
  print,
  rand,
  registerBackend,
  ShapeError,
  sin,
  softmax,
  type Tensor,
  tensor,
  where,
  zeros,
} from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import { grad, vmap } from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

type F = (...xs: Tensor[]) => Tensor;
const any = (x: unknown): never => x as never; // what the types refuse, too

describe("vmap refuses, with a typed error", () => {
  const x = ones([3]);
  const refused: readonly [what: string, error: new (...args: never[]) => Error, run: () => unknown][] = [
    ["a batch dimension out of range", IndexError, () => vmap(sin, { inDims: 2 })(x)],
    ["batches of different sizes", ShapeError, () => vmap((a: Tensor, b: Tensor) => a.add(b))(ones([3]), ones([2]))],
    ["no argument that is a batch", ArgumentError, () => vmap(sin, { inDims: null })(x)],
    ["no argument that is a batch, in a list", ArgumentError, () => vmap(sin, { inDims: [null] })(x)],
    ["item()", DataDependentError, () => vmap((a: Tensor) => a.mul(a.item()))(x)],
    ["an if on values", DataDependentError, () => vmap((a: Tensor) => (a.gt(0).item() ? a : a.neg()))(x)],
    ["tolist()", DataDependentError, () => vmap((a: Tensor) => zeros([Number(a.tolist())]))(x)],
    [
      "positions whose number differs among the samples",
      DataDependentError,
      () =>
        vmap((a: Tensor) => nonzero(a))(
          tensor([
            [1, 0],
            [1, 1],
          ]),
        ),
    ],
    [
      "a mask whose count differs among the samples",
      DataDependentError,
      () =>
        vmap((a: Tensor) => maskedSelect(a, a.gt(0)))(
          tensor([
            [1, 0],
            [1, 1],
          ]),
        ),
    ],
    [
      "a write in place into what is the same for all",
      ShapeError,
      () => {
        const shared = zeros([]);
        return vmap((a: Tensor) => shared.add_(a))(x);
      },
    ],
    [
      "running statistics that are the same for all",
      ShapeError,
      () => {
        const [mean, variance] = [zeros([2]), ones([2])];
        return vmap((a: Tensor) => batchNorm(a, mean, variance, { training: true }))(rand([3, 4, 2]));
      },
    ],
    ["a number as result", ArgumentError, () => vmap(any(() => 1))(x)],
    ["outDims of another structure", ArgumentError, () => vmap((a: Tensor) => [a, a], { outDims: [0] })(x)],
    ["a batch dimension of a 0-d tensor", IndexError, () => vmap(sin)(ones([]))],
    ["a batch dimension of a number", ArgumentError, () => vmap(any(sin))(any(1))],
    ["outDims out of range", IndexError, () => vmap(sin, { outDims: 1 })(x)],
    ["outDims null for what differs", ArgumentError, () => vmap(sin, { outDims: null })(x)],
    [
      "a tensor that left the function",
      AutogradError,
      () => {
        let left = x;
        vmap((a: Tensor) => (left = keep(a.mul(2))))(x);
        return left.add(1);
      },
    ],
  ];
  it.each(refused)("%s", (_, error, run) => {
    expect(run).toThrow(error);
  });
});

describe("a tensor inside vmap", () => {
  it("says what it is where it is printed", () => {
    const seen: string[] = [];
    const look = (x: Tensor): Tensor => {
      seen.push(print(x), `${x.gt(0)}`);
      return x;
    };
    vmap(look)(ones([4, 3]));
    vmap(vmap(look))(ones([4, 2, 3]));
    vmap(grad((x: Tensor) => look(x).sum()))(ones([1, 3]));
    expect(seen).toEqual([
      "vmap(tensor of shape [3], float32, 4 samples)",
      "vmap(tensor of shape [3], bool, 4 samples)",
      "vmap(tensor of shape [3], float32, 2 x 4 samples)",
      "vmap(tensor of shape [3], bool, 2 x 4 samples)",
      "vmap(tensor of shape [3], float32, 1 sample)",
      "vmap(tensor of shape [3], bool, 1 sample)",
    ]);
  });
  it("and inside grad is printed with its values, and outside with what it was", () => {
    let left = ones([]);
    const seen: string[] = [];
    grad((x: Tensor) => {
      left = keep(x.mul(2));
      seen.push(print(left.detach()));
      return left.sum();
    })(ones([2]));
    expect(seen).toEqual(["tensor([2., 2.])"]);
    expect(print(left)).toBe("grad(tensor of shape [2], float32)");
  });
});

/** A nested vmap is two loops. */
function twice(f: F, ...xs: Tensor[]): void {
  const [outer, inner] = xs[0].shape;
  const found = vmap(vmap(f))(...xs);
  for (let i = 0; i < outer; i++)
    for (let k = 0; k < inner; k++) {
      const own = f(...xs.map((x) => x.select(0, i).select(0, k)));
      const [a, b] = [found.select(0, i).select(0, k), own].map((t) => t.flatten().tolist() as number[]);
      a.forEach((value, n) => {
        expect(value).toBeCloseTo(b[n], 5);
      });
    }
}
describe("nested vmap", () => {
  it("is right for products, reductions, norms, lookups and choices", () => {
    const [x, w, v] = [rand([2, 3, 4, 5]), rand([2, 3, 6, 5]), rand([2, 3, 5])];
    twice((a) => a.sum(0), x);
    twice((a) => a.max(), x);
    twice((a) => softmax(a, -1), x);
    twice((a, b) => linear(a, b), x, w);
    twice((a, b) => a.matmul(b), x, v);
    twice((a, b) => layerNorm(a, [5], { weight: b }), x, v);
    twice((a, b) => where(a.gt(b), a, b.mul(2)), x, v);
    twice((a) => embedding(a, arange(3).to("int32")), x);
  });
  it("takes a tensor of each level in any order", () => {
    const [a, b] = [rand([2, 4]), rand([3, 4])];
    const table = vmap((x: Tensor) => vmap((y: Tensor) => x.mul(y).sum())(b))(a);
    const wanted = a.matmul(b.transpose(0, 1));
    expect(table.shape).toEqual([2, 3]);
    expect(table.sub(wanted).abs().max().item()).toBeLessThan(1e-6);
  });
});

describe("an empty batch and a batch of one", () => {
  it("have the shapes of their samples", () => {
    const f = (x: Tensor, w: Tensor) => softmax(linear(x, w), -1);
    expect(vmap(f, { inDims: [0, null] })(zeros([0, 2, 5]), rand([3, 5])).shape).toEqual([0, 2, 3]);
    expect(vmap(f, { inDims: [null, 0] })(rand([2, 5]), zeros([0, 3, 5])).shape).toEqual([0, 2, 3]);
    expect(vmap(f, { inDims: [0, null] })(rand([1, 2, 5]), rand([3, 5])).shape).toEqual([1, 2, 3]);
    const slope = vmap(
      grad((x: Tensor, w: Tensor) => f(x, w).max(), { argnums: 1 }),
      { inDims: [0, null] },
    );
    expect(slope(zeros([0, 2, 5]), rand([3, 5])).shape).toEqual([0, 3, 5]);
  });
});
