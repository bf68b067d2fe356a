import {
  ArgumentError,
  AutogradError,
  DataDependentError,
  DTypeError,
  grad,
  gradAndValue,
  hessian,
  IndexError,
  jacfwd,
  jacrev,
  jvp,
  linearize,
  memory,
  nn,
  noGrad,
  rand,
  randn,
  ShapeError,
  type Tensor,
  tensor,
  tidy,
  vjp,
  vmap,
  zeros,
} from "flambeau";
import { describe, expect, test } from "vitest";

const f64 = { dtype: "float64" } as const;
const cube = (x: Tensor) => x.pow(3).sum();

describe("errors", () => {
  test("reads inside vmap, also through a gradient", () => {
    const reads = (x: Tensor) => (x.sum().item() > 0 ? x : x.neg());
    expect(() => vmap(reads)(zeros([2, 3]))).toThrow(DataDependentError);
    expect(() => vmap(grad((x: Tensor) => x.mul(x.sum().item()).sum()))(zeros([2, 3]))).toThrow(DataDependentError);
    // where there is one value it may be read
    expect(grad((x: Tensor) => x.mul(x.sum().item()).sum())(tensor([1, 2])).tolist()).toEqual([3, 3]);
  });
  test("shapes that depend on values", () => {
    const some = (x: Tensor) => x.maskedSelect(x.gt(0));
    expect(() =>
      vmap(some)(
        tensor([
          [1, -1],
          [1, 1],
        ]),
      ),
    ).toThrow(DataDependentError);
  });
  test("a handle that leaves its level", () => {
    let kept: Tensor | undefined;
    vmap((x: Tensor) => {
      kept = x.mul(2);
      return x;
    })(zeros([2, 3]));
    expect(() => kept?.add(1)).toThrow(/vmap|disposed/);
    grad((x: Tensor) => {
      kept = x.mul(2);
      return x.sum();
    })(zeros([3]));
    expect(() => kept?.add(1)).toThrow(/grad|disposed/);
  });
  test("asynchronous functions", () => {
    const late = async (x: Tensor) => x;
    expect(() => vmap(late)(zeros([2]))).toThrow(/synchronous/);
    expect(() => grad(late)(zeros([]))).toThrow(/synchronous/);
    expect(() => jvp(late as never, zeros([2]), zeros([2]))).toThrow(/synchronous/);
  });
  test("dimensions of batches", () => {
    const same = (x: Tensor, y: Tensor) => x.add(y);
    expect(() => vmap(same)(zeros([2]), zeros([3]))).toThrow(ShapeError);
    expect(() => vmap(same, { inDims: [0, 1] })(zeros([2]), zeros([2]))).toThrow(IndexError);
    expect(() => vmap(same, { inDims: [0] })(zeros([2]), zeros([2]))).toThrow(ArgumentError);
    expect(() => vmap(same, { inDims: [null, null] })(zeros([2]), zeros([2]))).toThrow(ArgumentError);
    expect(() => vmap(same, { outDims: [0, 0] })(zeros([2]), zeros([2]))).toThrow(ArgumentError);
    expect(() => vmap(same, { outDims: null })(zeros([2]), zeros([2]))).toThrow(/differs among the samples/);
    expect(() => vmap((x: Tensor) => x.shape.length as never)(zeros([2]))).toThrow(/must return tensors/);
  });
  test("random draws, unless it is said how", () => {
    const noisy = (x: Tensor) => x.add(rand([3]));
    expect(() => vmap(noisy)(zeros([2, 3]))).toThrow(AutogradError);
    const [a, b] = vmap(noisy, { randomness: "same" })(zeros([2, 3])).tolist() as number[][];
    expect(a).toEqual(b);
    const [c, d] = vmap(noisy, { randomness: "different" })(zeros([2, 3])).tolist() as number[][];
    expect(c).not.toEqual(d);
  });
  test("gradients of what is no scalar, of nothing, of integers", () => {
    expect(() => grad((x: Tensor) => x.mul(2))(zeros([2]))).toThrow(/scalar/);
    expect(() => vjp((..._: Tensor[]) => tensor(1), [] as Tensor[])).toThrow(ArgumentError);
    expect(() => grad(cube, { argnums: 1 })(zeros([2]))).toThrow(ArgumentError);
    expect(() => vjp(() => tensor(1), [])).toThrow(ArgumentError);
    const whole = tensor([1, 2], { dtype: "int32" });
    expect(() => jvp((x: Tensor) => x, whole, whole)).toThrow(DTypeError);
    expect(() => jvp((x: Tensor) => x, zeros([2]), zeros([3]))).toThrow(ShapeError);
  });
  test("writes to what comes from outside", () => {
    const outside = zeros([2]);
    expect(() => grad((x: Tensor) => outside.add_(x).sum())(zeros([2]))).toThrow(AutogradError);
    expect(() => jvp((x: Tensor) => outside.add_(x), zeros([2]), zeros([2]))).toThrow(AutogradError);
    expect(() => vmap((x: Tensor) => outside.add_(x))(zeros([3, 2]))).toThrow(ShapeError);
    expect(outside.tolist()).toEqual([0, 0]);
  });
  test("the stack is as before after an error", () => {
    expect(() => vmap(grad((x: Tensor) => x.matmul(zeros([9, 9])).sum()))(zeros([2, 3]))).toThrow(ShapeError);
    expect(grad(cube)(tensor([1, 2])).tolist()).toEqual([3, 12]);
  });
});

