// Reductions and what runs along a dimension, from many short lines to one long one.
import { randn, type Tensor } from "flambeau";
import { op, type ScalingRow } from "./row.ts";

const calls: { [name: string]: [title: string, call: (x: Tensor) => unknown] } = {
  softmax: ["softmax over the last", (x) => x.softmax(-1)],
  logsumexp: ["log-sum-exp over the last", (x) => x.logsumexp(-1)],
  sumlast: ["sum over the last", (x) => x.sum(-1)],
  sumfirst: ["sum over the first", (x) => x.sum(0)],
  max: ["max over the last, with indices", (x) => x.max(-1)],
  argmax: ["argmax over the last", (x) => x.argmax(-1)],
  cumsum: ["cumulative sum over the last", (x) => x.cumsum(-1)],
  var: ["variance over the last", (x) => x.var(-1)],
};

const along = (name: string, title: string, shape: number[], call: (x: Tensor) => unknown, more = {}) =>
  op(
    `${name}_${shape.join("x")}`,
    `${title} of ${shape.join("×")}`,
    () => {
      const x = randn(shape);
      return () => call(x);
    },
    more,
  );

export const reductions: readonly ScalingRow[] = [
  along("sum", "sum", [1_000_000], (x) => x.sum(), { target: { wasm: 1.2, native: 1.05 } }),
  ...[
    [4096, 16],
    [4096, 64],
    [512, 1024],
    [16, 32_768],
    [1, 1_000_000],
  ].flatMap((shape) =>
    Object.entries(calls).map(([name, [title, call]]) =>
      along(
        name,
        title,
        shape,
        call,
        name === "softmax" &&
          shape[0] === 512 && { target: { wasm: 1.3, native: 0.9 }, cycles: (5.5 * 512 * 1024) / 4 },
      ),
    ),
  ),
  along("softmax0", "softmax over the first", [512, 1024], (x) => x.softmax(0)),
  along("cumsum0", "cumulative sum over the first", [512, 1024], (x) => x.cumsum(0)),
  along("norm", "norm", [1_000_000], (x) => x.norm()),
];
