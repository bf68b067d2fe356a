import { crc32 as reference } from "node:zlib";
import { expect, it } from "vitest";
import { crc32 } from "../src/numpy/crc32.ts";

it("is zlib's crc32, for any length and any place in memory", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * i * 31 + 7) & 255);
  for (let from = 0; from < 9; from++)
    for (let to = from; to < bytes.length; to++)
      expect(crc32(bytes.subarray(from, to))).toBe(reference(bytes.subarray(from, to)));
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926); // the check value of ISO 3309
});
