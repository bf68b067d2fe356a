import { FormatError } from "@flambeau/tensor/functional";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../test/support/long.ts";
import { joined } from "../src/files/bytes.ts";
import { fromFortran } from "../src/numpy/fortran.ts";
import { encodeNpy, parseNpy } from "../src/numpy/npy.ts";
import { encodeNpz, parseNpz } from "../src/numpy/npz.ts";
import { zip } from "../src/numpy/zip-write.ts";
import { elements, type TensorData } from "../src/tensor-data.ts";
import { damaged } from "./damage.ts";
import fixtures from "./numpy.json" with { type: "json" };

// what NumPy 2.4 wrote
const fixture = (name: keyof typeof fixtures): Uint8Array => new Uint8Array(Buffer.from(fixtures[name], "base64"));
const read = (data: TensorData | undefined) => data && [data.dtype, data.shape, [...elements(data)]];
/** An npy file of version 1.0 with this header. */
const withHeader = (header: string, data: readonly number[] = []) =>
  new Uint8Array([...fixture("bool").subarray(0, 8), header.length, 0, ...new TextEncoder().encode(header), ...data]);

/** The same of version 2.0, whose header may be long. */
const hugeHeader = (header: string) => {
  const bytes = new Uint8Array(12 + header.length);
  bytes.set([...fixture("bool").subarray(0, 6), 2]);
  new DataView(bytes.buffer).setUint32(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 12);
  return bytes;
};

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
    ["uint16", ["int32", [3], [0, 1, 65535]]],
    ["big-endian fortran uint32", ["int64", [2, 2], [1n, 2n, 3n, 4294967295n]]],
    ["uint64", ["int64", [2], [2n ** 63n - 1n, 0n]]],
  ])("reads NumPy's %s", (name, expected) => {
    expect(read(parseNpy(fixture(name)))).toEqual(expected);
  });

  it.each<[string, Uint8Array, number, string]>([
    ["an empty file", new Uint8Array(), 0, "an npy header needs 10 bytes, the file has 0"],
    ["another magic", fixture("bool").fill(0, 0, 1), 0, "does not start with \\x93NUMPY"],
    ["uint64 beyond int64", fixture("large uint64"), 10, "it is of dtype uint64 and holds numbers beyond int64"],
    ["text", fixture("text"), 10, "the npy array cannot be a tensor: it holds text"],
    [
      "65 dimensions",
      withHeader(`{'descr':'|b1','fortran_order':True,'shape':(${"1,".repeat(65)})}`, [1]),
      10,
      "has a shape of 65 dimensions, the most is 64",
    ],
    [
      "sizes that only a 0 makes fit",
      withHeader("{'descr': '|b1', 'fortran_order': False, 'shape': (4294967296, 4294967296, 0)}"),
      10,
      "needs over 2^53 bytes",
    ],
    [
      "a rank without end",
      hugeHeader(`{'descr':'|b1','fortran_order':True,'shape':(${"1,".repeat(50_000)})}`),
      8,
      "the most is 10000",
    ],
    ["a later version", fixture("bool").fill(9, 6, 7), 6, "npy version 9.0 is unknown"],
    ["a cut header", fixture("bool").subarray(0, 30), 30, "the npy header needs 118 bytes, the file has 20 for it"],
    ["complex numbers", fixture("complex64"), 10, 'cannot be a tensor: Flambeau has no dtype like NumPy\'s "<c8"'],
    ["structured arrays", fixture("structured"), 10, "Flambeau has no dtype like NumPy's \"[("],
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

describe("fromFortran", () => {
  it("puts any shape and width into C order", () => {
    const shapes = fc.array(
      fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.constantFrom(0, 33, 70)),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(shapes, fc.constantFrom(1, 2, 4, 6, 8, 12), fc.nat(3), (shape, width, shift) => {
        const count = shape.reduce((product, n) => product * n, 1);
        fc.pre(count < 20_000);
        // element i, whose bytes are i, lies where its index read backwards says
        const element = (i: number) => Array.from({ length: width }, (_, k) => (i >> (8 * (k % 2))) & 255);
        const fortran = new Uint8Array(count * width + shift);
        for (let i = 0; i < count; i++) {
          let [rest, at, stride] = [i, 0, count];
          for (let d = shape.length - 1; d >= 0; d--) {
            stride /= shape[d];
            at += (rest % shape[d]) * stride;
            rest = Math.floor(rest / shape[d]);
          }
          fortran.set(element(i), at * width + shift);
        }
        const ordered = fromFortran(fortran.subarray(shift), shape, width);
        for (let i = 0; i < count; i++) expect([...ordered.subarray(i * width, (i + 1) * width)]).toEqual(element(i));
      }),
      { numRuns: runs(100) },
    );
  });

  it("takes no time to speak of for 64 dimensions and 64 MB", () => {
    const started = performance.now();
    const bytes = new Uint8Array(2 ** 26);
    for (const shape of [
      Array<number>(24).fill(2),
      [4096, 4096],
      [3, 2 ** 12, 2 ** 12 / 3],
      [...Array<number>(62).fill(1), 2 ** 12, 2 ** 12],
    ])
      fromFortran(bytes.subarray(0, 4 * Math.floor(shape.reduce((a, b) => a * b, 1))), shape.map(Math.floor), 4);
    // index by index it took 15 s for 100 MB
    expect(performance.now() - started).toBeLessThan(10_000);
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
    const { arrays } = await parseNpz(fixture("savez"));
    expect(read(arrays.get("weight"))).toEqual(["float32", [2, 3], [-0.5, 0.5, 1.5, 2.5, 3.5, 4.5]]);
    expect(read(arrays.get("bias"))).toEqual(["int64", [3], [0n, 1n, 2n]]);
    expect(arrays.size).toBe(2);
  });

  it("reads numpy.savez_compressed", async () => {
    const { arrays } = await parseNpz(fixture("savez_compressed"));
    expect(read(arrays.get("weight"))).toEqual(["float64", [10, 10], Array(100).fill(0)]);
    expect(read(arrays.get("bias"))).toEqual(["int64", [3], [0n, 1n, 2n]]);
  });

  it("reads back what it writes", async () => {
    const { arrays } = await parseNpz(fixture("savez"));
    expect((await parseNpz(encodeNpz(arrays))).arrays).toEqual(arrays);
  });

  it.each<["savez" | "savez_compressed"]>([["savez"], ["savez_compressed"]])(
    "gives a FormatError or the same arrays, whatever is done to the bytes of %s",
    async (name) => {
      const arrays = new Map([...(await parseNpz(fixture(name))).arrays].map(([key, data]) => [key, read(data)]));
      await fc.assert(
        fc.asyncProperty(damaged(fixture(name)), async (bytes) => {
          try {
            const { arrays: after, skipped } = await parseNpz(bytes);
            // names stand twice: no one change makes another of both
            expect(skipped.size).toBe(0);
            expect([...after.values()].map(read)).toEqual([...arrays.values()]);
          } catch (error) {
            if (!(error instanceof FormatError)) throw error;
          }
        }),
        { numRuns: runs(1500) },
      );
    },
  );

  it("reads scipy.sparse.save_npz, whose format is text", async () => {
    const { arrays, strings, skipped } = await parseNpz(fixture("scipy sparse"));
    expect([...arrays].map(([name, data]) => [name, ...(read(data) ?? [])])).toEqual([
      ["indices", "int32", [2], [1, 0]],
      ["indptr", "int32", [3], [0, 1, 2]],
      ["shape", "int64", [2], [2n, 3n]],
      ["data", "float64", [2], [2.5, 1]],
    ]);
    expect([strings.get("format")?.values, skipped.size]).toEqual([["csr"], 0]);
  });

  it("reads what it can of a mixed archive and names the rest", async () => {
    const { arrays, strings, skipped } = await parseNpz(fixture("mixed"));
    expect([...arrays.keys()]).toEqual(["a", "ids"]);
    expect([...strings].map(([name, { shape, values }]) => [name, shape, values])).toEqual([
      ["text", [2, 2], ["ab", "c", "d", ""]],
      ["raw", [1], ["xy"]],
    ]);
    expect([...skipped]).toEqual([
      ["c", `Flambeau has no dtype like NumPy's "<c16"`],
      ["big", "it is of dtype uint64 and holds numbers beyond int64"],
      ["records", `Flambeau has no dtype like NumPy's "[('x', '<i4'), ('y', [('z', '<f4')], (1,))]"`],
      ["dates", `Flambeau has no dtype like NumPy's "<M8[D]"`],
    ]);
    expect([...(await parseNpz(fixture("mixed"), { only: ["ids"] })).arrays.keys()]).toEqual(["ids"]);
    await expect(parseNpz(fixture("mixed"), { only: ["c"] })).rejects.toThrow(
      '"c" cannot be read: Flambeau has no dtype',
    );
    await expect(parseNpz(fixture("mixed"), { only: ["x"] })).rejects.toThrow('only: npz has no "x"');
  });

  /** The archive with each of its directory's entries changed by `edit`. */
  const edited = (bytes: Uint8Array, edit: (entry: DataView, i: number) => void) => {
    const copy = bytes.slice();
    const view = new DataView(copy.buffer);
    let at = view.getUint32(copy.length - 6, true);
    for (let i = 0; i < view.getUint16(copy.length - 12, true); i++) {
      edit(new DataView(copy.buffer, at), i);
      at += 46 + view.getUint16(at + 28, true);
    }
    return copy;
  };
  const two = joined(
    zip(
      ["a.npy", "b.npy"].map((name) => ({
        name,
        content: encodeNpy({ dtype: "uint8", shape: [3], bytes: new Uint8Array(3) }),
      })),
    ),
    "npz",
  );

  it.each<[string, Uint8Array, string]>([
    [
      "entries that share one stream",
      edited(two, (entry) => entry.setUint32(42, 0, true)),
      "overlaps the member after it",
    ],
    [
      "another name in the member's own header",
      edited(two, (entry, i) => entry.setUint8(46, 98 - i)),
      'is called "a.npy" in its own header',
    ],
    [
      "a stored size that is none",
      edited(two, (entry) => entry.setUint32(24, 2 ** 31, true)),
      "cannot be 2147483648 bytes, packed in 131",
    ],
    [
      "a size that deflate cannot make",
      edited(fixture("savez_compressed"), (entry) => entry.setUint32(24, 2 ** 31, true)),
      "cannot be 2147483648 bytes",
    ],
  ])("refuses %s", async (_, bytes, problem) => {
    await expect(parseNpz(bytes)).rejects.toThrow(problem);
  });

  it("leaves out other files of an archive", async () => {
    const { arrays, skipped } = await parseNpz(
      joined(zip([{ name: "readme.txt", content: new Uint8Array(3) }]), "npz"),
    );
    expect([arrays.size, [...skipped]]).toEqual([0, [["readme.txt", "it is not an npy file"]]]);
  });
});
