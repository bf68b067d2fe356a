import { GRU, LSTM, RNN } from "@flambeau/nn";
import { nnOps } from "@flambeau/nn/ops";
import { optimOps } from "@flambeau/optim/ops";
import { arange, noGrad, ones, rand, randint, scaledDotProductAttention, type Tensor, tensor } from "@flambeau/tensor";
import { type AnyOp, ops } from "@flambeau/tensor/ops";
import { dispatch } from "@flambeau/tensor/plugin";

/** Calls that no conformance test makes at the door. */
export function further(): void {
  noGrad(() => {
    const index = tensor(
      [
        [0, 2],
        [1, 1],
      ],
      { dtype: "int32" },
    );
    const [x, source] = [rand([3, 2]), rand([2, 2])];
    for (const op of [
      ops.scatter_,
      ops.scatterAdd_,
      ops.scatterMax,
      ops.scatterMax_,
      ops.scatterMin,
      ops.scatterMin_,
      ops.scatterMul,
      ops.scatterMul_,
    ])
      dispatch(op, [x.clone(), index, source], { dim: 0 });
    dispatch(ops.scatterReduce_, [x.clone(), index, source], { dim: 0, reduce: "amax", includeSelf: true });
    const rows = tensor([2, 0], { dtype: "int32" });
    for (const op of [ops.indexPut_, ops.indexPutAdd_])
      dispatch(op, [x.clone(), rand([2, 2]), rows], { dims: [0], picked: [2], place: 0 });
    const planes = rand([2, 3, 4, 4]);
    dispatch(ops.maxPoolPick, [planes, randint(16, [2, 3, 2, 2])], {});
    dispatch(ops.countPlaces, [ones([1])], { length: 4, layout: { shape: [2, 2], strides: [2, 1], offset: 0 } });
    dispatch(ops.memory, [arange(6).to("float32")], { shape: [6], strides: [1], low: 0, length: 6, repeats: false });
    dispatch(ops.alias, [x], {});
    dispatch(ops.fill, [x, tensor(2)], {});
    dispatch(ops.sliceScatter, [x, rand([1, 2])], { dim: 0, start: 1, end: 2, step: 1 });
    const layout = { size: [5, 5], kernel: [2, 2], out: [2, 2], planes: 6, dtype: "float32", device: "cpu" };
    dispatch(ops.fractionalPositionsAt, [rand([2, 3, 2])], layout as never); // a dtype is a word
    const [p, g, m, v] = [rand([3]), rand([3]), rand([3]), rand([3])];
    const rate = { lr: 0.1, weightDecay: 0, maximize: false };
    const adam = { step: 2, betas: [0.9, 0.99], eps: 1e-8, amsgrad: false, decoupledWeightDecay: false };
    dispatch<object>(optimOps.adamStep as never, [g, p, m, v], { ...rate, ...adam });
    dispatch<object>(optimOps.sgdStep as never, [g, p], {
      ...rate,
      first: 1,
      momentum: 0,
      dampening: 0,
      nesterov: false,
    });
    const heads = rand([2, 4, 5, 8]);
    scaledDotProductAttention(heads, heads, heads);
  });
  const part = () => rand([2, 3, 4, 8]).requiresGrad_();
  const attended = scaledDotProductAttention(part(), part(), part(), {
    attnMask: tensor([[true], [false], [true], [true]]),
  });
  attended.sum().backward();
  recurrent();
}

/** A layer that reads sequences of several lengths from the end, of each kind, and its gradient. */
function recurrent(): void {
  const [x, h, m, c] = [rand([4, 3, 2]), rand([3, 5]), rand([3, 2]), rand([3, 5])];
  const lengths = tensor([2, 4, 1], { dtype: "int32" });
  const attrs = { reverse: true, bias: true, lengths: true };
  const weightsOf = (layer: GRU | LSTM | RNN) => [...layer.parameters()].map((p) => p.requiresGrad_());
  const run = (op: AnyOp, inputs: readonly Tensor[], own: object) => {
    const results = dispatch(op as never, [...inputs, lengths], { ...attrs, ...own } as never);
    results[0].sum().backward();
  };
  run(nnOps.rnnLayer, [x, h, ...weightsOf(new RNN(2, 5))], { nonlinearity: "tanh" });
  run(nnOps.gruLayer, [x, h, ...weightsOf(new GRU(2, 5))], {});
  run(nnOps.lstmLayer, [x, m, c, ...weightsOf(new LSTM(2, 5, { projSize: 2 }))], { projection: true });
}
