import { backward, detectAnomaly, grad, setDetectAnomaly } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  AutogradError,
  chunk,
  clone,
  detach,
  enableGrad,
  exp,
  expand,
  inferenceMode,
  isGradEnabled,
  log,
  memory,
  mul,
  noGrad,
  ones,
  registerBackend,
  reshape,
  select,
  slice,
  sqrt,
  sub,
  sum,
  type Tensor,
  tensor,
  tidy,
  transpose,
} from "@flambeau/tensor";
import { describe, expect, test } from "vitest";

registerBackend(cpuWasm({ threads: 1 }));
const leaf = (data: number | number[] | number[][]): Tensor => tensor(data, { requiresGrad: true });

/** A leaf's gradient as numbers. A function, so that the compiler does not remember that `grad` was null. */
const gradOf = (x: Tensor): unknown => x.grad?.tolist() ?? null;

describe("backward", () => {
  test("gradients add up over passes until they are dropped, in the same tensor", () => {
    const x = leaf([1, 2]);
    sum(mul(x, x)).backward();
    const first = x.grad;
    expect(first?.tolist()).toEqual([2, 4]);
    sum(mul(x, 3)).backward();
    expect(x.grad).toBe(first);
    expect(x.grad?.tolist()).toEqual([5, 7]);
    x.grad = null;
    sum(x).backward();
    expect(gradOf(x)).toEqual([1, 1]);
  });

  test("a leaf used along several paths gets the sum of them", () => {
    const x = leaf(3);
    const y = mul(x, x);
    y.add(y.mul(x)).add(x).backward();
    expect(x.grad?.item()).toBe(2 * 3 + 3 * 9 + 1);
  });

  test("broadcast operands get gradients of their own shape and dtype", () => {
    const [x, w] = [
      leaf([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      tensor([[2]], { dtype: "float64", requiresGrad: true }),
    ]; // prettier-ignore
    sum(mul(x, w)).backward();
    expect(x.grad?.dtype).toBe("float32");
    expect(w.grad?.dtype).toBe("float64");
    expect(w.grad?.tolist()).toEqual([[21]]);
  });

  test("takes a gradient for results that are no scalars, and refuses to guess one", () => {
    const x = leaf([1, 2]);
    const y = mul(x, 2);
    expect(() => y.backward()).toThrow("only a scalar has an implicit gradient, this tensor has shape [2]");
    y.backward({ gradient: tensor([1, 10]) });
    expect(x.grad?.tolist()).toEqual([2, 20]);
    expect(() => mul(x, 2).backward({ gradient: ones([3]) })).toThrow("the gradient has shape [3], the tensor [2]");
  });

  test("of a tensor that nothing was recorded of names the usual causes", () => {
    expect(() => sum(tensor([1])).backward()).toThrow(/does not require gradients[\s\S]*noGrad/);
    expect(() => noGrad(() => sum(leaf([1]))).backward()).toThrow(/does not require gradients/);
  });

  test("a second time through freed tensors is refused, and allowed with retainGraph", () => {
    const x = leaf([1, 2]);
    const once = sum(exp(x));
    once.backward();
    expect(() => once.backward()).toThrow(
      /backward through ExpBackward a second time: its saved tensors were freed[\s\S]*retainGraph: true/,
    );
    const twice = sum(mul(x, x));
    x.grad = null;
    twice.backward({ retainGraph: true });
    twice.backward();
    expect(gradOf(x)).toEqual([4, 8]);
    expect(() => twice.backward()).toThrow(/a second time/);
  });

  test("a second time through a graph that saved nothing is fine, as in PyTorch", () => {
    const x = leaf([1, 2]);
    const y = sum(sub(x, 1));
    y.backward();
    y.backward();
    expect(x.grad?.tolist()).toEqual([2, 2]);
  });

  test("only into the leaves named by inputs", () => {
    const [x, w] = [leaf(2), leaf(3)];
    mul(x, w).backward({ inputs: [w] });
    expect(x.grad).toBe(null);
    expect(w.grad?.item()).toBe(2);
  });

  test("several roots at once", () => {
    const x = leaf([1, 2]);
    backward([sum(x), mul(x, x)], [tensor(2), tensor([1, 1])]);
    expect(x.grad?.tolist()).toEqual([4, 6]);
  });

  test("frees what was saved, unless it is retained", () => {
    const held = () => memory().cpu.bytes;
    const x = leaf([1, 2]);
    tidy(() => {
      const wide = mul(x, ones([1000, 2]));
      const big = exp(wide);
      const y = sum(big);
      wide.dispose();
      big.dispose(); // the graph holds it now
      y.backward({ retainGraph: true });
      const retained = held();
      y.backward();
      expect(retained - held()).toBeGreaterThanOrEqual(8000);
    });
  });
});

describe("in-place changes", () => {
  test("of a saved tensor are refused, naming the op and the versions", () => {
    const x = leaf([1, 2]);
    const y = exp(x);
    y.add_(1);
    expect(() => sum(y).backward()).toThrow(
      /ExpBackward: a tensor of shape \[2\] that it needs was changed in place \(version 1, saved at version 0\)[\s\S]*out-of-place/,
    );
  });
  test("through a view of a saved tensor are refused, too", () => {
    const x = leaf([1, 2]);
    const y = mul(x, 1);
    const z = mul(y, y);
    select(y, 0, 0).fill_(7);
    expect(() => sum(z).backward()).toThrow(/MulBackward.*changed in place/);
  });
  test("through a detached handle are refused, too", () => {
    const x = leaf([1, 2]);
    const y = exp(x);
    detach(y).mul_(2);
    expect(() => sum(y).backward()).toThrow(/changed in place/);
  });
  test("of what no rule needs are fine", () => {
    const x = leaf([1, 2]);
    const y = mul(x, 2);
    y.add_(1);
    y.mul_(3);
    sum(y).backward();
    expect(x.grad?.tolist()).toEqual([6, 6]);
  });
  test("whose own rule needs the old value are refused", () => {
    const x = leaf([1, 2]);
    const y = mul(x, 1);
    y.mul_(y);
    expect(() => sum(y).backward()).toThrow(/Mul_Backward.*changed in place/);
  });
  test("of a leaf, or a view of one, are refused while recording and fine in noGrad", () => {
    const x = leaf([1, 2]);
    expect(() => x.add_(1)).toThrow("add_: a leaf that requires gradients cannot be changed in place while recording");
    expect(() => select(x, 0, 0).mul_(2)).toThrow(/a view of a leaf that requires gradients/);
    expect(x.tolist()).toEqual([1, 2]);
    noGrad(() => x.add_(1));
    expect(x.tolist()).toEqual([2, 3]);
    expect(x.isLeaf).toBe(true);
  });
  test("of memory that a view repeats are refused", () => {
    const wide = expand(clone(leaf([1])), [3]);
    const repeats =
      /several elements of the target share one place in memory \(shape \[3\], strides \[0\]\)[\s\S]*clone\(\)/;
    for (const write of [() => wide.add_(1), () => wide.copy_(ones([3]))]) expect(write).toThrow(repeats);
    // one value for all is written, but as in PyTorch no gradient goes back through it to the memory
    expect(wide.fill_(2).tolist()).toEqual([2, 2, 2]);
    expect(() => sum(wide).backward()).toThrow(repeats);
  });
  test("of one part by another part work on the values before", () => {
    const x = leaf([1, 2, 3, 4]);
    const y = mul(x, 1);
    slice(y, 0, 0, 2).copy_(slice(y, 0, 2));
    sum(mul(y, y)).backward();
    expect(x.grad?.tolist()).toEqual([0, 0, 12, 16]); // PyTorch's figures
  });
  test("of a part that split gave reach the whole, or are refused", () => {
    const x = leaf([1, 2, 3, 4]);
    const y = mul(x, 1);
    const [part] = chunk(y, 2);
    let gradient: unknown = "refused";
    try {
      part.mul_(2);
      sum(y).backward();
      gradient = x.grad?.tolist();
      expect(y.tolist()).toEqual([2, 4, 3, 4]);
    } catch (error) {
      expect(error).toBeInstanceOf(AutogradError); // PyTorch refuses
    }
    if (gradient !== "refused") expect(gradient).toEqual([2, 2, 1, 1]);
  });
});

describe("hooks and retained gradients", () => {
  test("a hook can be removed", () => {
    const x = leaf([1, 2]);
    let calls = 0;
    const remove = x.registerHook(() => void calls++);
    const y = mul(x, 2);
    const removeInner = y.registerHook((g) => g.mul(100));
    sum(y).backward({ retainGraph: true });
    expect([calls, x.grad?.tolist()]).toEqual([1, [200, 200]]);
    remove();
    removeInner();
    x.grad = null;
    sum(y).backward();
    expect([calls, gradOf(x)]).toEqual([1, [2, 2]]);
  });
  test("a leaf's hook sees the sum of all paths once", () => {
    const x = leaf(2);
    const seen: number[] = [];
    x.registerHook((g) => void seen.push(g.item()));
    mul(x, x).add(mul(x, 5)).backward();
    expect(seen).toEqual([9]);
  });
  test("retainGrad keeps the gradient of a result, and it adds up", () => {
    const x = leaf([1, 2]);
    const y = mul(x, 3);
    y.retainGrad();
    sum(mul(y, y)).backward();
    expect(y.grad?.tolist()).toEqual([6, 12]);
    sum(y).backward();
    expect(y.grad?.tolist()).toEqual([7, 13]);
    const z = mul(x, 3);
    sum(z).backward();
    expect(z.grad).toBe(null);
  });
  test("ask for a tensor that requires gradients", () => {
    expect(() => tensor([1]).registerHook(() => {})).toThrow(/does not require gradients/);
    expect(() => tensor([1]).retainGrad()).toThrow(/does not require gradients/);
  });
});

describe("what is recorded", () => {
  test("detach shares memory and stops gradients", () => {
    const x = leaf([1, 2]);
    const y = mul(x, 2);
    const d = detach(y);
    expect([d.requiresGrad, d.isLeaf, d.storage === y.storage]).toEqual([false, true, true]);
    sum(mul(y, d)).backward();
    expect(x.grad?.tolist()).toEqual([4, 8]);
  });
  test("nothing in noGrad, everything again in enableGrad, also after an error", () => {
    const x = leaf([1, 2]);
    expect(noGrad(() => mul(x, 2)).requiresGrad).toBe(false);
    expect(noGrad(() => enableGrad(() => mul(x, 2))).requiresGrad).toBe(true);
    expect(() =>
      noGrad(() => {
        throw new Error("inside");
      }),
    ).toThrow("inside"); // prettier-ignore
    expect(isGradEnabled()).toBe(true);
  });
  test("nothing of tensors made in inferenceMode, ever", () => {
    const x = leaf([1, 2]);
    const y = inferenceMode(() => mul(x, 2));
    expect(y.requiresGrad).toBe(false);
    expect(() => {
      y.requiresGrad = true;
    }).toThrow(/inferenceMode/);
  });
  test("no graph of integers and comparisons", () => {
    const x = leaf([1, 2]);
    expect(x.gt(1).requiresGrad).toBe(false);
    expect(() => {
      tensor([1], { dtype: "int32" }).requiresGrad = true;
    }).toThrow(/only floating-point tensors can require gradients/);
  });
  test("requiresGrad of a result cannot be turned off", () => {
    const y = mul(leaf([1]), 2);
    expect(() => {
      y.requiresGrad = false;
    }).toThrow(/only that of a leaf[\s\S]*detach/);
  });
});

describe("grad", () => {
  test("leaves .grad alone, and takes leaves and results as inputs", () => {
    const x = leaf([1, 2]);
    const y = mul(x, x);
    const [dy, dx] = grad(sum(mul(y, 3)), [y, x]);
    expect([dy.tolist(), dx.tolist(), x.grad]).toEqual([[3, 3], [6, 12], null]); // prettier-ignore
  });
  test("an input named twice gets its gradient twice", () => {
    const x = leaf([1, 2]);
    const [a, b] = grad(sum(mul(x, x)), [x, x]);
    expect([a.tolist(), b.tolist()]).toEqual([
      [2, 4],
      [2, 4],
    ]); // prettier-ignore
    a.dispose();
    expect(b.tolist()).toEqual([2, 4]);
  });
  test("unused inputs are an error, or null", () => {
    const [x, u] = [leaf([1, 2]), leaf([3])];
    expect(() => grad(sum(x), [x, u])).toThrow(/the outputs do not depend on input 1[\s\S]*allowUnused/);
    expect(grad(sum(x), [x, u], { allowUnused: true })[1]).toBe(null);
    expect(() => grad(sum(x), [tensor([1])])).toThrow(/input 0 does not require gradients/);
  });
  test("with createGraph gives gradients that can be differentiated", () => {
    const x = leaf([1, 2]);
    const [g] = grad(sum(mul(mul(x, x), x)), [x], { createGraph: true });
    expect(g.requiresGrad).toBe(true);
    expect(grad(sum(g), [x])[0].tolist()).toEqual([6, 12]);
    expect(grad(sum(mul(x, x)), [x])[0].requiresGrad).toBe(false);
  });
  test("weights results by gradOutputs, which may require gradients themselves", () => {
    const x = leaf([1, 2]);
    const v = leaf([10, 20]);
    const [g] = grad(mul(x, x), [x], { gradOutputs: v, createGraph: true });
    expect(g.tolist()).toEqual([20, 80]);
    expect(grad(sum(g), [v])[0].tolist()).toEqual([2, 4]);
  });
  test("a gradient penalty trains through the gradient", () => {
    // d/dw of (d/dx (w x^2))^2 = (2 w x)^2 is 8 w x^2
    const [x, w] = [leaf(3), leaf(2)];
    const [g] = grad(mul(w, mul(x, x)), [x], { createGraph: true });
    mul(g, g).backward();
    expect(w.grad?.item()).toBe(8 * 2 * 9);
  });
});

describe("anomaly mode", () => {
  test("names the op that makes NaN, and the line that called it", () => {
    const x = leaf([-1, 4]);
    const run = () => detectAnomaly(() => sum(sqrt(x)).backward());
    expect(run).toThrow(
      /SqrtBackward made NaN in the gradient of its input 0; the forward op "sqrt" was called at .*engine\.test\.ts:\d+/,
    );
  });
  test("costs and says nothing when it is off", () => {
    const x = leaf([-1, 4]);
    sum(log(x)).backward();
    expect(x.grad?.tolist()).toEqual([-1, 0.25]);
    setDetectAnomaly(true);
    try {
      expect(() => sum(sqrt(x)).backward()).toThrow(/NaN/);
    } finally {
      setDetectAnomaly(false);
    }
    expect(() => sum(sqrt(x)).backward()).not.toThrow();
  });
});

describe("memory scopes", () => {
  test.each<[string, (x: Tensor) => Tensor]>([
    [
      "a view disposed of, its source not",
      (x) => {
        const h = x.mul(2);
        const v = h.t();
        const y = v.mul(v);
        v.dispose();
        return y;
      },
    ],
    [
      "both disposed of, the source before its use",
      (x) => {
        const h = x.mul(2);
        const v = h.t();
        h.dispose();
        const y = v.mul(v);
        v.dispose();
        return y;
      },
    ],
    [
      "several views, both disposed of",
      (x) => {
        const [a, b] = x.mul(2).split([1, 1], 1);
        const y = a.mul(b);
        a.dispose();
        b.dispose();
        return y;
      },
    ],
  ])("a result that leaves tidy keeps what its graph saved: %s", (_, f) => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const gradient = () => {
      const values = x.grad?.tolist();
      x.grad?.dispose();
      x.grad = null;
      return values;
    };
    tidy(() => f(x).sum().backward());
    const wanted = gradient();
    const held = memory().cpu.tensors;
    for (const depth of [1, 2]) {
      const y = depth === 1 ? tidy(() => f(x)) : tidy(() => tidy(() => f(x)));
      tidy(() => y.sum().backward());
      expect(gradient()).toEqual(wanted);
      y.dispose();
      expect(memory().cpu.tensors).toBe(held);
    }
    tidy(() => void tidy(() => f(x))); // and where nobody takes it on, it goes
    expect(memory().cpu.tensors).toBe(held);
  });

  test("a loss that leaves tidy takes what its graph saved along", () => {
    const x = leaf([1, 2]);
    const loss = tidy(() => sum(exp(mul(x, 2))));
    loss.backward();
    const [first, second] = gradOf(x) as number[]; // a vector
    expect(first).toBeCloseTo(2 * Math.exp(2), 4);
    expect(second).toBeCloseTo(2 * Math.exp(4), 4);
  });
  test("gradients of tensors from outside live on", () => {
    const x = leaf([1, 2]);
    tidy(() => sum(mul(x, x)).backward());
    tidy(() => sum(mul(x, x)).backward());
    expect(x.grad?.tolist()).toEqual([4, 8]);
  });
  test("a training step in tidy leaves nothing behind, with or without backward", () => {
    const x = leaf([1, 2]);
    const step = () => tidy(() => sum(exp(reshape(transpose(mul(x, ones([3, 2])), 0, 1), [-1]))).backward());
    step();
    const before = memory().cpu;
    for (let i = 0; i < 5; i++) {
      step();
      tidy(() => void exp(mul(x, 2)));
    }
    expect(memory().cpu.bytes).toBe(before.bytes);
  });
  test("grad and createGraph inside tidy", () => {
    const x = leaf([1, 2]);
    const g2 = tidy(() => {
      const [g] = grad(sum(mul(mul(x, x), x)), [x], { createGraph: true });
      return grad(sum(g), [x])[0];
    });
    expect(g2.tolist()).toEqual([6, 12]);
  });
});
