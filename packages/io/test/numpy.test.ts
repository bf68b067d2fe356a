import { FormatError } from "@flambeau/tensor/functional";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../test/support/long.ts";
import { encodeNpy, parseNpy } from "../src/numpy/npy.ts";
import { encodeNpz, parseNpz } from "../src/numpy/npz.ts";
import { elements, type TensorData } from "../src/tensor-data.ts";
import { damaged } from "./damage.ts";
import fixtures from "./numpy.json" with { type: "json" };

// what NumPy 2.4 wrote
const fixture = (name: keyof typeof fixtures): Uint8Array => new Uint8Array(Buffer.from(fixtures[name], "base64"));
const read = (data: TensorData | undefined) => data && [data.dtype, data.shape, [...elements(data)]];
/** An npy file of version 1.0 with this header. */
const withHeader = (header: string, data: readonly number[] = []) =>
  new Uint8Array([...fixture("bool").subarray(0, 8), header.length, 0, ...new TextEncoder().encode(header), ...data]);

describe("parseNpy", () => {
  it.each<[keyof typeof fixtures, unknown]>([
    ["float32", ["float32", [2, 3], [-0.5, 0.5, 1.5, 2.5, 3.5, 4.5]]],
    ["fortran int16", ["int16", [2, 3, 4], Array.from({ length: 24 }, (_, i) => i)]],
    ["big-endian int32", ["int32", [3], [1, -2, 70000]]],
    ["bool", ["bool", [2], [1, 0]]],
    ["0-d float64", ["float64", [], [2.5]]],
    ["int64 version 2", ["int64", [1], [2n ** 40n]]],
    ["float16", ["float16", [2], [0x3e00, 0xc000]]],
    ["empty uint8", ["uint8", [0, 3], []]],
    ["int8", ["int8", [1], [-1]]],
  ])("reads NumPy's %s", (name, expected) => {
    expect(read(parseNpy(fixture(name)))).toEqual(expected);
  });

  it.each<[string, Uint8Array, number, string]>([
    ["an empty file", new Uint8Array(), 0, "an npy header needs 10 bytes, the file has 0"],
    ["another magic", fixture("bool").fill(0, 0, 1), 0, "does not start with \\x93NUMPY"],
    ["a later version", fixture("bool").fill(9, 6, 7), 6, "npy version 9.0 is unknown"],
    ["a cut header", fixture("bool").subarray(0, 30), 30, "the npy header needs 118 bytes, the file has 20 for it"],
    ["complex numbers", fixture("complex64"), 10, 'the npy dtype "<c8" is not supported'],
    ["structured arrays", fixture("structured"), 20, "unreadable descr (structured arrays are not supported)"],
    [
      "missing elements",
      fixture("float32").subarray(0, 140),
      140,
      "of shape [2,3] and dtype float32 needs 24 bytes, the file holds 12",
    ],
    [
      "a missing key",
      withHeader("{'descr': '|b1', 'shape': (0,)}"),
      10,
      "must have the keys descr, fortran_order and shape",
    ],
    [
      "a doubled key",
      withHeader("{'descr': '|b1', 'descr': '|b1'}"),
      27,
      "must have the keys descr, fortran_order and shape, once each",
    ],
    [
      "a shape that is a number",
      withHeader("{'descr': '|b1', 'fortran_order': False, 'shape': (3)}"),
      10,
      "has the shape (3), which is no tuple",
    ],
    [
      "a size beyond 2^53",
      withHeader("{'descr': '|b1', 'fortran_order': False, 'shape': (99999999999999999,)}"),
      10,
      "a size beyond 2^53",
    ],
  ])("refuses %s", (_, bytes, offset, message) => {
    let thrown: unknown;
    try {
      parseNpy(bytes, { file: "a.npy" });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(FormatError);
    expect(thrown).toMatchObject({ file: "a.npy", offset, message: expect.stringContaining(message) });
  });

  it("gives a FormatError or an array that encodes to an equal one, whatever is done to the bytes", () => {
    fc.assert(
      fc.property(damaged(fixture("fortran int16"), 80), (bytes) => {
        try {
          const array = parseNpy(bytes);
          expect(read(parseNpy(encodeNpy(array)))).toEqual(read(array));
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
        }
      }),
      { numRuns: runs(2000) },
    );
  });
});

describe("encodeNpy", () => {
  it.each<keyof typeof fixtures>(["float32", "bool", "0-d float64", "float16", "empty uint8", "int8"])(
    "writes the bytes that NumPy writes for %s",
    (name) => {
      expect(encodeNpy(parseNpy(fixture(name)))).toEqual(fixture(name));
    },
  );

  it("refuses bfloat16, which NumPy does not have", () => {
    expect(() => encodeNpy({ dtype: "bfloat16", shape: [1], bytes: new Uint8Array(2) })).toThrow(
      "NumPy has no bfloat16",
    );
  });
});

describe("npz", () => {
  it("reads numpy.savez", async () => {
    const arrays = await parseNpz(fixture("savez"));
    expect(read(arrays.get("weight"))).toEqual(["float32", [2, 3], [-0.5, 0.5, 1.5, 2.5, 3.5, 4.5]]);
    expect(read(arrays.get("bias"))).toEqual(["int64", [3], [0n, 1n, 2n]]);
    expect(arrays.size).toBe(2);
  });

  it("reads numpy.savez_compressed", async () => {
    const arrays = await parseNpz(fixture("savez_compressed"));
    expect(read(arrays.get("weight"))).toEqual(["float64", [10, 10], Array(100).fill(0)]);
    expect(read(arrays.get("bias"))).toEqual(["int64", [3], [0n, 1n, 2n]]);
  });

  it("reads back what it writes", async () => {
    const arrays = await parseNpz(fixture("savez"));
    expect(await parseNpz(encodeNpz(arrays))).toEqual(arrays);
  });

  it.each<["savez" | "savez_compressed"]>([["savez"], ["savez_compressed"]])(
    "gives a FormatError or the same arrays, whatever is done to the bytes of %s",
    async (name) => {
      const arrays = new Map([...(await parseNpz(fixture(name)))].map(([key, data]) => [key, read(data)]));
      await fc.assert(
        fc.asyncProperty(damaged(fixture(name)), async (bytes) => {
          try {
            const after = await parseNpz(bytes);
            // names are the one thing that no checksum covers
            expect([...after.values()].map(read)).toEqual([...arrays.values()]);
          } catch (error) {
            if (!(error instanceof FormatError)) throw error;
          }
        }),
        { numRuns: runs(1500) },
      );
    },
  );

  it("refuses an archive that holds other files", async () => {
    const { zip } = await import("../src/numpy/zip.ts");
    await expect(parseNpz(zip([["readme.txt", new Uint8Array(3)]]))).rejects.toThrow(
      '"readme.txt" in the archive is not an npy file',
    );
  });
});
