import { clone, customOp, onesLike, type Tensor } from "@flambeau/tensor/functional";

// Tensors whose gradient is not that of their value.

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

/** The values of one tensor with the gradient of another one, of the same shape. */
export const withGradientOf = /* @__PURE__ */ customOp("torch7::withGradientOf", {
  forward: ([value]: readonly [value: Tensor, other: Tensor]) => clone(value),
  vjp: (_, [g]) => [null, g],
  batch: (_, [value]) => clone(value),
  jvp: ({ tangents: [, t] }) => [t],
});
