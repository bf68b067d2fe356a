import type { View, Views } from "@flambeau/tensor/plugin";
import { addressOf } from "../buffer.ts";

/** Address of a float32 or int32 view's first element; 0 for an absent one, as the kernels take it. */
export const at = (view: View | undefined): number => (view === undefined ? 0 : addressOf(view, 4));

/** These kernels compute in float32 only; other dtypes are decomposed. */
export const allFloat32 = (views: Views): boolean => views.every((v) => v?.dtype === "float32");
