// Every primitive in the types that it has kernels for, on layouts that are no rows. All sums are exact in any order.
import { compile } from "@flambeau/compile";
import {
  argmax,
  conv2d,
  cummax,
  cummin,
  cumprod,
  cumsum,
  type DType,
  gather,
  indexAdd,
  linear,
  manualSeed,
  matmul,
  maxPool2d,
  permute,
  rand,
  randint,
  relu,
  scatter,
  scatterAdd,
  scatterReduce,
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
  // the bias, the other summand and the maximum in the product's own kernel
  const mapped = compile((x: Tensor, w: Tensor, b: Tensor, y: Tensor) => relu(linear(x, w, b).add(y)));
  keep("compiled linear", mapped(draw(70, 33), draw(67, 33), draw(67), draw(70, 67)));
  const conv = [leaf(3, 4, 9, 8), leaf(6, 2, 3, 2), leaf(6)] as const;
  const geometry = { stride: [2, 1], padding: [1, 1], dilation: [1, 2], groups: 2 } as const;
  gradients("conv", conv2d(...conv, geometry), conv);
  const plane = leaf(2, 3, 9, 8);
  gradients("maxima", maxPool2d(plane, [3, 2], { stride: [2, 1], padding: 1 }), [plane]);
}

/** Scans and scatters of few long lines, which go in pieces: values so small that all sums are exact. */
function lines(dtype: DType, device: string, keep: (what: string, t: Tensor) => void): void {
  const draw = (low: number, high: number, ...shape: number[]): Tensor =>
    randint(low, high, shape).to(dtype).to(device);
  // -1, 0 and 1 stay small as they add up, also in float16; products of them, too
  const x = draw(-1, 2, 9000);
  keep("scan of a long line", cumsum(x, 0));
  keep("scan of products", cumprod(x, 0));
  keep("scan of columns", cumsum(draw(-1, 2, 1500, 3), 0));
  for (const [what, scan] of [
    ["maxima", cummax],
    ["minima", cummin],
  ] as const) {
    const { values, indices } = scan(draw(-100, 100, 2, 9000), 1);
    keep(`scan of ${what}`, values);
    keep(`scan of ${what}, positions`, indices);
  }
  const positions = (size: number, ...shape: number[]): Tensor => randint(0, size, shape).to(device);
  keep("scatter of a long line", scatterAdd(draw(0, 9, 50), 0, positions(50, 2000), draw(-2, 3, 2000)));
  keep("scatter to one position", scatterAdd(draw(0, 9, 3), 0, positions(1, 1000), draw(-1, 2, 1000)));
  keep("scatter of rows", indexAdd(draw(0, 9, 40, 5), 0, positions(40, 600), draw(-2, 3, 600, 5)));
  keep("scatter, each line its index", scatterAdd(draw(0, 9, 30, 4), 0, positions(30, 500, 4), draw(-2, 3, 500, 4)));
  keep("scatter of the last ones", scatter(draw(0, 9, 300), 0, positions(300, 900), draw(-9, 9, 900)));
  for (const reduce of ["prod", "amax", "amin"] as const)
    keep(`scatter, ${reduce}`, scatterReduce(draw(-9, 9, 300), 0, positions(300, 900), draw(-1, 3, 900), reduce));
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
      // small matrices, and so many that they go in large tiles
      if (dtype === "float32") keep("matmul of many", matmul(draw([11, 128 * 66]).view(128, 66, 11), draw([67, 11])));
      keep("gather", gather(x, 0, index));
      keep("scatter", scatterAdd(x, 0, index, y));
      keep("sort", sort(x, 1).values);
      if (dtype !== "bool") lines(dtype, device, keep);
      if (dtype === "float16" || dtype === "float32" || dtype === "float64") fused(dtype, device, keep);
    });
  found.random = Array.from(rand([1000], { device }).dataSync(), Number);
  return found;
}
