import type { Views } from "@flambeau/tensor/plugin";

/** The type that a fused kernel computes in, by the end of its name: all views hold that one. Null where they do not, or one is empty. */
export function floatOf(views: Views): "float32" | "float64" | null {
  const dtype = views[0]?.dtype;
  if (dtype !== "float32" && dtype !== "float64") return null;
  for (const view of views) if (view && (view.dtype !== dtype || view.shape.includes(0))) return null;
  return dtype;
}
export const allFloats = (views: Views): boolean => floatOf(views) !== null;
