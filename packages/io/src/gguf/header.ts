import { FormatError } from "@flambeau/tensor/functional";
import { refuseOtherFormat } from "../files/other-formats.ts";
import type { Source } from "../files/source.ts";
import { arrayBits, maxRank } from "../limits.ts";
import { Cursor, More, type NumberType } from "./cursor.ts";
import { type GgufType, typeOf } from "./types.ts";

/** A value of a file's metadata. Integers beyond 2^53 are bigints. */
export type GgufValue = number | bigint | boolean | string | readonly GgufValue[];

/** Where a tensor lies in the file, and what it is. */
export interface GgufPlace {
  readonly name: string;
  readonly type: GgufType;
  /** Rows first, as everywhere in Flambeau: files have the fastest index first. */
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

export interface GgufHeader {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly places: readonly GgufPlace[];
  readonly bigEndian: boolean;
}

const magic = [0x47, 0x47, 0x55, 0x46] as const; // GGUF
/** Bytes that are read at first; vocabularies take a few megabytes. */
const firstBytes = 1 << 16;
/** The most that names and metadata may take, as of safetensors. */
const maxHeaderBytes = 100_000_000;
/** How deep arrays may lie in arrays: far more than anybody writes. */
const maxDepth = 16;

/** The header of a GGUF file (versions 2 and 3), checked against the file's size. Source: ggml's docs/gguf.md. */
export async function readGgufHeader(source: Source): Promise<GgufHeader> {
  const { file, size } = source;
  let bytes = await source.read(0, Math.min(firstBytes, size));
  if (!magic.every((byte, i) => bytes[i] === byte)) {
    refuseOtherFormat(bytes, "GGUF", file);
    throw new FormatError(file, 0, "not a GGUF file: it does not start with GGUF");
  }
  for (;;) {
    try {
      return parseHeader(new Cursor(file, bytes, size));
    } catch (more) {
      if (!(more instanceof More)) throw more;
      if (more.upTo > maxHeaderBytes)
        throw new FormatError(file, bytes.length, `the header is over the limit of ${maxHeaderBytes} bytes`);
      const to = Math.min(size, Math.max(more.upTo, 4 * bytes.length));
      const longer = new Uint8Array(to);
      longer.set(bytes);
      longer.set(await source.read(bytes.length, to), bytes.length);
      bytes = longer;
    }
  }
}

function parseHeader(cursor: Cursor): GgufHeader {
  cursor.next(magic.length, "the start");
  let version = cursor.number("u32", "the version");
  if ((version & 0xffff) === 0) {
    // version 3 in the other order
    cursor.littleEndian = false;
    cursor.at -= 4;
    version = cursor.number("u32", "the version");
  }
  if (version !== 2 && version !== 3) {
    cursor.at -= 4;
    cursor.fail(
      `version ${version} of GGUF is unknown, expected 2 or 3`,
      version === 1 ? "convert it with llama.cpp of 2023" : undefined,
    );
  }
  // a tensor takes 8 bytes for its name's length, 4 for its rank, 4 for its type, 8 for its place; a value 8, 4 and 1
  const tensors = cursor.count(24, "the number of tensors");
  const values = cursor.count(13, "the number of values");
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < values; i++) {
    const key = cursor.string("a key");
    if (metadata.has(key)) cursor.fail(`the key ${JSON.stringify(key.slice(0, 100))} stands twice in the metadata`);
    metadata.set(key, readValue(cursor, cursor.number("u32", "a type"), key, 0));
  }
  const alignment = alignmentOf(cursor, metadata.get("general.alignment"));
  const infos: { name: string; type: GgufType; shape: number[]; offset: number; bytes: number | undefined }[] = [];
  const names = new Set<string>();
  for (let i = 0; i < tensors; i++) {
    const info = readInfo(cursor, alignment);
    if (names.has(info.name)) cursor.fail(`two tensors are named ${JSON.stringify(info.name.slice(0, 100))}`);
    names.add(info.name);
    infos.push(info);
  }
  const start = Math.ceil(cursor.at / alignment) * alignment;
  const ordered = infos.toSorted((a, b) => a.offset - b.offset);
  const ends = new Map<string, number>();
  for (const [i, { name, offset, bytes }] of ordered.entries()) {
    const from = start + offset;
    const next = i + 1 < ordered.length ? start + ordered[i + 1].offset : cursor.size;
    const to = bytes === undefined ? next : from + bytes;
    cursor.at = Math.min(from, cursor.size);
    if (to > cursor.size || from > cursor.size)
      cursor.fail(`"${name}" ends at byte ${to}, the file has ${cursor.size}`, "the file is truncated or corrupt");
    if (to > next) cursor.fail(`"${name}" overlaps "${ordered[i + 1].name}"`);
    ends.set(name, to);
  }
  return {
    metadata,
    bigEndian: !cursor.littleEndian,
    places: infos.map(({ name, type, shape, offset }) => ({
      name,
      type,
      shape,
      from: start + offset,
      to: ends.get(name) as number, // of the same tensors
    })),
  };
}

