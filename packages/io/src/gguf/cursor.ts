import { FormatError } from "@flambeau/tensor/functional";

/** More of the file must be had, up to this byte. */
export class More {
  readonly upTo: number;
  constructor(upTo: number) {
    this.upTo = upTo;
  }
}

/** Reads the header of a file of which the first bytes are there; nothing that it says is taken for more than the file can hold. */
export class Cursor {
  at = 0;
  littleEndian = true;
  readonly file: string;
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #text: TextDecoder = new TextDecoder();

  constructor(file: string, bytes: Uint8Array, size: number) {
    this.file = file;
    this.size = size;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(problem: string, hint?: string): never {
    throw new FormatError(this.file, this.at, problem, hint);
  }

  /** The place of the next `bytes`, which are passed over. @throws FormatError beyond the file's end; More beyond what is there. */
  next(bytes: number, what: string): number {
    const from = this.at;
    if (!(from + bytes <= this.size)) this.fail(`${what} reaches beyond the end: the file is truncated or corrupt`);
    if (from + bytes > this.#bytes.length) throw new More(from + bytes);
    this.at = from + bytes;
    return from;
  }

  number(type: NumberType, what: string): number {
    const at = this.next(widths[type], what);
    switch (type) {
      case "u8":
        return this.#view.getUint8(at);
      case "i8":
        return this.#view.getInt8(at);
      case "u16":
        return this.#view.getUint16(at, this.littleEndian);
      case "i16":
        return this.#view.getInt16(at, this.littleEndian);
      case "u32":
        return this.#view.getUint32(at, this.littleEndian);
      case "i32":
        return this.#view.getInt32(at, this.littleEndian);
      case "f32":
        return this.#view.getFloat32(at, this.littleEndian);
      case "f64":
        return this.#view.getFloat64(at, this.littleEndian);
    }
  }

  long(signed: boolean, what: string): bigint {
    const at = this.next(8, what);
    return signed ? this.#view.getBigInt64(at, this.littleEndian) : this.#view.getBigUint64(at, this.littleEndian);
  }

  /** A number of things that take at least `least` bytes each; the file must be able to hold them. */
  count(least: number, what: string): number {
    const from = this.at;
    const count = this.long(false, what);
    const room = Math.floor((this.size - this.at) / least);
    if (count <= room) return Number(count);
    this.at = from;
    return this.fail(`${what} is ${count}, the file has room for ${room}`);
  }

  string(what: string): string {
    const length = this.count(1, `the length of ${what}`);
    const at = this.next(length, what);
    return this.#text.decode(this.#bytes.subarray(at, at + length));
  }
}

const widths = { u8: 1, i8: 1, u16: 2, i16: 2, u32: 4, i32: 4, f32: 4, f64: 8 } as const;
export type NumberType = keyof typeof widths;
