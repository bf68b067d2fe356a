// What is timed with and without `compile`: chains of pointwise ops, a part of a layer, training steps.
import { losses, nn, optim, randint, randn, type Tensor, zeros } from "flambeau";
import { gpt } from "../rivals/ours-gpt.ts";
import { lstm, mlp, type Task } from "../rivals/ours-models.ts";

export interface CompileRow {
  readonly name: string;
  readonly title: string;
  /** The largest time of the compiled function by that of the function itself, and of one that is replayed. */
  readonly limit: number;
  readonly replayLimit?: number;
  /** The largest share of the function's dispatches on WebGPU that may be left. */
  readonly dispatchLimit?: number;
  /** Makes the function: each call of this makes another of the same. */
  readonly make: () => () => Tensor;
}

const step =
  ({ optimizer, loss: forward }: Task): (() => Tensor) =>
  () => {
    const loss = forward();
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  };

/** An LSTM of 64 to 128 over 50 steps, a cell at a time, as who invents another cell would write it. */
function lstmInOps(): Task {
  const [steps, batch, width] = [50, 32, 128];
  const input = new nn.Linear(64, 4 * width);
  const hidden = new nn.Linear(width, 4 * width, { bias: false });
  const head = new nn.Linear(width, 10);
  const [x, y] = [randn([steps, batch, 64]), randint(0, 10, [batch])];
  const optimizer = new optim.Adam([input, hidden, head].flatMap((layer) => [...layer.parameters()]));
  const loss = (): Tensor => {
    let [h, c] = [zeros([batch, width]), zeros([batch, width])];
    for (const share of input.forward(x).unbind(0)) {
      const [i, f, g, o] = share.add(hidden.forward(h)).chunk(4, 1);
      c = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
      h = o.sigmoid().mul(c.tanh());
    }
    return losses.crossEntropy(head.forward(h), y);
  };
  return { optimizer, loss };
}

export const compileRows: readonly CompileRow[] = [
  {
    name: "chain_1e6",
    title: "8 pointwise ops, 1,000,000 elements",
    limit: 0.35,
    make: () => {
      const x = randn([1_000_000]);
      return () => x.mul(2).add(1).relu().mul(0.5).sub(0.25).abs().add(x).mul(x);
    },
  },
  {
    name: "norm_gelu",
    title: "layer norm, GELU and a residual, 4096×256",
    limit: 0.85,
    make: () => {
      const norm = new nn.LayerNorm(256);
      const x = randn([4096, 256], { requiresGrad: false });
      return () => norm.forward(x).detach().gelu().add(x);
    },
  },
  { name: "mlp", title: "MLP step", limit: 1, replayLimit: 0.9, dispatchLimit: 0.8, make: () => step(mlp()) },
  {
    name: "gpt_d64",
    title: "GPT step, width 64",
    limit: 0.97,
    replayLimit: 0.87,
    dispatchLimit: 0.87,
    make: () => step(gpt(64, 64, 2, 12)),
  },
  {
    name: "lstm_ops",
    title: "LSTM step, written in ops",
    limit: 0.9,
    replayLimit: 0.7,
    dispatchLimit: 0.62,
    make: () => step(lstmInOps()),
  },
  { name: "lstm", title: "LSTM step, the layer", limit: 1, make: () => step(lstm()) },
];
