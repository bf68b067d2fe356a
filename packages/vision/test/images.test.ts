// PNG files of every kind against the samples that they were written from, JPEG files against Pillow's pixels, and files that are damaged.
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import {
  ArgumentError,
  DTypeError,
  FlambeauError,
  FormatError,
  Generator,
  randint,
  ShapeError,
  type Tensor,
  UnavailableError,
  zeros,
} from "@flambeau/tensor";
import { afterEach, describe, expect, test, vi } from "vitest";
import { runs } from "../../../test/support/long.ts";
import { inflate, inflateStream } from "../src/files/inflate.ts";
import { decodeImage, encodeJpeg, encodePng, type ReadImageOptions, readImage, setJpegDecoder } from "../src/index.ts";
import "./backend.ts";
import { type Held, tensorOf } from "./figures/record.ts";

interface File {
  readonly name: string;
  readonly file: string;
  readonly pixels: Held;
  readonly options?: ReadImageOptions;
  /** Of JPEG: whether colours have fewer samples than brightness. */
  readonly subsampling?: number;
}
const files: readonly File[] = JSON.parse(
  gunzipSync(readFileSync(new URL("figures/images.json.gz", import.meta.url))).toString(),
);
const bytesOf = ({ file }: File) => new Uint8Array(Buffer.from(file, "base64"));
const pngs = files.filter(({ subsampling }) => subsampling === undefined);
const jpegs = files.filter(({ subsampling }) => subsampling !== undefined);

afterEach(() => setJpegDecoder(null));

test("PNG files of every colour type, depth and order", async () => {
  expect(pngs.length).toBeGreaterThan(120);
  for (const each of pngs) {
    const image = await decodeImage(bytesOf(each), each.options);
    const wanted = tensorOf(each.pixels);
    expect([image.dtype, image.shape], each.name).toEqual([wanted.dtype, wanted.shape]);
    expect(image.equal(wanted), each.name).toBe(true);
  }
});

// The library computes cosines and colours with other roundings than libjpeg, and repeats colours where that one interpolates them.
test.each(jpegs)("JPEG by jpeg-js: $name", async (each) => {
  setJpegDecoder("jpeg-js");
  const image = await decodeImage(bytesOf(each), each.options);
  const wanted = tensorOf(each.pixels);
  expect(image.shape).toEqual(wanted.shape);
  const off = image.float().sub(wanted.float()).abs();
  expect(off.mean().item()).toBeLessThan(each.subsampling ? 3.2 : 0.7);
  expect(off.max().item()).toBeLessThan(each.subsampling ? 40 : 4);
});

describe("libjpeg-turbo, where its package is installed, as here", () => {
  const ink = (name: string) => name.includes("CMYK");
  const ours = jpegs.filter(({ name }) => !ink(name));
  test.each(ours)("reads what Pillow reads: $name", async (each) => {
    const image = await decodeImage(bytesOf(each), each.options);
    expect(image.equal(tensorOf(each.pixels))).toBe(true);
  });

  test("files in four inks are not for it", async () => {
    const file = jpegs.find(({ name }) => ink(name)) as (typeof jpegs)[number];
    const found = await decodeImage(bytesOf(file));
    setJpegDecoder("jpeg-js");
    expect((await decodeImage(bytesOf(file))).equal(found)).toBe(true);
  });

  test("damaged files do no harm to those that are read beside and behind them", async () => {
    const [whole] = ours;
    const wanted = tensorOf(whole.pixels);
    const cut = bytesOf(whole).subarray(0, 700);
    for (let round = 0; round < runs(3); round++) {
      const read = Array.from({ length: 12 }, (_, i) => decodeImage(i % 3 === 0 ? bytesOf(whole) : cut, whole.options));
      for (const [i, end] of (await Promise.allSettled(read)).entries()) {
        if (i % 3 === 0) expect(end.status === "fulfilled" && end.value.equal(wanted)).toBe(true);
        else expect(end).toMatchObject({ reason: expect.any(FormatError) });
        if (end.status === "rejected") expect(end.reason.message).toContain("libjpeg-turbo cannot read it");
      }
    }
  });
});

