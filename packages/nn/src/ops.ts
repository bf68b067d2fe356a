import * as gru from "./recurrent/gru-op.ts";
import * as lstm from "./recurrent/lstm-op.ts";
import { rnnLayerBackwardOp, rnnLayerOp } from "./recurrent/rnn-op.ts";
import { cellOp, gateOp, unitOp } from "./recurrent/steps.ts";

/** The op records of this package, by name: what `ops` of @flambeau/tensor/ops lacks. */
export const nnOps = {
  gruCell: unitOp,
  gruLayer: gru.gruLayerOp,
  gruLayerBackward: gru.gruLayerBackwardOp,
  gruSlopeN: gru.slopeNOp,
  gruSlopeR: gru.slopeROp,
  gruSlopeZ: gru.slopeZOp,
  lstmCell: cellOp,
  lstmLayer: lstm.lstmLayerOp,
  lstmLayerBackward: lstm.lstmLayerBackwardOp,
  lstmOutput: gateOp,
  lstmSlopeC: lstm.slopeCOp,
  lstmSlopeF: lstm.slopeFOp,
  lstmSlopeG: lstm.slopeGOp,
  lstmSlopeI: lstm.slopeIOp,
  lstmSlopeO: lstm.slopeOOp,
  rnnLayer: rnnLayerOp,
  rnnLayerBackward: rnnLayerBackwardOp,
  twoProducts: lstm.twoProductsOp,
} as const;
