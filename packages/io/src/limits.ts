/** The most dimensions of an array in a file: NumPy's own limit, which no real file comes near. */
export const maxRank = 64;

/**
 * Bits of a dense array, or undefined when the product is beyond what a file can hold. A size of 0 does not excuse the others: what
 * their product is, strides are made of.
 */
export function arrayBits(bits: number, shape: readonly number[]): number | undefined {
  let product = bits;
  for (const size of shape) product *= size || 1;
  if (!(product <= 8 * Number.MAX_SAFE_INTEGER)) return undefined;
  return shape.includes(0) ? 0 : product;
}