describe("what holds inside", () => {
  test("noGrad inside counts, around it does not", () => {
    const half = (x: Tensor) => x.mul(noGrad(() => x.mul(1))).sum();
    expect(grad(half)(tensor([2, 3])).tolist()).toEqual([2, 3]);
    expect(noGrad(() => grad(cube)(tensor([1, 2]))).tolist()).toEqual([3, 12]);
  });
  test("parameters that are used are differentiated outside", () => {
    const w = tensor([2, 3], { requiresGrad: true });
    const slope = grad((x: Tensor) => x.mul(w).pow(2).sum())(tensor([1, 2]));
    slope.sum().backward();
    expect(w.grad?.tolist()).toEqual([8, 24]);
  });
  test("a batch is differentiated from outside", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    vmap(cube)(x).sum().backward();
    expect(x.grad?.tolist()).toEqual([
      [3, 12],
      [27, 48],
    ]);
  });
  test("views and writes in place, at every level", () => {
    const f = (x: Tensor) => {
      const y = x.mul(2);
      y.at(0).mul_(x.at(1));
      y.add_(1);
      return y.pow(2).sum();
    };
    const xs = tensor(
      [
        [1, 2],
        [0.5, -1],
      ],
      f64,
    );
    const each = [0, 1].map((i) => grad(f)(xs.at(i)).tolist());
    expect(each[0]).toEqual([40, 40]);
    expect(vmap(grad(f))(xs).tolist()).toEqual(each);
    const t = tensor([1, 0.5], f64);
    const along = [0, 1].map((i) => jvp(f, xs.at(i), t)[1].item());
    expect(along).toEqual(each.map((g) => (g as number[])[0] + 0.5 * (g as number[])[1]));
    expect(vmap((x: Tensor) => jvp(f, x, t)[1])(xs).tolist()).toEqual(along);
  });
  test("a pullback may be called again and inside vmap", () => {
    const [, pull] = vjp((x: Tensor) => x.mul(x), tensor([1, 2]));
    expect(pull(tensor([1, 1])).tolist()).toEqual([2, 4]);
    expect(pull(tensor([1, 0])).tolist()).toEqual([2, 0]);
    expect(
      vmap(pull)(
        tensor([
          [1, 0],
          [0, 1],
        ]),
      ).tolist(),
    ).toEqual([
      [2, 0],
      [0, 4],
    ]);
  });
  test("linearize runs the function once", () => {
    let calls = 0;
    const [, push] = linearize(
      (x: Tensor) => {
        calls++;
        return x.sin();
      },
      tensor([0, 0]),
    );
    expect(push(tensor([1, 2])).tolist()).toEqual([1, 2]);
    expect(push(tensor([3, 4])).tolist()).toEqual([3, 4]);
    expect(calls).toBe(1);
  });
});

