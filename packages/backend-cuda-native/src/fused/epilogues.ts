import {
  type Epilogue,
  type Epilogues,
  isContiguous,
  type RowNormAttrs,
  sizeOf,
  type View,
} from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { addressOf, laidOut } from "../engine/views.ts";
import { writeFactors } from "../kernels/matmul.ts";
import { blocksOf, inLargeTiles, tileThreads } from "../kernels/tiles.ts";
import { type Behind, withBehind } from "./behind.ts";
import { allFloats } from "./floats.ts";
import { normBackward, normForward } from "./norm.ts";

const mostBlocks = 65_535;

/** Products, linear layers and layer norms that map their results as they store them: programs of any kind. */
export function epilogueKernels(engine: Engine): Required<Epilogues> {
  const product = (
    a: View,
    b: View,
    bias: View | undefined,
    [batch, m, n]: readonly number[],
    behind: Behind,
  ): void => {
    const large = inLargeTiles(a.dtype, batch, m, n);
    const blocks = Math.min(blocksOf(large, batch, m, n), mostBlocks);
    const words = writeFactors(engine, a, b, [batch, m, n]).int(bias ? addressOf(bias) : 0);
    withBehind(engine, words, behind, blocks * tileThreads, () =>
      engine.launch(`product_mapped${large ? "_large" : ""}_${a.dtype}`, blocks, 1, tileThreads),
    );
  };
  /** Of kernels whose inputs are row-major. */
  const dense: Epilogue["supports"] = (inputs) =>
    allFloats(inputs) && inputs.every(({ shape, strides }) => isContiguous(shape, strides));
  return {
    matmul: {
      supports: (inputs) => allFloats(inputs),
      run: ([a, b], [output], _attrs, program, others, params) =>
        product(a, b, undefined, [a.shape[0], a.shape[1], b.shape[2]], { output, program, others, params }),
    },
    linear: {
      supports: dense,
      run([x, weight, bias], [output], _attrs, program, others, params) {
        const [features, inputs] = weight.shape;
        const rows = sizeOf(x.shape) / inputs;
        const [a, b] = [
          laidOut(x, [1, rows, inputs], [0, inputs, 1]),
          laidOut(weight, [1, inputs, features], [0, 1, inputs]),
        ];
        product(a, b, bias, [1, rows, features], { output, program, others, params });
      },
    },
    layerNorm: {
      supports: dense,
      // a plan hands on what the op was called with
      run: (inputs, [output, mean, rstd], attrs, program, others, params) =>
        normForward(engine, inputs, { mean, rstd }, attrs as RowNormAttrs, { output, program, others, params }),
    },
    layerNormBackward: {
      supports: dense,
      run: ([g, x, mean, rstd, weight], [output, ...gradients], attrs, program, others, params) =>
        normBackward(engine, { g, x, mean, rstd, weight }, gradients, attrs as RowNormAttrs, {
          output,
          program,
          others,
          params,
        }),
    },
  };
}
