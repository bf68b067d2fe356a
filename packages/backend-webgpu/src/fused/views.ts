import type { Views } from "@flambeau/tensor/plugin";

/** These kernels compute in float32 only; other dtypes are decomposed. */
export const allFloat32 = (views: Views): boolean => {
  for (let v = 0; v < views.length; v++) if (views[v]?.dtype !== "float32") return false;
  return true;
};

export function product(sizes: readonly number[]): number {
  let n = 1;
  for (let d = 0; d < sizes.length; d++) n *= sizes[d];
  return n;
}
