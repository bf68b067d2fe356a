import { broadcast, fma } from "../core/lanes";

// The register tile: 6 rows by 2 vectors. 12 accumulators, 2 vectors of B and 1 broadcast of A fill the 15 vector
// registers that x86-64 without AVX-512 leaves to WebAssembly; every accumulator must stay a named local for that.
// The loops over k are not unrolled: of two steps in one turn the compiler makes one expression per accumulator, a chain
// of dependent products that holds the vectors of all the steps at once, and half of the accumulators go to memory.

/** Rows of the register tile. */
export const MR: i32 = 6;

/** Columns of the register tile: two vectors. */
// @ts-ignore: decorator
@inline export function NR<T>(): i32 {
  return 32 / sizeof<T>();
}

// @ts-ignore: decorator
@inline function put<T>(c: usize, v0: v128, v1: v128, add: bool, bias: usize): void {
  if (bias) {
    v0 = v128.add<T>(v0, v128.load(bias));
    v1 = v128.add<T>(v1, v128.load(bias, 16));
  }
  if (add) {
    v0 = v128.add<T>(v0, v128.load(c));
    v1 = v128.add<T>(v1, v128.load(c, 16));
  }
  v128.store(c, v0);
  v128.store(c, v1, 16);
}

/**
 * A tile of C from packed A: `a` holds k groups of 6 values; `b` k rows of 2 vectors, `bStep` bytes apart.
 * C = tile, or C += tile where `add`; plus a row of `bias` unless it is 0.
 */
export function microPacked<T>(
  k: i32, a: usize, b: usize, bStep: usize, c: usize, cStep: usize, add: bool, bias: usize,
): void {
  let c00 = i32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  let b0: v128, b1: v128, x: v128;
  const S = sizeof<T>();
  for (; k > 0; k--) {
    b0 = v128.load(b); b1 = v128.load(b, 16); b += bStep;
    x = broadcast<T>(a, 0 * S); c00 = fma<T>(x, b0, c00); c01 = fma<T>(x, b1, c01);
    x = broadcast<T>(a, 1 * S); c10 = fma<T>(x, b0, c10); c11 = fma<T>(x, b1, c11);
    x = broadcast<T>(a, 2 * S); c20 = fma<T>(x, b0, c20); c21 = fma<T>(x, b1, c21);
    x = broadcast<T>(a, 3 * S); c30 = fma<T>(x, b0, c30); c31 = fma<T>(x, b1, c31);
    x = broadcast<T>(a, 4 * S); c40 = fma<T>(x, b0, c40); c41 = fma<T>(x, b1, c41);
    x = broadcast<T>(a, 5 * S); c50 = fma<T>(x, b0, c50); c51 = fma<T>(x, b1, c51);
    a += 6 * S;
  }
  put<T>(c, c00, c01, add, bias); c += cStep;
  put<T>(c, c10, c11, add, bias); c += cStep;
  put<T>(c, c20, c21, add, bias); c += cStep;
  put<T>(c, c30, c31, add, bias); c += cStep;
  put<T>(c, c40, c41, add, bias); c += cStep;
  put<T>(c, c50, c51, add, bias);
}

/**
 * The same from unpacked A: row i starts at a + min(i, rows - 1)·aRow, its k values lie `aStep` bytes apart.
 * Rows past `rows` repeat the last one, so nothing outside A is read.
 */
export function microDirect<T>(
  k: i32, a: usize, aRow: usize, aStep: usize, rows: i32, b: usize, bStep: usize, c: usize, cStep: usize,
  add: bool, bias: usize,
): void {
  let c00 = i32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  let b0: v128, b1: v128, x: v128;
  let a1 = rows > 1 ? a + aRow : a;
  let a2 = rows > 2 ? a1 + aRow : a1;
  let a3 = rows > 3 ? a2 + aRow : a2;
  let a4 = rows > 4 ? a3 + aRow : a3;
  let a5 = rows > 5 ? a4 + aRow : a4;
  for (; k > 0; k--) {
    b0 = v128.load(b); b1 = v128.load(b, 16); b += bStep;
    x = broadcast<T>(a); c00 = fma<T>(x, b0, c00); c01 = fma<T>(x, b1, c01); a += aStep;
    x = broadcast<T>(a1); c10 = fma<T>(x, b0, c10); c11 = fma<T>(x, b1, c11); a1 += aStep;
    x = broadcast<T>(a2); c20 = fma<T>(x, b0, c20); c21 = fma<T>(x, b1, c21); a2 += aStep;
    x = broadcast<T>(a3); c30 = fma<T>(x, b0, c30); c31 = fma<T>(x, b1, c31); a3 += aStep;
    x = broadcast<T>(a4); c40 = fma<T>(x, b0, c40); c41 = fma<T>(x, b1, c41); a4 += aStep;
    x = broadcast<T>(a5); c50 = fma<T>(x, b0, c50); c51 = fma<T>(x, b1, c51); a5 += aStep;
  }
  put<T>(c, c00, c01, add, bias); c += cStep;
  put<T>(c, c10, c11, add, bias); c += cStep;
  put<T>(c, c20, c21, add, bias); c += cStep;
  put<T>(c, c30, c31, add, bias); c += cStep;
  put<T>(c, c40, c41, add, bias); c += cStep;
  put<T>(c, c50, c51, add, bias);
}

/** Writes the valid corner (rows × cols) of a tile that was computed into a private 6-row buffer. */
export function putCorner<T>(
  tile: usize, rows: i32, cols: i32, c: usize, cStep: usize, add: bool, bias: usize,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const at = <usize>j * sizeof<T>();
      let v = load<T>(tile + at);
      if (bias) v += load<T>(bias + at);
      if (add) v += load<T>(c + at);
      store<T>(c + at, v);
    }
    tile += 32;
    c += cStep;
  }
}
