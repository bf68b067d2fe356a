import fc from "fast-check";

/** Some bytes of `bytes` changed (more often near the start, where headers are), a part cut off, or something appended. */
export const damaged = (bytes: Uint8Array, header = bytes.length): fc.Arbitrary<Uint8Array> => {
  const place = fc.oneof(fc.nat(Math.min(header, bytes.length) - 1), fc.nat(bytes.length - 1));
  const value = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(...new TextEncoder().encode('0123456789-"{}[],:e')),
  );
  const changed = fc.array(fc.tuple(place, value), { minLength: 1, maxLength: 5 }).map((edits) => {
    const copy = bytes.slice();
    for (const [at, byte] of edits) copy[at] = byte;
    return copy;
  });
  const cut = fc.nat(bytes.length - 1).map((n) => bytes.slice(0, n));
  const grown = fc.uint8Array({ minLength: 1, maxLength: 9 }).map((tail) => new Uint8Array([...bytes, ...tail]));
  const removed = fc
    .tuple(place, fc.integer({ min: 1, max: 8 }))
    .map(([at, n]) => new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(at + n)]));
  return fc.oneof({ weight: 4, arbitrary: changed }, cut, grown, removed);
};
