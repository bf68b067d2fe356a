import type { FusedKernel, FusedOps } from "@flambeau/tensor/plugin";
import { sizeOf } from "@flambeau/tensor/plugin";
import { drawFloats } from "../engine/draw.ts";
import type { Engine } from "../engine/engine.ts";
import { at } from "./address.ts";

/** Draws of float32: the same as on the host, but for a last bit of a normal number now and then. */
export const drawKernel = (engine: Engine, kind: "uniform" | "normal"): FusedKernel<FusedOps["rand"]> => ({
  // for few numbers the generator's state would be most of the work
  supports: ([x]) => x.dtype === "float32" && sizeOf(x.shape) >= 2048,
  run: (_, [y], attrs) => drawFloats(engine, kind, at(y), sizeOf(y.shape), attrs),
});
