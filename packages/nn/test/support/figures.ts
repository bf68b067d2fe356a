// Figures that PyTorch made, and how near we must come to them.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type Tensor, tensor } from "flambeau";
import { expect } from "vitest";

export interface Encoded {
  readonly $t: "float32" | "float64";
  readonly shape: number[];
  readonly data: string;
}
export const read = (name: string): unknown => {
  const bytes = readFileSync(new URL(`../figures/${name}`, import.meta.url));
  return JSON.parse((name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString());
};
export function decode({ $t, shape, data }: Encoded): Tensor {
  const { buffer } = Uint8Array.from(Buffer.from(data, "base64"));
  return tensor($t === "float64" ? new Float64Array(buffer) : new Float32Array(buffer), { shape, dtype: $t });
}
// PyTorch's own defaults
const tolerances = { float32: { rtol: 1.3e-6, atol: 1e-5 }, float64: { rtol: 1e-7, atol: 1e-7 } };
export function close(got: Tensor | null | undefined, expected: Encoded | null, what: string): void {
  if (expected === null) return void expect(got, what).toBeNull();
  if (!got) throw new Error(`${what}: there is none`);
  const reference = decode(expected);
  expect([got.dtype, got.shape], what).toEqual([reference.dtype, reference.shape]);
  const difference = got.detach().sub(reference).abs().sub(reference.abs().mul(tolerances[expected.$t].rtol));
  expect(difference.max().item(), what).toBeLessThanOrEqual(tolerances[expected.$t].atol);
}
