import { add, chunk, linear, narrow, relu, type Tensor, tanh } from "@flambeau/tensor/functional";
import { pointwise, pointwiseCall, scalar } from "@flambeau/tensor/plugin";

// One step of each recurrent net, and the formulas that it is made of: each a single kernel, forward and for each gradient.

/** What a plain recurrent net puts its sums through. */
export type RnnNonlinearity = "tanh" | "relu";

/** The parameters of one step, weights [gates * hidden, ...]. */
export interface CellWeights {
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly biasIh: Tensor | null;
  readonly biasHh: Tensor | null;
}
/** The input's share of the sums, which does not depend on the state: W_ih x + b_ih. */
export const inputShare = (x: Tensor, w: CellWeights): Tensor => linear(x, w.weightIh, w.biasIh);
/** The state's share: W_hh h + b_hh. */
export const stateShare = (h: Tensor, w: CellWeights): Tensor => linear(h, w.weightHh, w.biasHh);

/** h' of the sums of a plain net. */
export const rnnOutput = (sums: Tensor, nonlinearity: RnnNonlinearity): Tensor =>
  nonlinearity === "relu" ? relu(sums) : tanh(sums);

/** c' of the gates i, f, g and c. */
export const cellOp = pointwise("lstmCell", (i, f, g, c) =>
  scalar
    .sigmoid(f)
    .mul(c)
    .add(scalar.sigmoid(i).mul(scalar.tanh(g))),
);
/** h' of the gate o and c'. */
export const gateOp = pointwise("lstmOutput", (o, c) => scalar.sigmoid(o).mul(scalar.tanh(c)));
/** h' and c' of the sums of the gates i, f, g, o: c' = f c + i g, h' = o tanh(c'). */
export function lstmOutput(sums: Tensor, c: Tensor): [h: Tensor, c: Tensor] {
  const [i, f, g, o] = chunk(sums, 4, -1);
  const cell = pointwiseCall(cellOp, [i, f, g, c]);
  return [pointwiseCall(gateOp, [o, cell]), cell];
}

/** h' of the sums of the gates r and z, the shares of n, and h: with n = tanh(share_x + r share_h), h' = n + z (h - n). */
export const unitOp = pointwise("gruCell", (r, z, x, s, h) => {
  const n = scalar.tanh(x.add(scalar.sigmoid(r).mul(s)));
  return n.add(scalar.sigmoid(z).mul(h.sub(n)));
});
/** h' of the input's shares with the gates summed up, the state's share of n, and h. */
export function gruOutput(gates: Tensor, share: Tensor, h: Tensor): Tensor {
  const [r, z, x] = chunk(gates, 3, -1);
  return pointwiseCall(unitOp, [r, z, x, share, h]);
}
/** The gates r and z of shares [..., 3 * hidden], and the rest. */
export const gruParts = (shares: Tensor, hidden: number): [gates: Tensor, n: Tensor] => [
  narrow(shares, -1, 0, 2 * hidden),
  narrow(shares, -1, 2 * hidden, hidden),
];

export const rnnStep = (share: Tensor, h: Tensor, w: CellWeights, nonlinearity: RnnNonlinearity): Tensor =>
  rnnOutput(add(share, stateShare(h, w)), nonlinearity);
export const lstmStep = (share: Tensor, [h, c]: readonly [Tensor, Tensor], w: CellWeights): [Tensor, Tensor] =>
  lstmOutput(add(share, stateShare(h, w)), c);
export function gruStep(share: Tensor, h: Tensor, w: CellWeights): Tensor {
  const hidden = h.shape[h.ndim - 1];
  const [gatesX, x] = gruParts(share, hidden);
  const [gatesH, s] = gruParts(stateShare(h, w), hidden);
  const [r, z] = chunk(add(gatesX, gatesH), 2, -1);
  return pointwiseCall(unitOp, [r, z, x, s, h]);
}
