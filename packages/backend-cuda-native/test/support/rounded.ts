// The fused kernels whose results are rounded, with their gradients: rows that are a thread's, and rows that are a block's.
import { compile } from "@flambeau/compile";
import { crossEntropy } from "@flambeau/losses";
import {
  batchNorm,
  cumsum,
  type DType,
  indexAdd,
  layerNorm,
  logcumsumexp,
  logSoftmax,
  manualSeed,
  randint,
  randn,
  rmsNorm,
  scaledDotProductAttention,
  scatterAdd,
  softmax,
  type Tensor,
  tidy,
} from "flambeau";
import { recurrents, runRecurrent, titleOf } from "./recurrent.ts";

/** All results, a list for each kernel and type. */
export function rounded(device: string): { readonly [what: string]: readonly number[] } {
  const found: { [what: string]: readonly number[] } = {};
  manualSeed(5);
  for (const dtype of ["float32", "float64"] as DType[])
    for (const n of [7, 300])
      tidy(() => {
        const draw = (...shape: number[]): Tensor => randn(shape).to(dtype).to(device);
        const leaf = (...shape: number[]): Tensor => {
          const t = draw(...shape);
          t.requiresGrad = true;
          return t;
        };
        const keep = (what: string, y: Tensor, of: readonly Tensor[]) => {
          y.mul(draw(...y.shape))
            .sum()
            .backward();
          [y, ...of.map(({ grad }) => grad)].forEach((t, i) => {
            if (t) found[`${what} of ${n}, ${dtype}, ${i}`] = Array.from(t.dataSync(), Number);
          });
        };
        const [x, weight, bias] = [leaf(5, n), leaf(n), leaf(n)];
        const fresh = () => {
          const t = x.detach().clone();
          t.requiresGrad = true;
          return t;
        };
        for (const [what, f] of [
          ["softmax", softmax],
          ["logSoftmax", logSoftmax],
        ] as const) {
          const own = fresh();
          keep(what, f(own, 1), [own]);
          const columns = fresh();
          keep(`${what} down`, f(columns, 0), [columns]);
        }
        keep("layerNorm", layerNorm(x, [n], { weight, bias }), [x, weight, bias]);
        const [other, factor] = [fresh(), leaf(n)];
        keep("rmsNorm", rmsNorm(other, [n], { weight: factor }), [other, factor]);
        const logits = fresh();
        keep("crossEntropy", crossEntropy(logits, randint(0, n, [5]).to(device)), [logits]);
        const [q, k, v] = [leaf(2, 20, 8), leaf(2, n, 8), leaf(2, n, 6)];
        keep("attention", scaledDotProductAttention(q, k, v), [q, k, v]);
        const most = Math.min(n, 70); // more than a tile
        const [q2, k2, v2] = [leaf(1, most, 8), leaf(1, most, 8), leaf(1, most, 6)];
        keep("causal attention", scaledDotProductAttention(q2, k2, v2, { isCausal: true }), [q2, k2, v2]);
        if (n === 300) {
          const line = draw(9000);
          const plain = (what: string, t: Tensor) => {
            found[`${what}, ${dtype}`] = Array.from(t.dataSync(), Number);
          };
          plain("scan", cumsum(line, 0));
          plain("scan of log-sum-exps", logcumsumexp(line, 0));
          plain("scatter", scatterAdd(draw(40), 0, randint(0, 40, [9000]).to(device), line));
          plain("scatter of rows", indexAdd(draw(9, 6), 0, randint(0, 9, [700]).to(device), draw(700, 6)));
        }
        if (n === 7 && dtype === "float32")
          for (const layer of recurrents)
            runRecurrent(layer, (shape) => draw(...shape), device).forEach((t, i) => {
              found[`${titleOf(layer)}, ${dtype}, ${i}`] = Array.from(t.dataSync(), Number);
            });
        const attnMask = randint(0, 3, [20, most]).gt(0).to(device);
        const [q3, k3, v3] = [leaf(1, 20, 8), leaf(1, most, 8), leaf(1, most, 6)];
        keep("masked attention", scaledDotProductAttention(q3, k3, v3, { attnMask }), [q3, k3, v3]);
        if (n === 7 && dtype === "float32") {
          const follow = compile((t: Tensor, w: Tensor, b: Tensor) => layerNorm(t, [7], { weight: w, bias: b }).mul(t));
          found["compiled layerNorm"] = Array.from(follow(draw(5, 7), draw(7), draw(7)).dataSync(), Number);
        }
        const images = leaf(3, 4, n);
        const [scale, shift] = [leaf(4), leaf(4)];
        const options = { weight: scale, bias: shift, training: true };
        keep("batchNorm", batchNorm(images, null, null, options), [images, scale, shift]);
      });
  return found;
}

/** What differs by more than rounding does, of two such tours. */
export function apart(found: ReturnType<typeof rounded>, expected: ReturnType<typeof rounded>): string[] {
  return Object.keys(expected).filter((what) => {
    // sums of up to 300 terms near 1 in another order
    const near = what.includes("float64") ? 1e-12 : 2e-5;
    const [here, there] = [found[what] ?? [], expected[what]];
    const size = Math.max(1, ...there.map(Math.abs));
    return here.length !== there.length || there.some((value, i) => !(Math.abs(here[i] - value) <= near * size));
  });
}
