import { readFileSync } from "node:fs";
import { grad } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  arange,
  cat,
  cumsum,
  detach,
  expand,
  registerBackend,
  reshape,
  select,
  slice,
  sum,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from "@flambeau/tensor";
import { describe, expect, test } from "vitest";

// torch213.py computes the figures with PyTorch 2.13: each case below stands there under the same name
registerBackend(cpuWasm({ threads: 1 }));
const figures = JSON.parse(readFileSync(new URL("torch213.json", import.meta.url), "utf8"));

const f64 = { dtype: "float64" } as const;
const fill = (shape: readonly number[], f: (i: number) => number): Tensor => {
  const n = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float64Array.from({ length: n }, (_, i) => f(i)),
    { shape },
  );
};
const leaf = (...shape: number[]): Tensor => {
  const x = fill(shape, (i) => (i + 1) / 4);
  x.requiresGrad = true;
  return x;
};
const weights = (x: Tensor): Tensor => fill(x.shape, (i) => (i - 1) / 2);
const count = (n: number): Tensor => arange(n, null, 1, f64);

function close(actual: unknown, expected: unknown, path = ""): void {
  if (Array.isArray(expected)) {
    expect(Array.isArray(actual) && actual.length, `${path}.length`).toBe(expected.length);
    for (const [i, e] of expected.entries()) close((actual as unknown[])[i], e, `${path}[${i}]`);
  } else if (typeof expected === "number") expect(actual, path).toBeCloseTo(expected, 10);
  else expect(actual, path).toBe(expected);
}

const cases: { readonly [name: string]: () => readonly [result: Tensor, leaves: readonly Tensor[]] } = {
  mul_row() {
    const [x, w] = [leaf(2, 3), leaf(3)];
    const b = x.mul(1);
    select(b, 0, 0).mul_(w);
    return [b.mul(b), [x, w]];
  },
  copy_row() {
    const [x, v] = [leaf(2, 3), leaf(3)];
    const b = x.mul(2);
    select(b, 0, 1).copy_(v.mul(3));
    return [b.mul(b), [x, v]];
  },
  fill_column() {
    const x = leaf(2, 3);
    const b = x.mul(2);
    select(b, 1, 1).fill_(7);
    return [b.mul(b), [x]];
  },
  view_of_view() {
    const [x, w] = [leaf(3, 4), leaf(2)];
    const b = x.mul(1);
    select(slice(b.t(), 0, 1, 3), 1, 0).mul_(w);
    return [b.exp(), [x, w]];
  },
  view_made_before_the_base_changed() {
    const x = leaf(2, 3);
    const b = x.mul(2);
    const v = select(b, 0, 1);
    b.mul_(3);
    return [v.mul(v), [x]];
  },
  view_and_base_both_changed() {
    const x = leaf(2, 3);
    const b = x.mul(2);
    const [v, u] = [select(b, 0, 1), select(b, 1, 0)];
    b.mul_(3);
    v.add_(1);
    u.mul_(2);
    return [cat([reshape(b, [-1]), v.mul(v), u.mul(u)]), [x]];
  },
  views_of_views_after_a_write() {
    const [x, w] = [leaf(4), leaf(2)];
    const b = x.mul(1);
    const v = slice(b, 0, 1);
    const u = slice(v, 0, 0, 2);
    u.mul_(w);
    return [cat([b.mul(b), v.mul(v), u.mul(u)]), [x, w]];
  },
  write_into_zeros() {
    const x = leaf(3);
    const b = zeros([2, 3], f64);
    select(b, 0, 1).copy_(x.mul(x));
    slice(select(b, 0, 0), 0, 1).copy_(slice(x, 0, 0, 2));
    return [b.mul(b), [x]];
  },
  write_into_a_detached_part() {
    const x = leaf(2);
    const b = detach(slice(count(6), 0, 2));
    slice(b, 0, 1, 3).copy_(x.mul(x));
    return [b.mul(b), [x]];
  },
  write_into_a_detached_transpose() {
    const x = leaf(2);
    const b = detach(transpose(reshape(count(6), [2, 3]), 0, 1));
    select(b, 0, 1).copy_(x.mul(x));
    return [b.mul(b), [x]];
  },
  view_of_a_detached_transpose_after_a_write() {
    const x = leaf(3, 2);
    const b = detach(transpose(reshape(count(6), [2, 3]), 0, 1));
    const v = select(b, 0, 1);
    b.mul_(x);
    return [v.mul(v), [x]];
  },
  in_place_chain() {
    const x = leaf(4);
    return [x.mul(2).add_(1).mul_(3).sub_(x), [x]];
  },
  in_place_that_keeps_its_result() {
    const x = leaf(4);
    return [x.mul(1).tanh_().mul(2), [x]];
  },
  in_place_broadcast() {
    const [x, w] = [leaf(2, 3), leaf(3)];
    return [x.mul(1).add_(w, { alpha: 2 }).mul_(w), [x, w]];
  },
  clone_then_write() {
    const x = leaf(2, 2);
    const y = x.clone();
    select(select(y, 0, 0), 0, 0).fill_(9);
    return [y.mul(x), [x]];
  },
  masked_write() {
    const [x, v] = [leaf(2, 2), leaf()];
    const y = x.mul(2);
    y.maskedFill_(
      tensor([
        [true, false],
        [false, true],
      ]),
      v,
    ); // prettier-ignore
    return [y.mul(y), [x, v]];
  },
  indexed_write() {
    const [x, v] = [leaf(4), leaf(2)];
    const y = x.mul(2);
    y.indexPut_([tensor([0, 2], { dtype: "int32" })], v.mul(v));
    return [y.mul(y), [x, v]];
  },
  use_twice() {
    const x = leaf(3);
    const y = x.mul(x);
    return [y.mul(x).add(y), [x]];
  },
  expand_and_reduce() {
    const x = leaf(3, 1);
    return [cumsum(expand(x, [3, 4]), 1).mul(sum(x)), [x]];
  },
  unused_and_used() {
    const [x, u] = [leaf(3), leaf(2)];
    return [x.sin(), [x, u]];
  },
  strided_window_on_a_transpose() {
    const x = leaf(2, 3);
    const v = x.mul(1).t().asStrided([2, 2], [3, 1], 1);
    return [v.mul(v), [x]];
  },
  strided_window_on_repeated_elements() {
    const x = leaf(1, 3);
    const v = expand(x.mul(1), [2, 3]).asStrided([2, 2], [1, 1], 0);
    return [v.mul(v), [x]];
  },
  strided_window_beside_its_tensor() {
    const x = leaf(6);
    const v = slice(x.mul(1), 0, 2, 5).asStrided([3], [2], 1);
    return [v.mul(v), [x]];
  },
  write_through_a_strided_window() {
    const [x, w] = [leaf(2, 3), leaf(2, 2)];
    const b = x.mul(1).t();
    b.asStrided([2, 2], [3, 2], 0).mul_(w);
    return [b.mul(b), [x, w]];
  },
  rounded_quotient_in_place() {
    const [x, w] = [leaf(4), leaf(4)];
    const y = x.mul(5);
    y.div_(w.add(1), { roundingMode: "floor" });
    return [y.add(x), [x, w]];
  },
  comparison_in_place() {
    const x = leaf(4);
    const y = x.mul(2);
    slice(y, 0, 1).eq_(slice(x, 0, 1).mul(2));
    return [y.mul(x), [x]];
  },
  filled() {
    const [x, v] = [leaf(3), leaf()];
    return [x.fill(2).add(x.mul(2).fill(v)), [x, v]];
  },
  joined_with_nothing() {
    const [x, e] = [leaf(2, 2), leaf(0)];
    return [cat([e, x]), [x, e]];
  },
};

