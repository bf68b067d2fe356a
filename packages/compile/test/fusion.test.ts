import {
  arange,
  cat,
  compile,
  full,
  grad,
  isTensor,
  manualSeed,
  memory,
  nn,
  onesLike,
  randn,
  scaledDotProductAttention,
  stack,
  type Tensor,
  tensor,
  tidy,
  where,
  zeros,
} from "flambeau";
import { describe, expect, test } from "vitest";
import { expectSameBits } from "./support/equal.ts";

/** As many tensors as there are shapes, others at each call. */
const random =
  <S extends readonly (readonly number[])[]>(...shapes: S) =>
  (call: number): { [I in keyof S]: Tensor } => {
    manualSeed(call);
    return shapes.map((shape) => randn(shape)) as { [I in keyof S]: Tensor }; // map forgets how many
  };
const kernels = ({ stats }: { stats(): { kernels: { asked: number; run: number } } }): readonly [number, number] => [
  stats().kernels.asked,
  stats().kernels.run,
];

test("a filled tensor stays one for what adds it up: how much that is, its window says", () => {
  expectSameBits(() => (x: Tensor) => onesLike(x).sum(), random([4, 5]));
  expectSameBits(() => (x: Tensor) => onesLike(x).sum(0).mul(x), random([4, 5]));
  expectSameBits(() => (x: Tensor) => full([3, 4], 2.5).amax(1).add(x), random([3]));
});

describe("pointwise kernels become one", () => {
  test("a chain", () => {
    const f = expectSameBits(
      () => (x: Tensor) => x.mul(2).add(1).exp().neg().tanh().sub(x).relu().mul(x),
      random([7, 5]),
    );
    expect(kernels(f)).toEqual([8, 1]);
  });
  test("with numbers that differ from call to call", () => {
    const make = () => {
      let lr = 0;
      return (x: Tensor, y: Tensor) => {
        lr += 0.25;
        return x.sub(y.mul(lr)).mul(1 / lr);
      };
    };
    const f = expectSameBits(make, random([6], [6]));
    expect(kernels(f)).toEqual([3, 1]);
    expect(f.stats().tapes).toBe(1);
  });
  test("a product and a sum are not contracted", () => {
    const f = expectSameBits(() => (x: Tensor, y: Tensor) => x.mul(y).add(x).mul(y).sub(x), random([1000], [1000]));
    expect(kernels(f)[1]).toBe(1);
  });
  test.each<[string, (x: Tensor, y: Tensor) => Tensor, number]>([
    ["broadcast", (x, y) => x.mul(y.add(1)).add(2), 1],
    ["transposed", (x, y) => x.add(y).t().mul(2), 1],
    ["reshaped", (x) => x.mul(x).mul(3).reshape([2, 6]).add(1), 1],
    [
      "split and joined dimensions",
      (x, y) =>
        x
          .add(y)
          .view([3, 2, 2])
          .transpose(0, 1)
          .mul(y.view([2, 1, 2])),
      1,
    ],
    [
      "a dimension over several loops",
      (x) => {
        const out = zeros([2, 12]);
        out.narrow(1, 0, 6).copy_(x.mul(2).view([2, 6]));
        out.narrow(1, 6, 6).copy_(x.view([3, 2, 2]).transpose(0, 1).contiguous().view([2, 6]));
        return out;
      },
      3,
    ],
    ["sliced", (x, y) => x.mul(3).add(y).narrow(1, 1, 2).exp(), 1],
    [
      "halves of one result",
      (x, y) => {
        const [a, b] = x.add(y).chunk(2, 1);
        return a.exp().mul(b.tanh());
      },
      1,
    ],
    ["an expensive row that is broadcast stays", (x, y) => x.mul(y.exp()), 2],
    ["an expensive result that two read stays", (x, y) => x.exp().mul(2).add(y).mul(x.exp()), 1],
  ])("%s", (_, f, run) => {
    const compiled = expectSameBits(() => f, random([3, 4], [4]));
    expect(kernels(compiled)[1]).toBe(run);
  });
  test("a result with two expensive readers is computed once", () => {
    const f = expectSameBits(
      () => (x: Tensor) => {
        const e = x.exp();
        return [e.sum(0), e.matmul(e)];
      },
      random([4, 4]),
    );
    expect(kernels(f)).toEqual([3, 3]);
  });
  test("other dtypes, and what lies between as a bool", () => {
    expectSameBits(
      () => (x: Tensor) => [x.gt(0).logicalNot(), x.gt(0).mul(x), where(x.lt(0.5), x, 0).to("float64").exp()],
      random([9]),
    );
    expectSameBits(
      () => (x: Tensor) => x.to("int32").mul(3).add(1).to("int64").mul(2),
      (): [Tensor] => [tensor([1.7, -2.2, 3])],
    );
    expectSameBits(
      () => (x: Tensor) => x.to("uint8").add(250).mul(2).to("int32").add(1),
      (): [Tensor] => [tensor([1, 2, 9])],
    );
  });
  test.each(["float16", "bfloat16"] as const)("what is stored as %s is rounded", (dtype) => {
    const f = expectSameBits(
      () => (x: Tensor) => x.to(dtype).mul(1.1).add(0.3).mul(x.to(dtype)).to("float32"),
      random([64]),
    );
    expect(f.stats().kernels.run).toBeLessThanOrEqual(f.stats().kernels.asked);
  });
  test("positions in a tensor are those of its own shape", () => {
    expectSameBits(() => (x: Tensor) => arange(12).view([3, 4]).t().mul(x), random([4, 3]));
  });
});

