import { expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { type GemmArgs, gemm } from "../../src/engine/gemm.ts";
import { describeBuilds } from "./builds.ts";
import { error, get, numbers, put, random } from "./reference.ts";

let engine: Engine;

interface Shape {
  m: number;
  n: number;
  k: number;
  batch?: number;
  transposeA?: boolean;
  transposeB?: boolean;
  sharedB?: boolean;
  bias?: boolean;
  accumulate?: boolean;
  /** Every stride times two. */
  spread?: boolean;
}

function layout(s: Shape) {
  const f = s.spread ? 2 : 1;
  const batch = s.batch ?? 1;
  return {
    m: s.m,
    n: s.n,
    k: s.k,
    batch,
    aBatch: s.m * s.k * f,
    aRow: (s.transposeA ? 1 : s.k) * f,
    aCol: (s.transposeA ? s.m : 1) * f,
    bBatch: s.sharedB ? 0 : s.k * s.n * f,
    bRow: (s.transposeB ? 1 : s.n) * f,
    bCol: (s.transposeB ? s.k : 1) * f,
    cBatch: s.m * (s.n + 3),
    cRow: s.n + 3,
  };
}

function expected(s: Shape, a: ArrayLike<number>, b: ArrayLike<number>, c: ArrayLike<number>, bias: ArrayLike<number>) {
  const l = layout(s);
  const out = Float64Array.from(c);
  for (let q = 0; q < l.batch; q++) {
    for (let i = 0; i < s.m; i++) {
      for (let j = 0; j < s.n; j++) {
        let sum = 0;
        for (let p = 0; p < s.k; p++) {
          sum += a[q * l.aBatch + i * l.aRow + p * l.aCol] * b[q * l.bBatch + p * l.bRow + j * l.bCol];
        }
        const at = q * l.cBatch + i * l.cRow + j;
        out[at] = sum + (s.accumulate ? c[at] : 0) + (s.bias ? bias[j] : 0);
      }
    }
  }
  return out;
}

const shapes: Shape[] = [
  { m: 6, n: 8, k: 4 },
  { m: 64, n: 64, k: 64 },
  { m: 130, n: 70, k: 37, bias: true },
  { m: 97, n: 33, k: 600, transposeB: true },
  { m: 50, n: 129, k: 530, transposeA: true, bias: true },
  { m: 100, n: 100, k: 1030, transposeA: true, transposeB: true, accumulate: true },
  { m: 13, n: 300, k: 20, spread: true },
  { m: 120, n: 75, k: 33, spread: true, transposeA: true, bias: true, accumulate: true },
  { m: 5, n: 3, k: 2, batch: 7 },
  { m: 64, n: 16, k: 64, batch: 5 },
  { m: 64, n: 64, k: 16, batch: 9, transposeB: true },
  { m: 100, n: 40, k: 20, batch: 3, transposeB: true, bias: true },
  { m: 10, n: 24, k: 12, batch: 6, sharedB: true },
  { m: 1, n: 500, k: 300 },
  { m: 1, n: 500, k: 301, transposeB: true, bias: true },
  { m: 400, n: 1, k: 303 },
  { m: 400, n: 1, k: 300, transposeA: true, accumulate: true },
  { m: 400, n: 1, k: 30, spread: true, bias: true },
  { m: 1, n: 400, k: 50, spread: true },
  { m: 1, n: 1, k: 1000, batch: 3 },
  { m: 1, n: 3, k: 300_001, spread: true, transposeB: true },
  { m: 3, n: 1, k: 300_001, transposeB: true },
  { m: 13, n: 300, k: 1, batch: 5 },
  { m: 300, n: 64, k: 1, batch: 3, sharedB: true, accumulate: true },
  { m: 5, n: 9001, k: 1, bias: true, accumulate: true },
  { m: 7, n: 11, k: 1, batch: 3, transposeB: true },
  { m: 120, n: 75, k: 1, spread: true, transposeA: true, bias: true },
  { m: 2, n: 2, k: 0, bias: true },
  { m: 1, n: 4, k: 0 },
];

function runOn(s: Shape, threads: number) {
  engine.setThreads(threads);
  const l = layout(s);
  const f = s.spread ? 2 : 1;
  const next = numbers(s.m * 1000 + s.n * 10 + s.k);
  const a = random(l.batch * s.m * s.k * f, next);
  const b = random(l.batch * s.k * s.n * f, next);
  const c = random(l.batch * l.cBatch, next);
  const bias = random(s.n, next);
  const at = { a: put(engine, a), b: put(engine, b), c: put(engine, c), bias: put(engine, bias) };
  const args: GemmArgs = { ...l, a: at.a, b: at.b, c: at.c, accumulate: s.accumulate };
  if (s.bias) args.bias = at.bias;
  gemm(engine, "float32", args);
  const result = get(engine, at.c, c.length);
  engine.free(at.a, a.byteLength);
  engine.free(at.b, b.byteLength);
  engine.free(at.c, c.byteLength);
  engine.free(at.bias, bias.byteLength);
  return { result, reference: expected(s, a, b, c, bias) };
}

const use = (of: Engine) => {
  engine = of;
};
describeBuilds("gemm", { threads: 2 }, use, () => {
  it.each(shapes)("float32 $m×$n×$k equals the float64 sum, with the same bits for any thread count: %j", (shape) => {
    const one = runOn(shape, 1);
    expect(error(one.result, one.reference)).toBeLessThan(2e-6);
    const two = runOn(shape, 2);
    const three = runOn(shape, 3);
    expect(two.result).toEqual(one.result);
    expect(three.result).toEqual(one.result);
  });

  it("float64 keeps float64's precision", () => {
    const { m, n, k } = { m: 61, n: 35, k: 700 };
    const next = numbers(5);
    const a = Float64Array.from({ length: m * k }, next);
    const b = Float64Array.from({ length: n * k }, next);
    const at = [engine.alloc(a.byteLength), engine.alloc(b.byteLength), engine.alloc(m * n * 8)];
    engine.f64.set(a, at[0] / 8);
    engine.f64.set(b, at[1] / 8);
    const strides = { aRow: k, aCol: 1, bRow: 1, bCol: k, cRow: n };
    gemm(engine, "float64", { a: at[0], b: at[1], c: at[2], m, n, k, ...strides });
    const reference = expected({ m, n, k, transposeB: true }, a, b, new Float64Array(m * (n + 3)), []);
    const compact = Array.from({ length: m * n }, (_, i) => reference[Math.floor(i / n) * (n + 3) + (i % n)]);
    expect(error(engine.f64.subarray(at[2] / 8, at[2] / 8 + m * n), compact)).toBeLessThan(1e-14);
  });

  it("sums of one product begin with 0, too", () => {
    const [a, b, c] = [
      put(engine, Float32Array.of(-1, 2)),
      put(engine, new Float32Array(9)),
      put(engine, new Float32Array(18)),
    ];
    gemm(engine, "float32", { a, b, c, m: 2, n: 9, k: 1, aRow: 1, aCol: 1, bRow: 9, bCol: 1, cRow: 9 });
    expect(get(engine, c, 18)).toEqual(new Float32Array(18)); // and not -0
  });

  it.each([1, 9])("int32 and int64 wrap around as two's complement does, over a k of %i", (k) => {
    const { m, n } = { m: 20, n: 11 };
    const next = numbers(6);
    const a = Int32Array.from({ length: m * k }, () => next() * 2 ** 31);
    const b = Int32Array.from({ length: k * n }, () => next() * 2 ** 31);
    const strides = { aRow: k, aCol: 1, bRow: n, bCol: 1, cRow: n };
    const exact = (i: number, j: number) => {
      let sum = 0n;
      for (let p = 0; p < k; p++) sum += BigInt(a[i * k + p]) * BigInt(b[p * n + j]);
      return sum;
    };
    const at = [engine.alloc(a.byteLength), engine.alloc(b.byteLength), engine.alloc(m * n * 4)];
    engine.i32.set(a, at[0] / 4);
    engine.i32.set(b, at[1] / 4);
    gemm(engine, "int32", { a: at[0], b: at[1], c: at[2], m, n, k, ...strides });
    const wide = [engine.alloc(m * k * 8), engine.alloc(k * n * 8), engine.alloc(m * n * 8)];
    engine.i64.set(BigInt64Array.from(a, BigInt), wide[0] / 8);
    engine.i64.set(BigInt64Array.from(b, BigInt), wide[1] / 8);
    gemm(engine, "int64", { a: wide[0], b: wide[1], c: wide[2], m, n, k, ...strides });
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        expect(engine.i32[at[2] / 4 + i * n + j]).toBe(Number(BigInt.asIntN(32, exact(i, j))));
        expect(engine.i64[wide[2] / 8 + i * n + j]).toBe(BigInt.asIntN(64, exact(i, j)));
      }
    }
  });
});
