import { detach, mT, mul, noGrad, sign, sum, Tensor } from "@flambeau/tensor";
import { Decoder } from "./decode.ts";
import { type Encoded, type EncodedTensor, isEncodedTensor, isRecord } from "./encoded.ts";

/**
 * Singular vectors and eigenvectors are determined up to their signs: ours are given PyTorch's, so that figures and gradients can
 * be compared. A pair of singular vectors changes sign together.
 */
export function withTheirSigns(op: string, out: unknown, recorded: Encoded, device: string): unknown {
  const columns = vectors[op];
  if (!columns || !isRecord(recorded) || !Array.isArray(recorded.$tuple)) return out;
  const theirs = recorded.$tuple as Encoded[];
  const ours = (Array.isArray(out) ? out : Object.values(out as object)) as unknown[]; // the rows give several results
  let signs: Tensor | null = null;
  return ours.map((x, i) => {
    const layout = columns[i];
    const wanted = theirs[i];
    if (
      !layout ||
      !(x instanceof Tensor) ||
      !isEncodedTensor(wanted) ||
      x.size === 0 ||
      x.shape.join() !== wanted.shape.join()
    )
      return x;
    const asColumns = layout === "rows" ? mT(x) : x;
    if (signs === null || signs.shape.at(-1) !== asColumns.shape.at(-1))
      signs = signsOf(asColumns, wanted, layout, device);
    return mul(x, layout === "rows" ? mT(signs) : signs);
  });
}

/** How the vectors lie in each of an op's results. */
const vectors: { readonly [op: string]: readonly ("columns" | "rows" | null)[] } = {
  "linalg.eigh": [null, "columns"],
  "linalg.svd": ["columns", null, "rows"],
  svd: ["columns", null, "columns"],
};

/** [..., 1, n]: 1 where a column points as PyTorch's does, -1 where it points the other way. */
const signsOf = (ours: Tensor, theirs: EncodedTensor, layout: "columns" | "rows", device: string): Tensor =>
  noGrad(() => {
    const { rg: _, ...plain } = theirs;
    const target = new Decoder(device).tensor(plain);
    return sign(sum(mul(detach(ours), layout === "rows" ? mT(target) : target), -2, { keepdim: true }));
  });