function alignmentOf(cursor: Cursor, given: GgufValue = 32): number {
  if (typeof given === "number" && given > 0 && given % 8 === 0 && given <= 2 ** 30) return given;
  const shown = typeof given === "number" ? given : typeof given;
  return cursor.fail(`general.alignment must be a multiple of 8, got ${shown}`);
}

const kinds: readonly (NumberType | "bool" | "string" | "array" | "u64" | "i64")[] = [
  "u8",
  "i8",
  "u16",
  "i16",
  "u32",
  "i32",
  "f32",
  "bool",
  "string",
  "array",
  "u64",
  "i64",
  "f64",
];
/** The fewest bytes of a value, by its type's number. */
const least = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8] as const;

function readValue(cursor: Cursor, id: number, key: string, depth: number): GgufValue {
  const kind = kinds[id];
  const what = `the value of ${JSON.stringify(key.slice(0, 100))}`;
  switch (kind) {
    case undefined:
      return cursor.fail(`${what} is of the unknown type ${id}`);
    case "string":
      return cursor.string(what);
    case "bool": {
      const byte = cursor.number("u8", what);
      if (byte > 1) cursor.fail(`${what} is a boolean of ${byte}`);
      return byte === 1;
    }
    case "u64":
    case "i64": {
      const long = cursor.long(kind === "i64", what);
      const number = Number(long);
      return Number.isSafeInteger(number) ? number : long;
    }
    case "array": {
      if (depth >= maxDepth) return cursor.fail(`${what} lies over ${maxDepth} arrays deep`);
      const each = cursor.number("u32", what);
      if (each >= kinds.length) return cursor.fail(`${what} is a list of the unknown type ${each}`);
      const count = cursor.count(least[each], `the length of ${what}`);
      const list: GgufValue[] = [];
      for (let i = 0; i < count; i++) list.push(readValue(cursor, each, key, depth + 1));
      return list;
    }
    default:
      return cursor.number(kind, what);
  }
}

function readInfo(cursor: Cursor, alignment: number) {
  const name = cursor.string("a tensor's name");
  const shown = `"${name.slice(0, 100)}"`;
  const rank = cursor.number("u32", `the rank of ${shown}`);
  if (rank > maxRank) cursor.fail(`${shown} has ${rank} dimensions, the most is ${maxRank}`);
  const shape: number[] = [];
  for (let d = 0; d < rank; d++) {
    const size = cursor.long(false, `the shape of ${shown}`);
    if (size > Number.MAX_SAFE_INTEGER) cursor.fail(`${shown} has a size of ${size}`);
    shape.unshift(Number(size));
  }
  const type = typeOf(cursor.number("u32", `the type of ${shown}`));
  const offset = cursor.long(false, `the place of ${shown}`);
  if (offset > cursor.size)
    cursor.fail(`${shown} starts at byte ${offset} of the elements, the file has ${cursor.size}`);
  if (offset % BigInt(alignment) !== 0n)
    cursor.fail(`${shown} starts at byte ${offset} of the elements, which is no multiple of ${alignment}`);
  const [elements, size] = type.block ?? [1, 1];
  if ((shape.at(-1) ?? 1) % elements !== 0)
    cursor.fail(`${shown} has rows of ${shape.at(-1)}, which are no whole blocks of ${elements} (${type.name})`);
  const bits = arrayBits(8, shape);
  if (bits === undefined) return cursor.fail(`${shown} of shape [${shape}] is larger than any file`);
  return { name, type, shape, offset: Number(offset), bytes: type.block && (bits / 8 / elements) * size };
}