describe("a decoder of one's own", () => {
  test("gives grey, RGB, or RGB with alpha; not more and not less than the header says", async () => {
    const grey = jpegs.find(({ pixels }) => pixels.shape[0] === 1) as (typeof jpegs)[number];
    const coloured = jpegs.find(({ pixels }) => pixels.shape[0] === 3) as (typeof jpegs)[number];
    for (const file of [grey, coloured])
      for (const size of [1, 3, 4]) {
        const [channels, height, width] = file.pixels.shape;
        setJpegDecoder(async () => ({
          width,
          height,
          data: Uint8ClampedArray.from({ length: width * height * size }, (_, i) => [9, 8, 7, 6][i % size]),
        }));
        const image = await decodeImage(bytesOf(file));
        expect(image.shape).toEqual([channels, height, width]);
        const found = Array.from({ length: channels }, (_, c) => image.select(0, c).flatten().slice(0, 0, 1).item());
        expect(found).toEqual(size === 1 ? new Array(channels).fill(9) : [9, 8, 7].slice(0, channels));
      }
    const [, height, width] = coloured.pixels.shape;
    setJpegDecoder(() => ({ width: width - 1, height, data: new Uint8Array((width - 1) * height * 3) }));
    await expect(decodeImage(bytesOf(coloured))).rejects.toThrow(
      `says ${width} x ${height} pixels, it has ${width - 1}`,
    );
    setJpegDecoder(() => ({ width, height, data: new Uint8Array(width * height * 2) }));
    await expect(decodeImage(bytesOf(coloured))).rejects.toThrow("2 bytes a pixel");
    setJpegDecoder(() => {
      throw new TypeError("no more");
    });
    await expect(decodeImage(bytesOf(coloured))).rejects.toThrow(/FormatError|damaged: no more/);
    const decoder = vi.fn(() => ({ width, height, data: new Uint8Array(width * height * 3) }));
    setJpegDecoder(decoder);
    await expect(decodeImage(bytesOf(coloured), { maxPixels: 10 })).rejects.toThrow(FormatError);
    expect(decoder).not.toHaveBeenCalled();
    expect(() => setJpegDecoder(3 as never)).toThrow(ArgumentError);
    expect(() => setJpegDecoder("jpegjs" as never)).toThrow('the decoder is a function, "jpeg-js" or null');
  });
});

test("16 bits become the higher 8 if asked", async () => {
  const each = pngs.find(({ pixels }) => pixels.dtype === "int32" && pixels.shape[0] === 3);
  if (!each) throw new Error("there is one");
  const image = await decodeImage(bytesOf(each), { bits: 8 });
  expect(image.dtype).toBe("uint8");
  expect(image.int().equal(tensorOf(each.pixels).floorDivide(256))).toBe(true);
});

describe("encoding", () => {
  const random = (shape: number[]): Tensor => randint(256, shape, { dtype: "uint8", generator: new Generator(1) });
  test("PNG comes back bit for bit", async () => {
    for (const shape of [
      [1, 7, 5],
      [2, 4, 9],
      [3, 16, 16],
      [4, 1, 3],
      [3, 1, 1],
    ]) {
      const image = random(shape);
      expect((await decodeImage(await encodePng(image))).equal(image), `${shape}`).toBe(true);
    }
  });
  test("rows that are alike take little room", async () => {
    const plain = zeros([3, 100, 100], { dtype: "uint8" }).add(7);
    expect((await encodePng(plain)).length).toBeLessThan(300);
  });
  test("JPEG comes back about the same, the better the quality the more so", async () => {
    const each = jpegs[0];
    const image = tensorOf(each.pixels);
    const off = async (quality: number) =>
      (await decodeImage(await encodeJpeg(image, { quality })))
        .float()
        .sub(image.float())
        .abs()
        .mean()
        .item() as number;
    const [low, high] = [await off(20), await off(95)];
    expect(high).toBeLessThan(2);
    expect(low).toBeGreaterThan(high);
    const grey = image.narrow(0, 0, 1);
    expect((await decodeImage(await encodeJpeg(grey))).shape).toEqual([3, ...image.shape.slice(1)]);
  });
  test("what is no image of bytes is refused", async () => {
    await expect(encodePng(zeros([3, 4, 4]))).rejects.toThrow(DTypeError);
    await expect(encodePng(zeros([4, 4], { dtype: "uint8" }))).rejects.toThrow(ShapeError);
    await expect(encodePng(zeros([2, 3, 4, 4], { dtype: "uint8" }))).rejects.toThrow(ShapeError);
    await expect(encodeJpeg(zeros([4, 4, 4], { dtype: "uint8" }))).rejects.toThrow(ShapeError);
    await expect(encodeJpeg(zeros([3, 4, 4], { dtype: "uint8" }), { quality: 0 })).rejects.toThrow(ArgumentError);
  });
});

