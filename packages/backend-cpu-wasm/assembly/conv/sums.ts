/**
 * Bytes in a row of n sums: an odd number of cache lines. The sums of a column of 8 lie in as many rows as there are filters; steps of
 * some power of two between them would put them all into the same few sets of the first-level cache.
 */
// @ts-ignore: decorator
@inline export function sumRowBytes(n: i32): usize {
  return ((<usize>n << 2) + 63 & ~63) | 64;
}
