// Products of halves as they are stored: by the primitive itself, in layouts that ops have no way to.
import type { CudaBackend } from "@flambeau/backend-cuda-native";
import type { View } from "@flambeau/tensor/plugin";

/** How factors lie: whether by columns, elements before the first one, gaps behind rows or columns. */
export interface Layout {
  readonly left: "rows" | "columns";
  readonly right: "rows" | "columns";
  readonly offset: number;
  readonly gap: number;
}
export const layouts: readonly Layout[] = (["rows", "columns"] as const).flatMap((left) =>
  (["rows", "columns"] as const).flatMap((right) => [
    { left, right, offset: 0, gap: 0 },
    { left, right, offset: 3, gap: 5 },
  ]),
);

/** The number that is `i` of a sequence: small and whole, so that sums are exact. */
const number = (i: number): number => ((i * 7919) % 11) - 5;
const bits = {
  float16: [0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500],
  bfloat16: [0, 0x3f80, 0x4000, 0x4040, 0x4080, 0x40a0],
} as const;
const half = (dtype: "float16" | "bfloat16", x: number): number => bits[dtype][Math.abs(x)] | (x < 0 ? 0x8000 : 0);

/** The bits of a product of such numbers, n x [rows, inner] by [inner, columns]. */
export function halfProduct(
  backend: CudaBackend,
  dtype: "float16" | "bfloat16",
  [batch, m, n, k]: readonly [number, number, number, number],
  { left, right, offset, gap }: Layout,
): number[] {
  const factor = (rows: number, columns: number, by: Layout["left"], seed: number): View => {
    const [strides, size] =
      by === "rows"
        ? [[rows * (columns + gap), columns + gap, 1], rows * (columns + gap)]
        : [[columns * (rows + gap), 1, rows + gap], columns * (rows + gap)];
    const held = new Uint16Array(offset + batch * size).fill(0x7e00);
    for (let b = 0; b < batch; b++)
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++)
          held[offset + b * strides[0] + i * strides[1] + j * strides[2]] = half(
            dtype,
            number((b * rows + i) * columns + j + seed),
          );
    const buffer = backend.alloc(held.byteLength);
    backend.write(buffer, new Uint8Array(held.buffer));
    return { buffer, dtype, offset, shape: [batch, rows, columns], strides };
  };
  const [a, b] = [factor(m, k, left, 0), factor(k, n, right, 5)];
  const output = backend.alloc(2 * batch * m * n);
  backend.kernels.matmul(a, b, { buffer: output, dtype, offset: 0, shape: [batch, m, n], strides: [m * n, n, 1] });
  const bytes = backend.readSync(output, 0, 2 * batch * m * n);
  for (const buffer of [a.buffer, b.buffer, output]) backend.free(buffer);
  return Array.from(new Uint16Array(bytes.slice().buffer));
}
/** The same from the definition, as numbers. */
export function expectedProduct([batch, m, n, k]: readonly [number, number, number, number]): number[] {
  const out: number[] = [];
  for (let b = 0; b < batch; b++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) sum += number((b * m + i) * k + l) * number((b * k + l) * n + j + 5);
        out.push(sum);
      }
  return out;
}
/** Numbers as the bits of halves, which hold them exactly or round them once, to even. */
export function rounded(dtype: "float16" | "bfloat16", numbers: readonly number[]): number[] {
  const word = new DataView(new ArrayBuffer(4));
  return numbers.map((x) => {
    if (x === 0) return 0;
    word.setFloat32(0, x);
    const all = word.getUint32(0);
    if (dtype === "bfloat16") return ((all + 0x7fff + ((all >>> 16) & 1)) >>> 16) & 0xffff;
    const size = all & 0x7fffffff;
    return ((all >>> 16) & 0x8000) | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
  });
}
