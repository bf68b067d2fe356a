import { bytesOf, kindOf, type View } from "@flambeau/tensor/plugin";
import { addressOf } from "../buffer.ts";
import type { Engine } from "../engine/engine.ts";
import { type GemmArgs, gemm } from "../engine/gemm.ts";
import { elementsOf, type Scalar } from "./elements.ts";
import { throughFloat64 } from "./whole-numbers.ts";

/** Reused: gemm reads it before it returns. */
const args: GemmArgs = {
  a: 0,
  b: 0,
  c: 0,
  m: 0,
  n: 0,
  k: 0,
  batch: 1,
  aBatch: 0,
  aRow: 0,
  aCol: 0,
  bBatch: 0,
  bRow: 0,
  bCol: 0,
  cBatch: 0,
  cRow: 0,
  accumulate: false,
};

/** The `matmul` primitive: batched matrix products with strides for transposes and repeats; added to what lies there where told so. */
export function matmul(engine: Engine, a: View, b: View, output: View, accumulate = false): void {
  const { dtype } = output;
  if (dtype !== "float32" && dtype !== "float64" && dtype !== "int32" && dtype !== "int64")
    return plain(engine, a, b, output);
  if (dtype === "int64" && !accumulate && throughFloat64(engine, a, b, output)) return;
  const bytes = bytesOf(dtype);
  args.a = addressOf(a, bytes);
  args.b = addressOf(b, bytes);
  args.c = addressOf(output, bytes);
  args.batch = output.shape[0];
  args.m = output.shape[1];
  args.n = output.shape[2];
  args.k = a.shape[2];
  args.aBatch = a.shape[0] === 1 ? 0 : a.strides[0];
  args.aRow = a.strides[1];
  args.aCol = a.strides[2];
  args.bBatch = b.shape[0] === 1 ? 0 : b.strides[0];
  args.bRow = b.strides[1];
  args.bCol = b.strides[2];
  args.cBatch = output.strides[0];
  args.cRow = output.strides[1];
  args.accumulate = accumulate;
  gemm(engine, dtype, args);
}

/** Narrow integers wrap, bools take "or" of "and", half floats are summed in float64 and rounded once. */
function plain(engine: Engine, a: View, b: View, output: View): void {
  const x = elementsOf(engine, a);
  const y = elementsOf(engine, b);
  const to = elementsOf(engine, output);
  const [batch, m, n] = output.shape;
  const k = a.shape[2];
  const integer = kindOf(output.dtype) !== "float";
  const number = (s: Scalar) => s as number; // no int64 comes here
  for (let p = 0; p < batch; p++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        const row = (a.shape[0] === 1 ? 0 : p) * a.strides[0] + i * a.strides[1];
        const column = (b.shape[0] === 1 ? 0 : p) * b.strides[0] + j * b.strides[2];
        for (let l = 0; l < k; l++) {
          const product = number(x.get(row + l * a.strides[2])) * number(y.get(column + l * b.strides[1]));
          sum = integer ? (sum + product) | 0 : sum + product;
        }
        to.set(
          p * output.strides[0] + i * output.strides[1] + j * output.strides[2],
          output.dtype === "bool" ? Number(sum !== 0) : sum,
        );
      }
}
