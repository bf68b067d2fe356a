import { IndexError } from "@flambeau/tensor/functional";
import { bytesOf, dtypeCode, type FusedKernels, type View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { addressOf } from "../engine/views.ts";
import type { Findings } from "../kernels/findings.ts";
import { allFloats } from "./floats.ts";
import { launchRows } from "./rows.ts";

/** Cross entropy of logits [N, C] and integer targets [N], and its gradient (native/kernels/loss.cuh). */
export function lossKernels(
  engine: Engine,
  findings: Findings,
): Required<FusedKernels<"crossEntropy" | "crossEntropyBackward">> {
  const supports = (x: View, target: View): boolean =>
    allFloats([x]) && (target.dtype === "int32" || target.dtype === "int64");
  return {
    crossEntropy: {
      supports: ([x, target]) => supports(x, target),
      run([x, target], [loss, kept], { ignoreIndex, reduction }) {
        const [rows, n] = x.shape;
        const { dtype } = x;
        const targets = [addressOf(target), dtypeCode(target.dtype)];
        const own = reduction === "none" ? null : engine.alloc(rows * bytesOf(dtype));
        const losses = own?.pointer ?? addressOf(loss);
        try {
          engine
            .words()
            .ints([rows, n, ignoreIndex, losses, addressOf(kept), findings.pointer(), addressOf(x)])
            .ints(targets);
          launchRows(engine, "cross_entropy", dtype, rows, n);
          if (own !== null) {
            const count = addressOf(kept) + 2 * rows * bytesOf(dtype);
            engine
              .words()
              .ints([rows, ignoreIndex, reduction === "mean" ? 1 : 0, addressOf(loss), count, losses])
              .ints(targets);
            engine.launch(`cross_entropy_total_${dtype}`, 1);
          }
        } finally {
          if (own !== null) engine.free(own);
        }
        // the kernel meets each target anyway: nothing else checks them
        const bad = findings.take();
        if (bad !== null)
          throw new IndexError(
            "crossEntropy",
            `target ${bad} is out of range for ${n} classes (expected 0..${n - 1}, or ignoreIndex)`,
          );
      },
    },
    crossEntropyBackward: {
      supports: ([, x, target]) => supports(x, target),
      run([g, x, target, kept], [dx], { ignoreIndex, reduction }) {
        const [rows, n] = x.shape;
        engine
          .words()
          .ints([rows, n, ignoreIndex, reduction === "mean" ? 1 : 0, reduction === "none" ? 1 : 0])
          .ints([
            addressOf(dx),
            addressOf(g),
            addressOf(x),
            addressOf(target),
            dtypeCode(target.dtype),
            addressOf(kept),
          ]);
        engine.forEach(`cross_entropy_backward_${x.dtype}`, rows * n);
      },
    },
  };
}
