import { add, add_, gt, matmul, mul, rsub, stack, type Tensor, unbind, where } from "@flambeau/tensor/functional";
import { toDType } from "@flambeau/tensor/plugin";
import { layerOps, takeSteps, takeStepsBack, within } from "./layer-op.ts";
import { inputShare, rnnOutput, stateShare } from "./steps.ts";

/** Plain recurrent layers; nothing is kept but the outputs. */
export const { layerOp: rnnLayerOp, backwardOp: rnnLayerBackwardOp } = layerOps<"rnnLayer">({
  name: "rnnLayer",
  states: 1,
  gates: 1,
  projects: () => false,
  kept: [],
  run(parts, { nonlinearity }) {
    const shares = unbind(inputShare(parts.x, parts.weights));
    const { after, last } = takeSteps(parts, (t, [h]) => {
      const share = stateShare(h, parts.weights);
      return [rnnOutput(parts.alone ? add_(share, shares[t]) : add(shares[t], share), nonlinearity)];
    });
    return { output: within(parts, stack(after[0])), last, kept: [] };
  },
  walk([g, gLast], parts, { output }, _, { nonlinearity }) {
    const slope = nonlinearity === "relu" ? toDType(gt(output, 0), output.dtype) : rsub(mul(output, output), 1);
    const [gs, slopes] = [unbind(g), unbind(within(parts, slope))];
    const sums = new Array<Tensor>(parts.steps);
    const [first] = takeStepsBack<readonly Tensor[]>(parts, [gLast], (t, [after]) => {
      const dh = add(gs[t], after);
      sums[t] = mul(dh, slopes[t]);
      const through = matmul(sums[t], parts.weights.weightHh);
      return [parts.active === null ? through : where(parts.active[t], through, dh), sums[t]];
    });
    const all = stack(sums);
    return { shares: [all, all], states: [first], projection: null };
  },
});
