import { compileProgram, type Program } from "../contract/program.ts";
import { type DType, dtypeKey, scalarType } from "../core/dtype.ts";
import { empty, type Tensor } from "../core/tensor.ts";
import { input, param } from "../expr/expr.ts";
import { sameShape } from "../layout/shapes.ts";
import { broadcastView, checkSameDevice } from "../layout/windows.ts";
import { runMap, writeBytes } from "./machine.ts";

// Moving elements outside any graph: for results under construction and for kernels' inputs.

const copies = new Map<number, Program>();
/** The program that copies elements of one dtype into another. */
export function copyProgram(from: DType, to: DType): Program {
  const key = dtypeKey(dtypeKey(0, from), to);
  let program = copies.get(key);
  if (!program) copies.set(key, (program = compileProgram(input(0), [from], 0, scalarType(to), to)));
  return program;
}
const fills = new Map<DType, Program>();
function fillProgram(to: DType): Program {
  let program = fills.get(to);
  if (!program) fills.set(to, (program = compileProgram(param(0), [], 1, scalarType(to), to)));
  return program;
}

/** Writes `source` (broadcast, converted) into `target`'s elements. No graph, no version: for results under construction. */
export function copyInto(target: Tensor, source: Tensor): Tensor {
  checkSameDevice("copy", target, source);
  if (target.size > 0)
    runMap(
      copyProgram(source.dtype, target.dtype),
      [broadcastView(source, target.shape)],
      [],
      target,
      target.rowMajor && source.rowMajor && sameShape(source.shape, target.shape),
    );
  return target;
}
/** Sets every element of a result under construction. */
export function fillInto(target: Tensor, value: number | bigint): Tensor {
  if (target.size === 0) return target;
  if (typeof value === "bigint" && !Number.isSafeInteger(Number(value))) return fillWide(target, value);
  runMap(fillProgram(target.dtype), [], [Number(value)], target, target.rowMajor);
  return target;
}
/** {@link fillInto} with what no kernel's parameter holds: an int64 beyond 2^53, which lies in memory first. */
function fillWide(target: Tensor, value: bigint): Tensor {
  const one = empty(target.backend, "int64", []);
  writeBytes(one, new Uint8Array(new BigInt64Array([value]).buffer), true);
  copyInto(target, one);
  one.dispose();
  return target;
}

/** A row-major copy outside any graph. */
export const freshCopy = (x: Tensor): Tensor => copyInto(empty(x.backend, x.dtype, x.shape), x);
/** A contiguous stand-in for kernels that want one: `x`, or a copy outside any graph. */
export const dense = (x: Tensor): Tensor => (x.rowMajor ? x : freshCopy(x));
