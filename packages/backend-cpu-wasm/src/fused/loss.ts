import { IndexError } from "@flambeau/tensor/functional";
import type { FusedKernels } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { crossEntropyBackward, crossEntropyForward } from "../engine/loss.ts";
import { at } from "./address.ts";

/** Cross entropy of logits [N, C] and int32 targets, and its gradient. */
export function lossKernels(engine: Engine): Required<FusedKernels<"crossEntropy" | "crossEntropyBackward">> {
  return {
    crossEntropy: {
      supports: ([x, target]) => x.dtype === "float32" && target.dtype === "int32",
      run([x, target], [loss, saved], attrs) {
        const [rows, classes] = x.shape;
        const inRange = crossEntropyForward(engine, {
          rows,
          classes,
          logits: at(x),
          targets: at(target),
          ...attrs,
          output: at(loss),
          saved: at(saved),
        });
        // the kernel meets each target anyway: it checks the range while it is there
        if (!inRange)
          throw new IndexError(
            "crossEntropy",
            `a target is out of range for ${classes} classes (expected 0..${classes - 1}, or ignoreIndex)`,
          );
      },
    },
    crossEntropyBackward: {
      supports: ([, x, target]) => x.dtype === "float32" && target.dtype === "int32",
      run([g, x, target, saved], [dx], attrs) {
        const [rows, classes] = x.shape;
        crossEntropyBackward(
          engine,
          { rows, classes, logits: at(x), targets: at(target), ...attrs, saved: at(saved) },
          at(g),
          at(dx),
        );
      },
    },
  };
}
