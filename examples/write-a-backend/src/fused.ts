import type { FusedKernel, FusedKernels, FusedOps } from "@flambeau/tensor/plugin";
import { floats } from "./matmul.ts";
import { PlainBackend } from "./plain.ts";

/** x weight^T + bias in one pass: no transpose, no product that is stored and read again for the bias. */
export const linear: FusedKernel<FusedOps["linear"]> = {
  supports: (inputs) => inputs.every((view) => view?.dtype === "float32"),
  run([x, weight, bias], [y]) {
    const [from, weights, out] = [x, weight, y].map(floats);
    const biases = bias && floats(bias);
    const [outputs, inputs] = weight.shape;
    const rows = x.shape.slice(0, -1).reduce((a, b) => a * b, 1);
    for (let i = 0; i < rows; i++)
      for (let o = 0; o < outputs; o++) {
        let sum = bias && biases ? biases[bias.offset + o] : 0;
        const [row, column] = [x.offset + i * inputs, weight.offset + o * inputs];
        for (let k = 0; k < inputs; k++) sum += from[row + k] * weights[column + k];
        out[y.offset + i * outputs + o] = sum;
      }
  },
};

// part: backend
/** The plain backend, with fast paths. */
export class FusedBackend extends PlainBackend {
  override readonly info = "TypeScript loops, one thread, fast paths";
  readonly fused: FusedKernels = { linear };
}