describe("laws", () => {
  const net = (w: Tensor, b: Tensor, x: Tensor) => x.matmul(w).add(b).tanh().softmax(-1).log().pow(2).sum();
  const args = () => [randn([4, 3], f64), randn([3], f64), randn([5, 4], f64)] as const;
  const close = (a: Tensor, b: Tensor) => expect(a.sub(b).abs().max().item()).toBeLessThan(1e-10);

  test("one gradient per sample", () => {
    const [w, b, x] = args();
    const each = vmap(grad(net, { argnums: [0, 1] }), { inDims: [null, null, 0] })(w, b, x);
    for (let i = 0; i < 5; i++) {
      const own = grad(net, { argnums: [0, 1] })(w, b, x.at(i));
      own.forEach((g, k) => {
        close(each[k].at(i), g);
      });
    }
    const [whole] = grad(net, { argnums: [0] })(w, b, x);
    close(each[0].sum(0), whole);
  });
  test("forward and reverse Jacobians are one, chunks or not", () => {
    const [w, b, x] = args();
    const f = (y: Tensor) => y.matmul(w).add(b).tanh();
    const reverse = jacrev(f)(x);
    close(jacfwd(f)(x), reverse);
    close(jacrev(f, { chunkSize: 4 })(x), reverse);
    close(jacfwd(f, { chunkSize: 3 })(x), reverse);
  });
  test("Hessians are symmetric", () => {
    const [w, b, x] = args();
    const h = hessian((y: Tensor) => net(w, b, y))(x.at(0));
    close(h, h.t());
  });
  test("chunks of vmap, an empty batch, and nothing to batch", () => {
    const [w, b, x] = args();
    const f = (y: Tensor) => net(w, b, y);
    close(vmap(f, { chunkSize: 2 })(x), vmap(f)(x));
    expect(vmap(f)(zeros([0, 4], f64)).shape).toEqual([0]);
    expect(vmap(grad(f))(zeros([0, 4], f64)).shape).toEqual([0, 4]);
  });
});

describe("memory", () => {
  const model = new nn.Sequential(new nn.Linear(4, 8), new nn.Tanh(), new nn.Linear(8, 2));
  const f = (x: Tensor) => model.forward(x).pow(2).sum();
  const calls: readonly [name: string, call: () => unknown][] = [
    ["grad", () => grad(f)(randn([4]))],
    ["grad of grad", () => grad((x: Tensor) => grad(f)(x).pow(2).sum())(randn([4]))],
    ["gradAndValue", () => gradAndValue(f)(randn([4]))],
    ["vjp", () => vjp(f, randn([4]))[1](tensor(1))],
    ["jvp", () => jvp(f, randn([4]), randn([4]))],
    ["jacrev", () => jacrev((x: Tensor) => model.forward(x))(randn([4]))],
    ["jacfwd", () => jacfwd((x: Tensor) => model.forward(x))(randn([4]))],
    ["hessian", () => hessian(f)(randn([4]))],
    ["vmap", () => vmap(f)(randn([5, 4]))],
    ["vmap of grad", () => vmap(grad(f))(randn([5, 4]))],
    ["linearize", () => linearize(f, randn([4]))[1](randn([4]))],
  ];
  test.each(calls)("%s leaves nothing behind in a scope", (_, call) => {
    const run = () => noGrad(() => tidy(() => void call()));
    run();
    const before = memory().cpu.tensors;
    for (let i = 0; i < 3; i++) run();
    expect(memory().cpu.tensors).toBe(before);
  });
});
