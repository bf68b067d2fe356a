// Matrix products.
import { randint, randn } from "flambeau";
import { type More, op, type ScalingRow, type Target } from "./row.ts";

const targets: { [n: number]: Target } = {
  64: { wasm: 3, native: 0.9 },
  256: { wasm: 3, native: 1 },
  1024: { wasm: 3, native: 1.05 },
};

function square(n: number): ScalingRow {
  const more: More = { flops: 2 * n ** 3, ...(targets[n] && { target: targets[n] }), ...(n >= 256 && { share: 0.85 }) };
  const make = () => {
    const [a, b] = [randn([n, n]), randn([n, n])];
    return () => a.matmul(b);
  };
  return op(`matmul_${n}`, `${n}×${n} @ ${n}×${n}`, make, more);
}

function double(n: number): ScalingRow {
  const make = () => {
    const a = randn([n, n]).to("float64");
    return () => a.matmul(a);
  };
  return op(`matmulf64_${n}`, `float64, ${n}×${n} @ ${n}×${n}`, make, { flops: 2 * n ** 3 });
}

function batched(count: number, n: number): ScalingRow {
  const make = () => {
    const [a, b] = [randn([count, n, n]), randn([count, n, n])];
    return () => a.matmul(b);
  };
  return op(`bmm_${count}x${n}`, `${count} products of ${n}×${n}`, make, { flops: 2 * count * n ** 3 });
}

/** A linear layer's product, and that of its weight's gradient. */
function linear(m: number, n: number, k: number): ScalingRow[] {
  const flops = 2 * m * n * k;
  const forward = () => {
    const [x, w] = [randn([m, k]), randn([n, k])];
    return () => x.matmul(w.t());
  };
  const weight = () => {
    const [x, g] = [randn([m, k]), randn([m, n])];
    return () => g.t().matmul(x);
  };
  return [
    op(`linear_${m}_${n}_${k}`, `${m}×${k} @ (${n}×${k})ᵀ`, forward, { flops }),
    op(`dW_${m}_${n}_${k}`, `(${m}×${n})ᵀ @ ${m}×${k}`, weight, { flops }),
  ];
}

export const products: readonly ScalingRow[] = [
  ...[16, 32, 64, 128, 256, 512, 1024, 2048].map(square),
  ...[64, 256, 512].map(double),
  op("matmuli64_256", "int64, 256×256 @ 256×256", () => {
    const a = randint(0, 9, [256, 256]).to("int64");
    return () => a.matmul(a);
  }),
  op("matmulf16_256", "float16, 256×256 @ 256×256", () => {
    const a = randn([256, 256]).to("float16");
    return () => a.matmul(a);
  }),
  batched(10_000, 8),
  batched(10_000, 4),
  batched(1000, 32),
  batched(100, 64),
  ...linear(768, 64, 64),
  ...linear(768, 256, 64),
  ...linear(2048, 512, 128),
  ...linear(32, 512, 128),
  ...linear(1, 1024, 1024),
];
