import { expect, it } from "vitest";
import {
  type Attention,
  attentionBackward,
  attentionForward,
  canAttend,
  type HeadTensor,
} from "../../src/engine/attention.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { describeBuilds } from "./builds.ts";
import { error, get, numbers, numericGradient, put, random } from "./reference.ts";

let engine: Engine;
const use = (made: Engine) => {
  engine = made;
};

interface Sizes {
  batch: number;
  heads: number;
  queries: number;
  keys: number;
  dim: number;
  dimV: number;
  causal?: boolean;
  masked?: boolean;
  /** The mask is bytes. */
  bytes?: boolean;
}

const cases: Sizes[] = [
  { batch: 1, heads: 1, queries: 1, keys: 1, dim: 4, dimV: 4 },
  { batch: 2, heads: 3, queries: 7, keys: 9, dim: 5, dimV: 6 },
  { batch: 1, heads: 2, queries: 20, keys: 20, dim: 16, dimV: 16, causal: true },
  { batch: 1, heads: 2, queries: 11, keys: 13, dim: 8, dimV: 3, masked: true },
  { batch: 1, heads: 1, queries: 14, keys: 6, dim: 8, dimV: 8, causal: true, masked: true },
  { batch: 2, heads: 2, queries: 11, keys: 13, dim: 8, dimV: 3, masked: true, bytes: true },
  { batch: 1, heads: 1, queries: 6, keys: 14, dim: 8, dimV: 8, causal: true },
];

function reference(s: Sizes, scale: number, mask: ArrayLike<number>) {
  return (q: ArrayLike<number>, k: ArrayLike<number>, v: ArrayLike<number>): Float64Array => {
    const out = new Float64Array(s.batch * s.heads * s.queries * s.dimV);
    for (let u = 0; u < s.batch * s.heads; u++) {
      for (let i = 0; i < s.queries; i++) {
        const weights = Array.from({ length: s.keys }, (_, j) => {
          if (s.causal && j > i) return 0;
          let dot = 0;
          for (let d = 0; d < s.dim; d++) dot += q[(u * s.queries + i) * s.dim + d] * k[(u * s.keys + j) * s.dim + d];
          return Math.exp(dot * scale + (s.masked ? mask[i * s.keys + j] : 0));
        });
        const sum = weights.reduce((a, b) => a + b, 0);
        for (let j = 0; j < s.keys; j++) {
          for (let d = 0; d < s.dimV; d++) {
            out[(u * s.queries + i) * s.dimV + d] +=
              sum === 0 ? 0 : (weights[j] / sum) * v[(u * s.keys + j) * s.dimV + d];
          }
        }
      }
    }
    return out;
  };
}

const dense = (address: number, heads: number, rows: number, dim: number): HeadTensor => ({
  address,
  batch: heads * rows * dim,
  head: rows * dim,
  row: dim,
});

function prepare(s: Sizes) {
  const next = numbers(s.keys * s.dim);
  const units = s.batch * s.heads;
  const q = random(units * s.queries * s.dim, next);
  const k = random(units * s.keys * s.dim, next);
  const v = random(units * s.keys * s.dimV, next);
  const g = random(units * s.queries * s.dimV, next);
  // query 2 may see nothing
  const mask = Float32Array.from({ length: s.queries * s.keys }, (_, at) =>
    next() > 0.5 || Math.floor(at / s.keys) === 2 ? Number.NEGATIVE_INFINITY : s.bytes ? 0 : next(),
  );
  const scale = 1 / Math.sqrt(s.dim);
  const a: Attention = {
    ...s,
    q: dense(put(engine, q), s.heads, s.queries, s.dim),
    k: dense(put(engine, k), s.heads, s.keys, s.dim),
    v: dense(put(engine, v), s.heads, s.keys, s.dimV),
    out: dense(put(engine, g), s.heads, s.queries, s.dimV),
    logSums: engine.alloc(units * s.queries * 4),
    scale,
    causal: s.causal ?? false,
  };
  const steps = { batch: 0, head: 0, row: s.keys, column: 1 };
  if (s.masked && !s.bytes) a.mask = { address: put(engine, mask), ...steps, wide: 4 };
  if (s.masked && s.bytes) {
    const address = engine.alloc(mask.length);
    // any byte but 0 is true
    engine.u8.set(
      mask.map((m, i) => (m === 0 ? 1 + (i % 255) : 0)),
      address,
    );
    a.mask = { address, ...steps, wide: 1 };
  }
  return { q, k, v, g, a, f: reference(s, scale, mask) };
}

