// Every primitive in the types that it has kernels for, on layouts that are no rows. All sums are exact in any order.
import {
  argmax,
  conv2d,
  cumsum,
  type DType,
  gather,
  linear,
  manualSeed,
  matmul,
  maxPool2d,
  permute,
  rand,
  randint,
  scatterAdd,
  sort,
  sum,
  type Tensor,
  tidy,
} from "flambeau";

const types: readonly DType[] = ["bool", "int8", "int32", "int64", "float16", "float32", "float64"];

/** Fused kernels whose sums are exact in any order, and their gradients. */
function fused(dtype: DType, device: string, keep: (what: string, t: Tensor) => void): void {
  const draw = (...shape: number[]): Tensor => randint(-4, 5, shape).to(dtype).to(device);
  const leaf = (...shape: number[]): Tensor => {
    const t = draw(...shape);
    t.requiresGrad = true;
    return t;
  };
  const gradients = (what: string, y: Tensor, of: readonly Tensor[]) => {
    keep(what, y);
    y.mul(draw(...y.shape))
      .sum()
      .backward();
    of.forEach((t, i) => {
      if (t.grad) keep(`${what}, gradient ${i}`, t.grad);
    });
  };
  const factors = [leaf(70, 33), leaf(67, 33), leaf(67)] as const;
  gradients("linear", linear(...factors), factors);
  const conv = [leaf(3, 4, 9, 8), leaf(6, 2, 3, 2), leaf(6)] as const;
  const geometry = { stride: [2, 1], padding: [1, 1], dilation: [1, 2], groups: 2 } as const;
  gradients("conv", conv2d(...conv, geometry), conv);
  const plane = leaf(2, 3, 9, 8);
  gradients("maxima", maxPool2d(plane, [3, 2], { stride: [2, 1], padding: 1 }), [plane]);
}

/** All results, a list for each primitive and type. */
export function tour(device: string): { readonly [what: string]: readonly number[] } {
  const found: { [what: string]: readonly number[] } = {};
  manualSeed(3);
  for (const dtype of types)
    tidy(() => {
      const draw = (shape: number[]): Tensor =>
        permute(randint(-9, 9, shape), [1, 0])
          .to(dtype)
          .to(device);
      const [x, y] = [draw([70, 90]), draw([70, 90])];
      const index = randint(0, 90, [40, 70]).to(device);
      const keep = (what: string, t: Tensor) => {
        found[`${what} ${dtype}`] = Array.from(t.dataSync(), Number);
      };
      keep("map", x.mul(y).add(x));
      keep("reduce long", sum(x, 0));
      keep("reduce short", sum(x.narrow(0, 0, 20), 0));
      if (dtype !== "bool") keep("argmax", argmax(x, 1));
      const long = draw([130, 100]);
      keep("reduce in slices", sum(long));
      keep("reduce of products in slices", sum(long.mul(long), [0, 1]));
      if (dtype !== "bool") keep("argmax of a long line", argmax(long));
      keep("scan", cumsum(x, 1));
      keep("matmul", matmul(x, permute(y, [1, 0])));
      keep("gather", gather(x, 0, index));
      keep("scatter", scatterAdd(x, 0, index, y));
      keep("sort", sort(x, 1).values);
      if (dtype === "float32" || dtype === "float64") fused(dtype, device, keep);
    });
  found.random = Array.from(rand([1000], { device }).dataSync(), Number);
  return found;
}