describe("into reductions", () => {
  test.each<[string, (x: Tensor) => Tensor]>([
    ["all", (x) => x.mul(x).sum()],
    ["rows", (x) => x.exp().add(1).sum(1)],
    ["columns", (x) => x.abs().mul(2).amax(0)],
    ["of a transposed one", (x) => x.sin().t().sum(0)],
  ])("%s", (_, f) => {
    const compiled = compile(f);
    for (let call = 0; call < 3; call++)
      tidy(() => {
        const x = randn([40, 30]);
        const [wanted, got] = [f(x).dataSync(), compiled(x).dataSync()];
        // the terms are the same; sums may be taken in another order
        for (let i = 0; i < wanted.length; i++) {
          const [a, b] = [Number(wanted[i]), Number(got[i])];
          expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(a)));
        }
      });
    expect(compiled.stats().kernels.run).toBe(1);
  });
});

describe("the order of writes", () => {
  test("a value is that of before a write that comes after it", () => {
    const f = expectSameBits(
      () => (x: Tensor) => {
        const doubled = x.clone();
        const before = doubled.add(1);
        doubled.mul_(3);
        return before.mul(doubled);
      },
      random([8]),
    );
    expect(kernels(f)[0]).toBe(4);
  });
  test("a window of memory that is written meanwhile", () =>
    void expectSameBits(
      () => (x: Tensor) => {
        const y = x.clone();
        const right = y.narrow(0, 4, 4).mul(2);
        y.narrow(0, 4, 4).copy_(y.narrow(0, 0, 4));
        return right.add(y.narrow(0, 4, 4));
      },
      random([8]),
    ));
  test("in place on what is read in another order", () =>
    void expectSameBits(
      () => (x: Tensor) => {
        const y = x.clone();
        y.add_(y.t().mul(2).add(1));
        return y;
      },
      random([5, 5]),
    ));
  test("parameters that change in place from call to call", () => {
    const make = () => {
      const w = full([6], 1);
      return (g: Tensor) => {
        w.sub_(g.mul(0.1).add(w.mul(0.01)));
        return w.mul(1);
      };
    };
    expectSameBits(make, random([6]), 6);
  });
  test("results of several parts of memory", () =>
    void expectSameBits(
      () => (x: Tensor) => {
        const out = zeros([4, 6]);
        out.narrow(1, 0, 3).copy_(x.mul(2));
        out.narrow(1, 3, 3).copy_(x.add(1));
        return out.mul(out);
      },
      random([4, 3]),
    ));
});

test("memory is used again: a chain of results that each are needed twice", () => {
  const f = compile((x: Tensor) => {
    let y = x;
    for (let i = 0; i < 10; i++) y = y.matmul(x).add(y);
    return y;
  });
  const x = randn([16, 16]).mul(0.1);
  for (let i = 0; i < 2; i++) f(x).dispose();
  const { bytes } = f.stats();
  expect(bytes.held).toBeLessThan(bytes.asked / 4);
});

test("modules: layer norm, gelu and a residual", () => {
  const norm = new nn.LayerNorm(32);
  const f = expectSameBits(() => (x: Tensor) => norm.forward(x).gelu().add(x), random([10, 32]));
  expect(isTensor(f(randn([10, 32])))).toBe(true);
});

describe("single numbers", () => {
  /** Products with numbers, which no map can take in. */
  const products = (values: readonly number[]) => (x: Tensor) =>
    values.map((v) => full([1, 1], v).matmul(x.add(v))).reduce((sum, y) => sum.add(y));
  test("are filled once", () => {
    const f = expectSameBits(() => products([3, 3, 5]), random([1, 1]), 6);
    const [asked, run] = kernels(f);
    expect(asked - run).toBeGreaterThanOrEqual(3);
  });
  test("more of them than a device keeps, and others at each call", () => {
    let call = 0;
    const make = () => (x: Tensor) => products(Array.from({ length: 50 }, (_, i) => i * (1 + (call % 7))))(x);
    const args = (n: number) => {
      call = n;
      return random([1, 1])(n);
    };
    expectSameBits(make, args, 16);
    const compiled = compile(make());
    for (call = 0; call < 4; call++) compiled(full([1, 1], 1)).dispose();
    const held = memory().cpu.tensors;
    for (; call < 12; call++) compiled(full([1, 1], 1)).dispose();
    expect(memory().cpu.tensors).toBeLessThanOrEqual(held + 8); // the arguments, which a collection may have taken
  });
});

