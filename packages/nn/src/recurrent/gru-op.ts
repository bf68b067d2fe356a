import {
  add,
  add_,
  cat,
  chunk,
  matmul,
  mul,
  narrow,
  reshape,
  sigmoid,
  stack,
  type Tensor,
  unbind,
  unsqueeze,
  where,
} from "@flambeau/tensor/functional";
import { pointwise, pointwiseCall, scalar } from "@flambeau/tensor/plugin";
import { layerOps, takeSteps, takeStepsBack, within } from "./layer-op.ts";
import { gruOutput, gruParts, inputShare, stateShare } from "./steps.ts";

const { sigmoid: logistic, tanh } = scalar;
// of all steps at once: what h' changes by with the input's share of n, with the gate z, with n's gate r
export const slopeNOp = pointwise("gruSlopeN", (r, z, x, s) => {
  const n = tanh(x.add(logistic(r).mul(s)));
  return logistic(z).neg().add(1).mul(n.mul(n).neg().add(1));
});
export const slopeZOp = pointwise("gruSlopeZ", (r, z, x, s, h) => {
  const gate = logistic(z);
  return h.sub(tanh(x.add(logistic(r).mul(s)))).mul(gate.mul(gate.neg().add(1)));
});
export const slopeROp = pointwise("gruSlopeR", (n, r, s) => {
  const gate = logistic(r);
  return n.mul(s).mul(gate.mul(gate.neg().add(1)));
});

/** Gated recurrent units. Kept are the sums of the gates r and z with the input's share of n, and the state's share of n. */
export const { layerOp: gruLayerOp, backwardOp: gruLayerBackwardOp } = layerOps<"gruLayer">({
  name: "gruLayer",
  states: 1,
  gates: 3,
  projects: () => false,
  kept: [3, 1],
  run(parts) {
    const { weights } = parts;
    const hidden = parts.states[0].shape[1];
    const shares = inputShare(parts.x, weights);
    const sums = unbind(shares);
    const { after, last } = takeSteps(parts, (t, [h]) => {
      const [gatesX, x] = gruParts(sums[t], hidden);
      const [gatesH, share] = gruParts(stateShare(h, weights), hidden);
      // what is kept is the sums: they may take the place of the input's share
      if (parts.alone) add_(gatesX, gatesH);
      else sums[t] = cat([add(gatesX, gatesH), x], -1);
      return [gruOutput(sums[t], share, h), share];
    });
    const gates = parts.alone ? shares : stack(sums);
    return { output: within(parts, stack(after[0])), last, kept: [gates, stack(after[1])] };
  },
  walk([g, gLast], parts, { kept: [gates, share] }, before) {
    const [r, z, x] = chunk(gates, 3, -1);
    const n = within(parts, pointwiseCall(slopeNOp, [r, z, x, share]));
    const ofR = pointwiseCall(slopeROp, [n, r, share]);
    const ofZ = pointwiseCall(slopeZOp, [r, z, x, share, before]);
    const [steps, count, width] = gates.shape;
    const hidden = width / 3;
    const all = within(parts, cat([ofR, ofZ, mul(n, sigmoid(r))], -1));
    const ofState = unbind(reshape(all, [steps, count, 3, hidden]));
    const stays = unbind(parts.mask === null ? sigmoid(z) : where(parts.mask, sigmoid(z), 1));
    const gs = unbind(g);
    const sums = new Array<Tensor>(steps);
    const outputs = new Array<Tensor>(steps);
    const [first] = takeStepsBack<readonly Tensor[]>(parts, [gLast], (t, [after]) => {
      outputs[t] = add(gs[t], after);
      sums[t] = reshape(mul(unsqueeze(outputs[t], 1), ofState[t]), [count, width]);
      return [add(matmul(sums[t], parts.weights.weightHh), mul(outputs[t], stays[t])), sums[t], outputs[t]];
    });
    const state = stack(sums);
    const input = cat([narrow(state, -1, 0, 2 * hidden), mul(stack(outputs), n)], -1);
    return { shares: [input, state], states: [first], projection: null };
  },
});
