import {
  compileProgram,
  type Epilogue,
  type Epilogues,
  input,
  type Program,
  type RowNormAttrs,
  sizeOf,
  type View,
} from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { isSummedAtOnce } from "../engine/gemm.ts";
import { canFollowBackward, layerNormBackward, layerNormForward } from "../engine/norm.ts";
import { withWorkspace } from "../engine/workspace.ts";
import type { MapKernels } from "../kernels/map.ts";
import { matmul } from "../kernels/matmul.ts";
import { allFloat32 } from "./address.ts";
import { linear } from "./linear.ts";
import { gradientsOf, normOf, rowsOf } from "./normalization.ts";

// Products take a sum behind them: they are added to what lies where they belong. Normalizations take any program: it goes over their
// rows while these are in the cache. Both give the bits of the two calls.

/** Whether a program is the sum of its two inputs, in their own dtype. */
function isSum({ nodes, inputs: [a, b], output }: Program, dtype: "float32" | "float64"): boolean {
  if (nodes.length !== 3 || a !== dtype || b !== dtype || output !== dtype) return false;
  const [x, y, sum] = nodes;
  const [from, to] = [x.value, y.value];
  return x.op === "input" && y.op === "input" && sum.op === "add" && from !== to && sum.args[0] !== sum.args[1];
}

const isVeryWindow = (a: View, b: View): boolean => a.buffer === b.buffer && a.offset === b.offset;

/** Numbers and views that leave room for the normalization's arguments. */
const mostOthers = 8;
const mostParams = 64;
const mostDims = 8;
const hasRoom = (program: Program, others: readonly View[], { shape }: View): boolean =>
  others.length <= mostOthers && program.params <= mostParams && shape.length <= mostDims;

export function epilogues(engine: Engine, map: MapKernels): Required<Epilogues> {
  const copies = { float32: copyOf("float32"), float64: copyOf("float64") };
  /** A product is added to `other`, which is where it belongs, or is copied there first. */
  const summed = (
    run: (inputs: readonly View[], out: View) => void,
    depthOf: (inputs: readonly View[]) => number,
  ): Epilogue => ({
    supports(inputs, [{ dtype }], program) {
      if (dtype !== "float32" && dtype !== "float64") return false;
      return inputs.every((x) => x.dtype === dtype) && isSummedAtOnce(dtype, depthOf(inputs)) && isSum(program, dtype);
    },
    run(inputs, [out], _attrs, _program, [other]) {
      if (!isVeryWindow(other, out)) map.run(copies[out.dtype as "float32" | "float64"], [other], [], out, false); // as supports has seen
      run(inputs, out);
    },
  });

  /** `normalize` writes its rows where the program reads them: to the output, or beside it where the program reads from there. */
  const followed = (
    normalize: (result: View, id: number) => void,
    [out]: readonly View[],
    program: Program,
    others: readonly View[],
    params: readonly number[],
  ): void => {
    const run = (result: View) => normalize(result, map.prepared(program, [result, ...others], params, out));
    if (!others.some(({ buffer }) => buffer === out.buffer)) return run(out);
    const byteLength = sizeOf(out.shape) * 4;
    withWorkspace(engine, "epilogue", byteLength, (address) =>
      run({ ...out, buffer: { address, byteLength }, offset: 0 }),
    );
  };

  return {
    matmul: summed(
      ([a, b], out) => matmul(engine, a, b, out, true),
      ([a]) => a.shape[2],
    ),
    linear: summed(
      ([x, weight, bias], out) => linear(engine, [x, weight, bias], out, true),
      ([, weight]) => weight.shape[1],
    ),
    layerNorm: {
      supports: (inputs, [out], program, others) =>
        allFloat32(inputs) && program.output === "float32" && hasRoom(program, others, out),
      run(inputs, outputs, attrs, program, others, params) {
        const norm = attrs as RowNormAttrs; // the op's own
        followed(
          (result, id) =>
            layerNormForward(
              engine,
              rowsOf(inputs[0], norm.count),
              normOf(inputs, [result, ...outputs.slice(1)], 1, norm),
              { id },
            ),
          outputs,
          program,
          others,
          params,
        );
      },
    },
    layerNormBackward: {
      supports: (inputs, [out], program, others) =>
        allFloat32(inputs) &&
        program.output === "float32" &&
        hasRoom(program, others, out) &&
        canFollowBackward({ rows: out.shape[0], n: out.shape[1] }),
      run(inputs, outputs, attrs, program, others, params) {
        const norm = attrs as RowNormAttrs; // the op's own
        followed(
          (result, id) =>
            layerNormBackward(
              engine,
              rowsOf(inputs[1], norm.count),
              gradientsOf(inputs, [result, ...outputs.slice(1)], norm),
              { id },
            ),
          outputs,
          program,
          others,
          params,
        );
      },
    },
  };
}

const copyOf = (dtype: "float32" | "float64"): Program => compileProgram(input(0), [dtype], 0, dtype, dtype);
