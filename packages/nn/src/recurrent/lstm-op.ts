import {
  add,
  add_,
  cat,
  chunk,
  linear,
  matmul,
  mul,
  reshape,
  sigmoid,
  stack,
  type Tensor,
  unbind,
  unsqueeze,
  where,
  zerosLike,
} from "@flambeau/tensor/functional";
import { type Expr, pointwise, pointwiseCall, scalar } from "@flambeau/tensor/plugin";
import { layerOps, ofMatrix, shifted, takeSteps, takeStepsBack, within } from "./layer-op.ts";
import { gateOp, inputShare, lstmOutput, stateShare } from "./steps.ts";

const { sigmoid: logistic, tanh } = scalar;
const slope = (s: Expr): Expr => s.mul(s.neg().add(1));
// of all steps at once: what c' changes by with the gates i, f, g; what h' changes by with the gate o, and with c'
export const slopeIOp = pointwise("lstmSlopeI", (i, g) => slope(logistic(i)).mul(tanh(g)));
export const slopeFOp = pointwise("lstmSlopeF", (f, c) => slope(logistic(f)).mul(c));
export const slopeGOp = pointwise("lstmSlopeG", (i, g) => logistic(i).mul(tanh(g).mul(tanh(g)).neg().add(1)));
export const slopeOOp = pointwise("lstmSlopeO", (o, c) => slope(logistic(o)).mul(tanh(c)));
export const slopeCOp = pointwise("lstmSlopeC", (o, c) => logistic(o).mul(tanh(c).mul(tanh(c)).neg().add(1)));
/** a b + c d. */
export const twoProductsOp = pointwise("twoProducts", (a, b, c, d) => a.mul(b).add(c.mul(d)));

/** Long short-term memory. Kept are the sums of the gates i, f, g, o, and c after each step. */
export const { layerOp: lstmLayerOp, backwardOp: lstmLayerBackwardOp } = layerOps<"lstmLayer">({
  name: "lstmLayer",
  states: 2,
  gates: 4,
  projects: ({ projection }) => projection,
  kept: [4, 1],
  run(parts) {
    const { weights, projection } = parts;
    const shares = inputShare(parts.x, weights);
    const sums = unbind(shares);
    const { after, last } = takeSteps(parts, (t, [h, c]) => {
      const share = stateShare(h, weights);
      // what is kept is the sums: they may take the place of the input's share
      if (parts.alone) add_(sums[t], share);
      else sums[t] = add(sums[t], share);
      const [out, cell] = lstmOutput(sums[t], c);
      return [projection === null ? out : linear(out, projection), cell];
    });
    const gates = parts.alone ? shares : stack(sums);
    return { output: within(parts, stack(after[0])), last, kept: [gates, stack(after[1])] };
  },
  walk([g, gH, gC], parts, { kept: [gates, cells] }) {
    const { active, projection, weights } = parts;
    const [i, f, G, o] = chunk(gates, 4, -1);
    // through c: what the gates and c get of the gradient that comes to c' from the step after
    const toC = [slopeIOp, slopeGOp].map((op) => pointwiseCall(op, [i, G]));
    toC.splice(1, 0, pointwiseCall(slopeFOp, [f, shifted(parts, cells, parts.states[1])]));
    // through h: what they get of the gradient of h' (before its projection)
    const cOfH = within(parts, pointwiseCall(slopeCOp, [o, cells]));
    const oOfH = pointwiseCall(slopeOOp, [o, cells]);
    const ofC = within(parts, cat([...toC, zerosLike(oOfH)], -1));
    const ofH = within(parts, cat([...toC.map((s) => mul(s, cOfH)), oOfH], -1));
    const forget = parts.mask === null ? sigmoid(f) : where(parts.mask, sigmoid(f), 1);
    const [steps, n, width] = gates.shape;
    const by4 = (x: Tensor): Tensor[] => unbind(reshape(x, [steps, n, 4, width / 4]));
    const [gs, ofHs, ofCs, hToC, cToC] = [unbind(g), by4(ofH), by4(ofC), unbind(mul(cOfH, forget)), unbind(forget)];
    const sums = new Array<Tensor>(steps);
    const outputs = new Array<Tensor>(steps);
    const [dh, dc] = takeStepsBack<readonly Tensor[]>(parts, [gH, gC], (t, [afterH, afterC]) => {
      const out = add(gs[t], afterH);
      const h = projection === null ? out : matmul(out, projection);
      const all = pointwiseCall(twoProductsOp, [unsqueeze(h, 1), ofHs[t], unsqueeze(afterC, 1), ofCs[t]]);
      sums[t] = reshape(all, [n, width]);
      outputs[t] = out;
      const through = matmul(sums[t], weights.weightHh);
      const next = pointwiseCall(twoProductsOp, [h, hToC[t], afterC, cToC[t]]);
      return [active === null ? through : where(active[t], through, out), next, sums[t], outputs[t]];
    });
    const all = stack(sums);
    return {
      shares: [all, all],
      states: [dh, dc],
      projection:
        projection && ofMatrix(within(parts, stack(outputs)), within(parts, pointwiseCall(gateOp, [o, cells]))),
    };
  },
});
