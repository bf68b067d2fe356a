/** Transposes a 4×4 block of 32-bit lanes in registers; row i of the result is stored at p + i·step. */
// @ts-ignore: decorator
@inline export function storeTransposed4(p: usize, step: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const t0 = v128.shuffle<u32>(r0, r1, 0, 4, 1, 5);
  const t1 = v128.shuffle<u32>(r0, r1, 2, 6, 3, 7);
  const t2 = v128.shuffle<u32>(r2, r3, 0, 4, 1, 5);
  const t3 = v128.shuffle<u32>(r2, r3, 2, 6, 3, 7);
  v128.store(p, v128.shuffle<u64>(t0, t2, 0, 2));
  v128.store(p + step, v128.shuffle<u64>(t0, t2, 1, 3));
  v128.store(p + 2 * step, v128.shuffle<u64>(t1, t3, 0, 2));
  v128.store(p + 3 * step, v128.shuffle<u64>(t1, t3, 1, 3));
}
