import type { ConvAttrs, FusedKernel, FusedKernels } from "@flambeau/tensor/plugin";
import { conv2dForward, conv2dInputGradient, conv2dWeightGradient } from "../engine/conv.ts";
import type { Conv2dShape } from "../engine/conv-shape.ts";
import type { Engine } from "../engine/engine.ts";
import { allFloat32, at } from "./address.ts";
import { windowsOf } from "./windows.ts";

/** The geometry of a convolution of `x` [N, C, H, W] by `w` [F, C / groups, KH, KW] to `y` [N, F, H', W']. */
function geometry(x: readonly number[], w: readonly number[], y: readonly number[], a: ConvAttrs): Conv2dShape {
  return { ...windowsOf(x, w, y, a), images: x[0], channels: x[1], filters: w[0], groups: a.groups };
}

/** 2-d convolution and its two gradients (1-d and 3-d ones arrive as 2-d). */
export function convKernels(engine: Engine): Required<FusedKernels<"conv" | "convTranspose" | "convWeightGrad">> {
  const supports: FusedKernel["supports"] = (inputs) => inputs[0]?.shape.length === 4 && allFloat32(inputs);
  return {
    conv: {
      supports,
      run([x, w, bias], [y], attrs) {
        conv2dForward(engine, geometry(x.shape, w.shape, y.shape, attrs), at(x), at(w), at(bias), at(y));
      },
    },
    convTranspose: {
      supports,
      run([g, w], [dx], attrs) {
        conv2dInputGradient(engine, geometry(dx.shape, w.shape, g.shape, attrs), at(g), at(w), at(dx));
      },
    },
    convWeightGrad: {
      supports,
      run([g, x], [dw], attrs) {
        conv2dWeightGradient(engine, geometry(x.shape, dw.shape, g.shape, attrs), at(x), at(g), at(dw), 0);
      },
    },
  };
}
