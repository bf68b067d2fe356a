import { sizeOf, type View } from "@flambeau/tensor/plugin";
import { addressOf } from "../buffer.ts";
import type { Engine } from "../engine/engine.ts";
import { gemm } from "../engine/gemm.ts";
import { withWorkspace } from "../engine/workspace.ts";

/** Multiply-adds below which the conversions cost more than they save. */
const worthConverting = 2 ** 18;

/**
 * Products of int64 matrices by the float64 kernels, which have twice the lanes, and are exact where no sum can be beyond 2^53. False where
 * one could be, with nothing done.
 */
export function throughFloat64(engine: Engine, a: View, b: View, output: View): boolean {
  const [batch, m, n] = output.shape;
  const k = a.shape[2];
  if (batch * m * n * k < worthConverting) return false;
  const [sizeA, sizeB, sizeC] = [a, b, output].map((x) => sizeOf(x.shape));
  const most = largest(engine, a) * largest(engine, b);
  if (!(most * k <= 2 ** 53)) return false;
  withWorkspace(engine, "matmul", 8 * (sizeA + sizeB + sizeC), (address) => {
    const [atB, atC] = [address + 8 * sizeA, address + 8 * (sizeA + sizeB)];
    widen(engine, a, address);
    widen(engine, b, atB);
    gemm(engine, "float64", {
      a: address,
      b: atB,
      c: atC,
      batch,
      m,
      n,
      k,
      aBatch: a.shape[0] === 1 ? 0 : m * k,
      aRow: k,
      aCol: 1,
      bBatch: b.shape[0] === 1 ? 0 : k * n,
      bRow: n,
      bCol: 1,
      cBatch: m * n,
      cRow: n,
    });
    const { f64, i32 } = engine;
    const to = addressOf(output, 8) >>> 2;
    for (let i = 0; i < sizeC; i++) {
      const value = f64[atC / 8 + i];
      const high = Math.floor(value * 2 ** -32);
      i32[to + 2 * i] = value - high * 2 ** 32;
      i32[to + 2 * i + 1] = high;
    }
  });
  return true;
}

/** Calls `use` with the place, as a 32-bit word, of each element in row-major order. */
function eachPlace({ shape: [batch, rows, columns], strides }: View, at: number, use: (place: number) => void): void {
  for (let p = 0; p < batch; p++)
    for (let i = 0; i < rows; i++) {
      const row = at + 2 * (p * strides[0] + i * strides[1]);
      for (let j = 0; j < columns; j++) use(row + 2 * j * strides[2]);
    }
}
/** The largest size of an element; infinity for what 32 bits do not hold. */
function largest({ i32 }: Engine, x: View): number {
  let most = 0;
  let beyond = 0;
  eachPlace(x, addressOf(x, 8) >>> 2, (place) => {
    const low = i32[place];
    beyond |= (low >> 31) ^ i32[place + 1];
    const size = low < 0 ? -low : low;
    if (size > most) most = size;
  });
  return beyond === 0 ? most : Number.POSITIVE_INFINITY;
}
function widen({ i32, f64 }: Engine, x: View, address: number): void {
  let to = address / 8;
  eachPlace(x, addressOf(x, 8) >>> 2, (place) => {
    f64[to++] = i32[place];
  });
}
