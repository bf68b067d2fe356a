import { Code, encodeModule, kernelSignature, type Signature, type WasmFunction } from "./assembler.ts";
import type { Graph } from "./graph.ts";
import { control, I64, i32, i64 } from "./opcodes.ts";
import { Schedule } from "./schedule.ts";

/** What the engine's memory and processor allow. */
export interface Target {
  readonly shared: boolean;
  readonly relaxed: boolean;
}

/** Integer power by squaring; a negative exponent gives what truncating 1 / x^n gives, and 0 for x = 0. */
function integerPower(): WasmFunction {
  const signature: Signature = { params: [I64, I64], results: [I64] };
  const code = new Code(signature.params);
  const result = code.local(I64);
  code.get(1);
  code.i64(0n);
  code.op(i64.ltS);
  code.if();
  // 1 -> 1; -1 -> 1 or -1 by parity; anything else -> 0
  code.get(0);
  code.i64(1n);
  code.op(i64.eq);
  code.if();
  code.i64(1n);
  code.op(control.return);
  code.end();
  code.get(0);
  code.i64(-1n);
  code.op(i64.ne);
  code.if();
  code.i64(0n);
  code.op(control.return);
  code.end();
  code.i64(0n);
  code.get(1);
  code.op(i64.sub);
  code.set(1);
  code.end();
  code.i64(1n);
  code.set(result);
  code.block();
  code.loop();
  code.get(1);
  code.op(i64.eqz);
  code.brIf(1);
  code.get(1);
  code.i64(1n);
  code.op(i64.and);
  code.op(i32.wrap);
  code.if();
  code.get(result);
  code.get(0);
  code.op(i64.mul);
  code.set(result);
  code.end();
  code.get(0);
  code.get(0);
  code.op(i64.mul);
  code.set(0);
  code.get(1);
  code.i64(1n);
  code.op(i64.shrU);
  code.set(1);
  code.br(0);
  code.end();
  code.end();
  code.get(result);
  return { ...signature, code };
}

/**
 * Makes a kernel module of what `fill` writes: parameters are locals 0 (arguments' address), 1 (start) and 2 (end). `fill`
 * builds all its nodes before it schedules the first one, so that the functions to import are known.
 */
export function buildKernel(target: Target, graph: Graph, fill: (code: Code, schedule: Schedule) => void): Uint8Array {
  const code = new Code(kernelSignature.params);
  const imported = () => [...graph.math.keys()].filter((name) => name !== "ipow");
  const functionIndex = (name: string) => (name === "ipow" ? imported().length + 1 : imported().indexOf(name));
  fill(code, new Schedule(code, functionIndex));
  const functions: WasmFunction[] = [{ ...kernelSignature, code }];
  if (graph.math.has("ipow")) functions.push(integerPower());
  const math = new Map(graph.math);
  math.delete("ipow");
  return encodeModule(target.shared, math, functions);
}

export const DESC: number = 0;
export const START: number = 1;
export const END: number = 2;