describe("results that are stored where they would be copied", () => {
  const heads = (x: Tensor) => x.view([3, 2, 2]).transpose(0, 1);
  /** The three gradients of attention, in a tensor of so many columns, each from a column on. */
  const gradients = (columns: number, at: readonly number[]) => (x: Tensor, weights: Tensor) => {
    const all = zeros([3, columns]);
    const parts = [x, x.mul(2), x.add(1)].map((t) => heads(t.detach()).requiresGrad_());
    const made = grad(scaledDotProductAttention(parts[0], parts[1], parts[2]).mul(weights).sum(), parts);
    made.forEach((g, i) => void all.narrow(1, at[i], 4).copy_((g as Tensor).transpose(0, 1).reshape([3, 4])));
    return all;
  };
  test.each<[string, number, readonly number[], number]>([
    ["side by side", 12, [0, 4, 8], 3],
    ["over one another: the last copy stays", 4, [0, 0, 0], 1],
    ["overlapping: each in its turn behind the first", 8, [0, 2, 4], 1],
  ])("%s", (_, columns, at, placed) => {
    const f = expectSameBits(() => gradients(columns, at), random([3, 4], [2, 3, 2]));
    expect(f.explain()).toContain(
      `attentionBackward: ${"[2,3,2], ".repeat(5)}[2,3] -> [2,3,2], [2,3,2], [2,3,2] (${1 + 2 * placed} calls)`,
    );
  });
});

describe("parts that lie from the beginning where they would be copied", () => {
  const parts = (x: Tensor, w: Tensor) => {
    const made = [1, 2, 3].map((n) => x.mul(n));
    return { made, products: made.map((part) => part.matmul(w)) };
  };
  test("of a stack, while products read them", () => {
    const f = expectSameBits(
      () => (x: Tensor, w: Tensor) => {
        const { made, products } = parts(x, w);
        return [stack(made), ...products];
      },
      random([4, 5], [5, 6]),
    );
    expect(kernels(f)).toEqual([9, 6]);
  });
  test("each written in pieces", () => {
    const f = expectSameBits(
      () => (x: Tensor, w: Tensor) => {
        const made = [1, 2].map((n) => cat([x.mul(n), x.add(n).exp()], 1));
        return [stack(made), ...made.map((part) => part.matmul(w))];
      },
      random([4, 5], [10, 6]),
    );
    expect(f.stats().kernels.run).toBe(6);
  });
  test("but where one is changed after it was copied", () => {
    expectSameBits(
      () => (x: Tensor, w: Tensor) => {
        const { made, products } = parts(x, w);
        const all = stack(made);
        made[1].fill_(0.5);
        return [all, made[1].matmul(w), ...products];
      },
      random([4, 5], [5, 6]),
    );
  });
  test("but where something else lies there until then, or comes there before it is read for the last time", () => {
    expectSameBits(
      () => (x: Tensor, w: Tensor) => {
        const all = zeros([3, 4, 5]).add(x);
        const part = x.exp();
        const product = part.matmul(w);
        const before = all.select(0, 1).matmul(w);
        all.select(0, 1).copy_(part);
        const after = all.select(0, 1).matmul(w);
        all.narrow(0, 1, 2).mul_(2);
        return [product, before, after, all, part.matmul(w).add(1)];
      },
      random([4, 5], [5, 6]),
    );
  });
  test("but where they are copied over one another", () => {
    expectSameBits(
      () => (x: Tensor, w: Tensor) => {
        const { made, products } = parts(x, w);
        const all = zeros([6, 5]);
        made.forEach((part, i) => void all.narrow(0, i, 4).copy_(part));
        return [all, ...products];
      },
      random([4, 5], [5, 6]),
    );
  });
  test("but where one is made from what lies beside it", () => {
    expectSameBits(
      () => (x: Tensor, w: Tensor) => {
        const all = zeros([2, 4, 5]);
        all.select(0, 0).copy_(x.tanh());
        const part = all.select(0, 0).exp();
        const product = part.matmul(w);
        all.select(0, 1).copy_(part);
        return [all, product];
      },
      random([4, 5], [5, 6]),
    );
  });
});
