// Every primitive in the types that it has kernels for, on layouts that are no rows. All sums are exact in any order.
import {
  argmax,
  cumsum,
  type DType,
  gather,
  manualSeed,
  matmul,
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
    });
  found.random = Array.from(rand([1000], { device }).dataSync(), Number);
  return found;
}
