import type { View } from "@flambeau/tensor/plugin";
import type { Block } from "./elements.ts";

/** All of a float32 view's memory, in which its offset and strides count. */
export function floats({ buffer }: View): Float32Array {
  const { bytes } = buffer as Block; // this backend's alloc made it
  if (bytes === null) throw new Error("this buffer was freed");
  return new Float32Array(bytes, 0, Math.floor(bytes.byteLength / 4));
}

/** The product of float32 matrices: rows of b are walked in order, whatever the strides of a. */
export function matmulFloat32(a: View, b: View, output: View): void {
  const [x, y, out] = [a, b, output].map(floats);
  const [batch, rows, columns] = output.shape;
  const line = new Float64Array(columns); // sums are kept in more digits than they are stored in
  for (let p = 0; p < batch; p++)
    for (let i = 0; i < rows; i++) {
      line.fill(0);
      for (let k = 0; k < a.shape[2]; k++) {
        const left = x[a.offset + p * a.strides[0] + i * a.strides[1] + k * a.strides[2]];
        const row = b.offset + p * b.strides[0] + k * b.strides[1];
        for (let j = 0; j < columns; j++) line[j] += left * y[row + j * b.strides[2]];
      }
      out.set(line, output.offset + (p * rows + i) * columns);
    }
}
