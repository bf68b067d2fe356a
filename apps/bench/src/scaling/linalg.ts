// Dense linear algebra, and distances.
import { cdist, cholesky, det, eigh, eye, inv, qr, randn, svd, type Tensor } from "flambeau";
import { both, op, type ScalingRow, type Target } from "./row.ts";

const [few, many]: Target[] = [
  { wasm: 4, native: 2 },
  { wasm: 6, native: 3 },
];

function ofSize(n: number): ScalingRow[] {
  const row = (name: string, call: (a: Tensor) => unknown, target: Target, { definite = false } = {}) =>
    op(
      `la_${name}_${n}`,
      `${name} of ${n}×${n}`,
      () => {
        const a = randn([n, n]);
        const s = definite ? a.matmul(a.t()).add(eye(n)) : a;
        return () => call(s);
      },
      n === 256 ? { target } : {},
    );
  return [
    row("inv", inv, few),
    row("det", det, few),
    row("svd", (a) => svd(a, { fullMatrices: true }), many),
    row("eigh", (a) => eigh(a), many, { definite: true }),
    row("qr", (a) => qr(a), few),
    row("cholesky", (a) => cholesky(a), few, { definite: true }),
  ];
}

export const linalg: readonly ScalingRow[] = [
  ...[64, 256].flatMap(ofSize),
  op(
    "cdist",
    "distances between 500 and 500 points in 32 dimensions",
    () => {
      const [a, b] = [randn([500, 32]), randn([500, 32])];
      return () => cdist(a, b);
    },
    { target: both(2) },
  ),
];