describe("in-place writes and views, against PyTorch's figures", () => {
  test("every figure has a case", () => {
    const others = ["orders", "retain_grad_then_in_place", "hessian", "hooks_around_in_place", "hooks_replace"];
    expect([...Object.keys(cases), ...others]).toEqual(Object.keys(figures));
  });
  for (const [name, make] of Object.entries(cases)) {
    test(name, () => {
      const [y, leaves] = make();
      close(y.tolist(), figures[name].y, "result");
      const found = grad(y, leaves, { gradOutputs: weights(y), allowUnused: true });
      close(
        found.map((g) => g?.tolist() ?? null),
        figures[name].grads,
        "gradients",
      );
    });
    test(`${name}, into .grad, with a graph of the gradients`, () => {
      const [y, leaves] = make();
      sum(y.mul(weights(y))).backward({ createGraph: true });
      close(
        leaves.map((x) => x.grad?.tolist() ?? null),
        figures[name].grads,
        "gradients",
      );
    });
  }
});

describe("derivatives of higher order, against PyTorch's figures", () => {
  const functions: { readonly [name: string]: (x: Tensor) => Tensor } = {
    "x**4": (x) => x.pow(4),
    tanh: (x) => x.tanh(),
    "sin(x) exp(x)": (x) => x.sin().mul(x.exp()),
    "1 / (1 + x*x)": (x) => x.mul(x).add(1).reciprocal(),
    "log1p(x)": (x) => x.log1p(),
    sigmoid: (x) => x.sigmoid(),
  };
  test.each(Object.entries(functions))("%s", (name, f) => {
    const x = tensor(0.7, { ...f64, requiresGrad: true });
    let y = f(x);
    for (const [order, expected] of figures.orders[name].entries()) {
      expect(y.item(), `derivative ${order}`).toBeCloseTo(expected, 8);
      [y] = grad(y, [x], { createGraph: true });
    }
  });

  test("a Hessian, row by row", () => {
    const x = leaf(2, 2);
    const y = sum(x).pow(3).add(x.prod());
    const [g] = grad(y, [x], { createGraph: true });
    const rows = [0, 1].map((i) =>
      [0, 1].map((j) => grad(select(select(g, 0, i), 0, j), [x], { retainGraph: true })[0].tolist()),
    );
    close(rows, figures.hessian);
  });
});

describe("hooks and retained gradients, against PyTorch's figures", () => {
  test("a retained gradient follows its tensor through an in-place op", () => {
    const x = leaf(3);
    const y = x.mul(2);
    y.retainGrad();
    y.mul_(3);
    sum(y.mul(weights(y))).backward();
    close(y.grad?.tolist(), figures.retain_grad_then_in_place.y);
    close(x.grad?.tolist(), figures.retain_grad_then_in_place.x);
  });
  test("a hook sees the gradient of the value that the tensor had when it was registered", () => {
    const seen: unknown[] = [];
    const x = leaf(3);
    const y = x.mul(2);
    y.registerHook((g) => void seen.push(g.tolist()));
    y.mul_(3);
    y.registerHook((g) => void seen.push(g.tolist()));
    sum(y.mul(weights(y))).backward();
    close(seen, figures.hooks_around_in_place);
  });
  test("what hooks return takes the gradient's place, in order", () => {
    const x = leaf(3);
    const y = x.clone();
    y.registerHook((g) => g.mul(2));
    y.registerHook((g) => g.add(1));
    x.registerHook((g) => g.mul(10));
    sum(y.mul(weights(y))).backward();
    close(x.grad?.tolist(), figures.hooks_replace);
  });
});
