import * as fl from "flambeau";
import { losses, tensor } from "flambeau";
import { describe, expect, test } from "vitest";

const f64 = { dtype: "float64", requiresGrad: true } as const;
/** The slopes of `y` at `x`, for gradients `g`. */
const slope = (y: fl.Tensor, x: fl.Tensor, g: readonly number[] | number = 1): fl.Tensor =>
  fl.grad([y], [x], { gradOutputs: [fl.zerosLike(y).add(tensor(g, { dtype: y.dtype }))], createGraph: true })[0];

describe("what is masked out of a gradient, by PyTorch 2.13", () => {
  test("klDiv in its target", () => {
    const t = tensor([0, 0.5, -1, Infinity, 2], f64);
    const x = tensor([0.5, -1, 2, 1, Infinity], { dtype: "float64" });
    const y = losses.klDiv(x, t, { reduction: "none" });
    expect(slope(y, t).tolist()).toEqual([NaN, 1 + Math.log(0.5) + 1, NaN, NaN, -Infinity]);
    expect(slope(y, t, 0).tolist()).toEqual([NaN, 0, 0, NaN, NaN]);
  });

  test("huber and smoothL1 are flat twice at NaN", () => {
    for (const loss of [losses.huber, losses.smoothL1]) {
      const x = tensor([0.5, NaN, 3], f64);
      const once = slope(loss(x, fl.zerosLike(x.detach()), { reduction: "none" }), x);
      expect(once.tolist()).toEqual([0.5, NaN, 1]);
      expect(slope(once, x).tolist()).toEqual([1, 0, 0]);
    }
  });

  test("the quotient in a remainder's gradient has none", () => {
    const y = tensor([0, 2, NaN, Infinity], f64);
    const once = slope(fl.remainder(tensor([1, 5, 1, 1], { dtype: "float64" }), y), y);
    expect(once.tolist()).toEqual([-Infinity, -2, NaN, -0]);
    expect(fl.grad([once.sum()], [y], { allowUnused: true })[0]?.tolist() ?? [0, 0, 0, 0]).toEqual([0, 0, 0, 0]);
  });

  test("whole extremes and medians give nothing to the others, whatever the gradient", () => {
    for (const whole of [fl.max, fl.min, fl.median] as const) {
      const x = tensor([3, 3, 3, 1, 9, 1, 9], f64);
      const y = whole(x);
      const g = slope(y, x, NaN).tolist() as number[];
      expect(g).toEqual((x.tolist() as number[]).map((v) => (v === y.item() ? NaN : 0)));
    }
  });

  test("the variance of one element slopes to infinity, and no further", () => {
    const x = tensor([NaN], f64);
    const once = slope(fl.variance(x), x);
    expect(once.tolist()).toEqual([Infinity]);
    expect(once.requiresGrad && fl.grad([once.sum()], [x], { allowUnused: true })[0] !== null).toBe(false);
  });

  test("silu beside an infinite gradient", () => {
    const x = tensor([0, 1, -1], f64);
    expect(slope(fl.silu(x), x, Infinity).tolist()).toEqual([Infinity, Infinity, Infinity]);
  });

  test("erfinv to the third order", () => {
    const x = tensor([-1, -0.9, 0, 0.3, 0.999999, 1, 1.5], f64);
    const figures = [
      [Infinity, 3.4280428114518418, 0.8862269254527579, 0.9545203588405493, 139146.31032670863, Infinity, NaN],
      [-Infinity, -27.33598507382705, 0, 0.4964865260107429, 133940754141.7846, Infinity, NaN],
      [Infinity, 516.5357333548202, 1.3920819992079265, 2.2558318023888484, 2.6324809959497766e17, Infinity, NaN],
    ];
    let y = fl.erfinv(x);
    for (const expected of figures) {
      y = slope(y, x);
      for (const [i, v] of (y.tolist() as number[]).entries())
        if (Number.isFinite(expected[i]))
          expect(Math.abs(v - expected[i])).toBeLessThanOrEqual(1e-9 * Math.abs(expected[i]));
        else expect(v).toBe(expected[i]);
    }
  });

  test("an infinite logit makes crossEntropy NaN in every dtype", () => {
    for (const dtype of ["float32", "float64", "float16"] as const) {
      const x = tensor([[1, Infinity, 2]], { dtype, requiresGrad: true });
      const y = losses.crossEntropy(x, tensor([0], { dtype: "int32" }));
      expect(y.item()).toBeNaN();
      expect(slope(y, x).tolist()).toEqual([[NaN, NaN, NaN]]);
    }
  });
});

test("integers that are written in place require no gradient", () => {
  const x = fl.zeros([2], { dtype: "int32" });
  x.copy_(tensor([1.5, 2.5], { requiresGrad: true }));
  expect(x.tolist()).toEqual([1, 2]);
  expect(x.requiresGrad).toBe(false);
});

test("fill_ and zero_ write expanded targets", () => {
  const x = tensor([1, 2]);
  x.expand([3, 2]).fill_(7);
  expect(x.tolist()).toEqual([7, 7]);
  x.expand([3, 2]).zero_();
  expect(x.tolist()).toEqual([0, 0]);
});
