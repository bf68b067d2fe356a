import { type DType, FormatError } from "@flambeau/tensor/functional";
import { bytesOf } from "@flambeau/tensor/plugin";
import { refuseOtherFormat } from "../files/other-formats.ts";
import { arrayBits, maxRank } from "../limits.ts";
import type { Unsigned } from "../widen.ts";
import { dtypeOf, isKnown, unsigned, unsupported } from "./dtypes.ts";
import { JsonReader } from "./json.ts";

/** The limit of the reference implementation. */
export const maxHeaderBytes = 100_000_000;
export const prefixBytes = 8;

/** Where the elements of a tensor lie, from the end of the header on, and what they are. */
export interface Place {
  readonly name: string;
  /** The format's name. */
  readonly dtypeName: string;
  /** Our dtype, or the width of an unsigned integer that is to be widened, or undefined for what Flambeau does not hold. */
  readonly holds: DType | Unsigned | undefined;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly places: readonly Place[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** Where the elements start, by the first 8 bytes of a file of `size` bytes. */
export function elementsStart(prefix: Uint8Array, size: number, file: string): number {
  if (prefix.length < prefixBytes)
    throw new FormatError(file, size, `a safetensors file starts with 8 bytes of header length, this one has ${size}`);
  const headerBytes = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (headerBytes > maxHeaderBytes || prefixBytes + Number(headerBytes) > size)
    refuseOtherFormat(prefix, "safetensors", file);
  if (headerBytes > maxHeaderBytes) {
    const problem = `the header length ${headerBytes} is over the limit of ${maxHeaderBytes}`;
    throw new FormatError(file, 0, problem, "is this a safetensors file?");
  }
  const start = prefixBytes + Number(headerBytes);
  if (start > size) {
    const problem = `the header needs ${headerBytes} bytes, the file has ${size - prefixBytes} after its length`;
    throw new FormatError(file, size, problem);
  }
  return start;
}

/** What the header says, checked in itself and against the `available` bytes of elements. */
export function readHeader(bytes: Uint8Array, available: number, file: string): Header {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FormatError(file, prefixBytes, "the header is not UTF-8");
  }
  const fail = (at: number, problem: string, hint?: string): never => {
    throw new FormatError(file, prefixBytes + new TextEncoder().encode(text.slice(0, at)).length, problem, hint);
  };
  const json = new JsonReader(text, fail);
  const metadata = new Map<string, string>();
  const places: Place[] = [];
  json.object("the header", (name) => {
    if (name !== "__metadata__") places.push(readPlace(json, name, available, file));
    else if (!json.take("null"))
      json.object("__metadata__", (key) => metadata.set(key, json.string(`__metadata__ ${JSON.stringify(key)}`)));
  });
  if (json.at < text.length) fail(json.at, "the header is not JSON: something stands after it");
  checkCover(places, available, prefixBytes + bytes.length, file);
  const [unread] = places;
  if (unread && places.every(({ dtypeName }) => !isKnown(dtypeName)))
    fail(
      0,
      `"${unread.name}" has the unknown dtype ${unread.dtypeName}, and nothing else is there`,
      "is this a safetensors file?",
    );
  return { places, metadata };
}

/** The tensors must lie one after the other, and end where the file does. */
function checkCover(places: readonly Place[], available: number, start: number, file: string): void {
  let covered = 0;
  for (const { name, begin, end } of places.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) {
      const problem =
        begin < covered ? "overlaps the tensor before it" : `leaves a hole of ${begin - covered} bytes before it`;
      throw new FormatError(file, start + begin, `"${name}" ${problem}`);
    }
    covered = end;
  }
  if (covered !== available) {
    const problem = `the tensors end here, the file has ${available - covered} bytes more`;
    throw new FormatError(file, start + covered, problem);
  }
}

/** A tensor's entry. */
function readPlace(json: JsonReader, name: string, available: number, file: string): Place {
  const fail = (problem: string, hint?: string): never => {
    throw new FormatError(file, prefixBytes, `"${name}" ${problem}`, hint);
  };
  const wrongOffsets = "must have data_offsets of two non-negative integers";
  let dtypeName: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  json.object(`"${name}"`, (field) => {
    if (field === "dtype") dtypeName = json.string(`the dtype of "${name}"`);
    else if (field === "shape")
      shape = json.naturals(maxRank) ?? fail(`must have a shape of non-negative integers, ${maxRank} at most`);
    else if (field === "data_offsets") offsets = json.naturals(2) ?? fail(wrongOffsets);
    else fail(`has the unknown field "${field}"`);
  });
  if (dtypeName === undefined) return fail("has no dtype");
  if (!shape) return fail("has no shape");
  if (offsets?.length !== 2) return fail(wrongOffsets);
  const holds = dtypeOf.get(dtypeName) ?? unsigned.get(dtypeName);
  const bits = unsupported.get(dtypeName) ?? (typeof holds === "string" ? 8 * bytesOf(holds) : holds && 8 * holds);
  const [begin, end] = offsets;
  if (begin > end || end > available) {
    const problem = `lies at [${begin},${end}], outside the ${available} bytes of elements`;
    return fail(problem, "the file is truncated or corrupt");
  }
  // a name that is none comes of damage
  if (bits === undefined && !/^[A-Z][A-Z0-9_]{0,31}$/.test(dtypeName))
    return fail(
      `has the unknown dtype ${JSON.stringify(dtypeName.slice(0, 40))}`,
      `Flambeau reads ${[...dtypeOf.keys()].join(", ")}`,
    );
  // of a dtype that came after this reader nobody here knows the size: it is left out, and the others are read
  const needed = arrayBits(bits ?? 1, shape);
  if ((bits !== undefined || needed === undefined) && needed !== 8 * (end - begin)) {
    const bytes = needed === undefined ? "over 2^53" : needed / 8;
    return fail(
      `of shape [${shape.join(",")}] and dtype ${dtypeName} needs ${bytes} bytes, its offsets hold ${end - begin}`,
    );
  }
  return { name, dtypeName, holds, shape, begin, end };
}
