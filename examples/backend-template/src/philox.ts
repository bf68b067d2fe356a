/** Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): block i is encrypted counter offset + i. */
export function philox(seed: bigint, offset: bigint, n: number): number[] {
  const low = (x: bigint): number => Number(BigInt.asUintN(32, x));
  const out: number[] = [];
  for (let block = offset; out.length < n; block++) {
    let c = [low(block), low(block >> 32n), 0, 0];
    let [k0, k1] = [low(seed), low(seed >> 32n)];
    for (let round = 0; round < 10; round++) {
      const a = BigInt(c[0]) * 0xd2511f53n;
      const b = BigInt(c[2]) * 0xcd9e8d57n;
      c = [(low(b >> 32n) ^ c[1] ^ k0) >>> 0, low(b), (low(a >> 32n) ^ c[3] ^ k1) >>> 0, low(a)];
      k0 = (k0 + 0x9e3779b9) >>> 0;
      k1 = (k1 + 0xbb67ae85) >>> 0;
    }
    out.push(...c);
  }
  return out.slice(0, n);
}
