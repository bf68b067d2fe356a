const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
  return c;
});

/** The CRC-32C of Castagnoli (RFC 3720, appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) c = table[(c ^ bytes[i]) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** Turned and moved, so that the checksum of data with checksums in it is worth something. Source: TensorFlow's crc32c.h. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;

/** A record of an event file: its length, the length's checksum, the data, the data's checksum. Source: TensorFlow's record_writer.cc. */
export function record(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(data.length + 16);
  const view = new DataView(whole.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(crc32c(whole.subarray(0, 8))), true);
  whole.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return whole;
}
