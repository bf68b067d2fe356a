import type { Views } from "@flambeau/tensor/plugin";

/** Whether all views hold one dtype that `takes` names, and none is empty. */
const allOf =
  (takes: ReadonlySet<string>) =>
  (views: Views): boolean => {
    const dtype = views[0]?.dtype;
    if (dtype === undefined || !takes.has(dtype)) return false;
    for (const view of views) if (view && (view.dtype !== dtype || view.shape.includes(0))) return false;
    return true;
  };
/** What kernels compute in; their names end with it. */
export const allFloats = allOf(new Set(["float32", "float64"]));
/** The same or halves, which are computed in float32 and rounded once. Gradients of most ops see float32 in their place. */
export const allStored = allOf(new Set(["float32", "float64", "float16", "bfloat16"]));