describe("files", () => {
  test("from a path, an address and a Blob", async () => {
    const folder = await mkdtemp(join(tmpdir(), "images-"));
    try {
      const path = join(folder, "a b.png");
      const image = randint(256, [3, 5, 4], { dtype: "uint8" });
      await writeFile(path, await encodePng(image));
      for (const file of [path, pathToFileURL(path), new Blob([readFileSync(path)])])
        expect((await readImage(file)).equal(image)).toBe(true);
      await expect(readImage(join(folder, "none.png"))).rejects.toThrow(UnavailableError);
      await writeFile(path, "GIF89a");
      await expect(readImage(path)).rejects.toThrow(/a b\.png: neither a PNG nor a JPEG/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("hostile files", () => {
  test("sizes are checked before memory is taken", async () => {
    const file = bytesOf(pngs[0]);
    await expect(decodeImage(file, { maxPixels: 10 })).rejects.toThrow(/more than the 10 that are allowed/);
    await expect(decodeImage(bytesOf(jpegs[0]), { maxPixels: 10 })).rejects.toThrow(
      /more than the 10 that are allowed/,
    );
    const big = new Uint8Array(bytesOf(jpegs[0]));
    const at = big.findIndex((byte, i) => byte === 0xff && big[i + 1] === 0xc0);
    big.set([0x27, 0x10, 0x27, 0x10], at + 5); // 10,000 x 10,000
    await expect(decodeImage(big)).rejects.toThrow(/too short for its size/);
  });
  test.each([inflate, inflateStream])("%o: what is packed unpacks to no more than the image takes", async (unpack) => {
    const { deflateSync } = await import("node:zlib");
    const bomb = new Uint8Array(deflateSync(Buffer.alloc(1 << 24)));
    expect(bomb.length).toBeLessThan(20_000);
    await expect(unpack(bomb, 1000, "f", 0)).rejects.toThrow(/more than the 1000 bytes/);
    await expect(unpack(bomb.subarray(0, 1000), 1 << 25, "f", 0)).rejects.toThrow(/damaged or end too early/);
    await expect(unpack(new Uint8Array([1, 2, 3]), 1000, "f", 0)).rejects.toThrow(FormatError);
    expect(await unpack(new Uint8Array(deflateSync(Buffer.from([5, 6]))), 2, "f", 0)).toEqual(new Uint8Array([5, 6]));
  });
  const decoders = [
    ["jpeg-js", 3000],
    [null, 300],
  ] as const;
  test.each([pngs[20], ...jpegs].flatMap((each) => decoders.map(([decoder]) => ({ ...each, decoder }))))(
    "cut in the middle: $name by $decoder",
    async (each) => {
      setJpegDecoder(each.decoder);
      const bytes = bytesOf(each);
      await expect(decodeImage(bytes.subarray(0, bytes.length >> 1))).rejects.toThrow(FormatError);
      await expect(decodeImage(bytes.subarray(0, bytes.length - 3))).rejects.toThrow(FormatError);
    },
  );
  test.each(decoders)(
    "changed and cut files are read or refused with a typed error: by %s",
    async (decoder, sample) => {
      setJpegDecoder(decoder);
      const generator = new Generator(7);
      const some = [...pngs.filter((_, i) => i % 9 === 0), ...jpegs];
      const ends = { read: 0, refused: 0 };
      for (let i = 0; i < runs(sample); i++) {
        const bytes = bytesOf(some[i % some.length]);
        const kind = generator.random32() % 4;
        const at = () => generator.random32() % bytes.length;
        // the heads are where most is decided
        for (let n = generator.random32() % 3; n >= 0; n--)
          bytes[kind === 1 ? at() % 700 : at()] = generator.random32() & 255;
        const changed = kind === 2 ? bytes.subarray(0, at()) : bytes;
        // checksums would keep most changes from being looked at
        if (kind !== 3 && changed[0] === 0x89) mended(changed);
        try {
          await decodeImage(changed, { maxPixels: 2 ** 20 });
          ends.read++;
        } catch (error) {
          expect(
            error,
            `file ${i % some.length}, run ${i}: ${error instanceof Error ? error.stack : error}`,
          ).toBeInstanceOf(FlambeauError);
          expect((error as Error).message.length).toBeLessThan(400);
          ends.refused++;
        }
      }
      expect(ends.read).toBeGreaterThan(sample / 30);
      expect(ends.refused).toBeGreaterThan(sample / 6);
    },
  );
});

/** Puts the right checksums behind the chunks of a PNG file. */
function mended(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const crc = (part: Uint8Array) => {
    let c = ~0;
    for (const byte of part) {
      c ^= byte;
      for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    }
    return ~c >>> 0;
  };
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > bytes.length) return;
    view.setUint32(end, crc(bytes.subarray(at + 4, end)));
    at = end + 4;
  }
}
