import { clone, customOp, onesLike, type Tensor } from "@flambeau/tensor/functional";

/**
 * `x`, in whose every backward pass the gradient of a penalty, a 0-d tensor, is added to the one that comes: a loss inside of a net, which what
 * computes the net's loss has not to know of.
 */
export const withPenalty = /* @__PURE__ */ customOp("torch7::withPenalty", {
  forward: ([x]: readonly [x: Tensor, penalty: Tensor]) => clone(x),
  save: ([, penalty]) => [penalty],
  vjp: ({ saved: [penalty] }, [g]) => [g, onesLike(penalty)],
  jvp: ({ tangents: [t] }) => [t], // the value is x; the penalty belongs to backward passes
});