describeBuilds("attention", { threads: 2 }, use, () => {
  it.each(cases)("output and gradients equal the definition: %j", (s) => {
    const { q, k, v, g, a, f } = prepare(s);
    attentionForward(engine, a);
    expect(error(get(engine, a.out.address, g.length), f(q, k, v))).toBeLessThan(1e-6);
    const to = {
      gradient: dense(put(engine, g), s.heads, s.queries, s.dimV),
      dq: dense(put(engine, q), s.heads, s.queries, s.dim),
      dk: dense(put(engine, k), s.heads, s.keys, s.dim),
      dv: dense(put(engine, v), s.heads, s.keys, s.dimV),
    };
    attentionBackward(engine, a, to);
    const close = (t: HeadTensor, x: Float32Array, wanted: Float64Array) => {
      const got = get(engine, t.address, x.length);
      expect(got.some(Number.isNaN)).toBe(false);
      // with one key there is nothing to choose: dq and dk are 0, and float32 leaves a trace
      if (s.keys === 1 && t !== to.dv) expect(Math.max(...got.map(Math.abs))).toBeLessThan(1e-7);
      else expect(error(got, wanted)).toBeLessThan(3e-6);
    };
    close(
      to.dq,
      q,
      numericGradient((x) => f(x, k, v), q, g),
    );
    close(
      to.dk,
      k,
      numericGradient((x) => f(q, x, v), k, g),
    );
    close(
      to.dv,
      v,
      numericGradient((x) => f(q, k, x), v, g),
    );
  });

  it("takes any number of keys, and values as wide as the threads' private memory is for", () => {
    const s = { batch: 1, heads: 1, queries: 31, keys: 12_000, dim: 64, dimV: 64 };
    for (const backward of [false, true]) {
      expect(canAttend({ ...s, keys: 2 ** 31 - 1 }, backward)).toBe(true);
      expect(canAttend({ ...s, dim: 10_000, dimV: 10_000 }, backward)).toBe(true);
      expect(canAttend({ ...s, dim: 100_000 }, backward)).toBe(false);
    }
    const { q, k, v, g, a, f } = prepare(s);
    attentionForward(engine, a);
    // a mean of 12,000 values of either sign, by blocks: sqrt(12,000) roundings of 2^-24 by what is left of it
    expect(error(get(engine, a.out.address, g.length), f(q, k, v))).toBeLessThan(6.5e-6);
    for (const t of [a.q, a.k, a.v, a.out])
      engine.free(t.address, t.row * (t === a.k || t === a.v ? s.keys : s.queries) * 4);
  });

  it("the widest values that fit are right", () => {
    const s = { batch: 1, heads: 1, queries: 7, keys: 40, dim: 10_000, dimV: 9_000 };
    const { q, k, v, g, a, f } = prepare(s);
    attentionForward(engine, a);
    expect(error(get(engine, a.out.address, g.length), f(q, k, v))).toBeLessThan(1e-6);
    for (const [t, x] of [
      [a.q, q],
      [a.k, k],
      [a.v, v],
      [a.out, g],
    ] as const)
      engine.free(t.address, x.length * 4);
  });

  it("gives the same bits on any thread count over several blocks of keys", () => {
    const s = { batch: 2, heads: 3, queries: 700, keys: 1100, dim: 8, dimV: 8, causal: true };
    const { q, k, v, g, a } = prepare(s);
    const to = {
      gradient: dense(put(engine, g), s.heads, s.queries, s.dimV),
      dq: dense(put(engine, q), s.heads, s.queries, s.dim),
      dk: dense(put(engine, k), s.heads, s.keys, s.dim),
      dv: dense(put(engine, v), s.heads, s.keys, s.dimV),
    };
    const results = [1, 2, 3].map((threads) => {
      engine.setThreads(threads);
      attentionForward(engine, a);
      attentionBackward(engine, a, to);
      return [a.out, to.dq, to.dk, to.dv].map((t, i) => get(engine, t.address, [g, q, k, v][i].length));
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it("works on q, k and v interleaved in one tensor, several blocks of queries, same bits on any thread count", () => {
    const s = { batch: 2, heads: 2, queries: 150, keys: 150, dim: 16, dimV: 16, causal: true };
    const width = 3 * s.heads * s.dim;
    const next = numbers(77);
    const qkv = random(s.batch * s.queries * width, next);
    const address = put(engine, qkv);
    const part = (base: number, n: number): HeadTensor => ({
      address: base + n * s.heads * s.dim * 4,
      batch: s.queries * width,
      head: s.dim,
      row: width,
    });
    const outLength = (s.batch * s.queries * width) / 3;
    const out = { address: engine.alloc(outLength * 4), batch: (s.queries * width) / 3, head: s.dim, row: width / 3 };
    const g = random(outLength, next);
    const logSums = engine.alloc(s.batch * s.heads * s.queries * 4);
    const a: Attention = {
      ...s,
      q: part(address, 0),
      k: part(address, 1),
      v: part(address, 2),
      out,
      logSums,
      scale: 0.25,
    };
    const gradients = put(engine, qkv);
    const to = {
      gradient: { ...out, address: put(engine, g) },
      dq: part(gradients, 0),
      dk: part(gradients, 1),
      dv: part(gradients, 2),
    };
    const results = [1, 2, 3].map((threads) => {
      engine.setThreads(threads);
      attentionForward(engine, a);
      attentionBackward(engine, a, to);
      return [get(engine, out.address, outLength), get(engine, gradients, qkv.length)];
    });
    const heads = (source: ArrayLike<number>, n: number) => {
      const x: number[] = [];
      for (let b = 0; b < s.batch; b++) {
        for (let h = 0; h < s.heads; h++) {
          for (let t = 0; t < s.queries; t++) {
            const at = (b * s.queries + t) * width + (n * s.heads + h) * s.dim;
            for (let d = 0; d < s.dim; d++) x.push(source[at + d]);
          }
        }
      }
      return x;
    };
    const [q, k, v] = [0, 1, 2].map((n) => heads(qkv, n));
    const f = reference(s, 0.25, []);
    const expected = f(q, k, v);
    const gHeads: number[] = [];
    const got: number[] = [];
    for (let b = 0; b < s.batch; b++) {
      for (let h = 0; h < s.heads; h++) {
        for (let t = 0; t < s.queries; t++) {
          for (let d = 0; d < s.dim; d++) {
            const at = ((b * s.queries + t) * s.heads + h) * s.dim + d;
            got.push(results[0][0][at]);
            gHeads.push(g[at]);
          }
        }
      }
    }
    expect(error(got, expected)).toBeLessThan(1e-6);
    // a directional derivative checks the whole gradient at once
    const direction = random(q.length, next);
    const step = 1e-4;
    [q, k, v].forEach((x, n) => {
      const moved = (t: number) => {
        const y = [q, k, v];
        y[n] = x.map((value, i) => value + t * direction[i]);
        const o = f(y[0], y[1], y[2]);
        return o.reduce((sum, value, i) => sum + value * gHeads[i], 0);
      };
      const slope = (moved(step) - moved(-step)) / (2 * step);
      const dot = heads(results[0][1], n).reduce((sum, value, i) => sum + value * direction[i], 0);
      expect(Math.abs(dot - slope) / Math.abs(slope)).toBeLessThan(1e-4);
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});
