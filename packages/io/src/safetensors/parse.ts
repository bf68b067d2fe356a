import { FormatError } from "@flambeau/tensor/functional";
import { checkOptions, option } from "@flambeau/tensor/plugin";
import { byteLength, type TensorData } from "../tensor-data.ts";
import { dtypeOf, unsupported } from "./dtypes.ts";
import { duplicateKey } from "./json.ts";

/** What a safetensors file holds. */
export interface Safetensors {
  /** By name, in the order of the header; `bytes` are views of the parsed file. */
  readonly tensors: ReadonlyMap<string, TensorData>;
  /** The file's notes, by key. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** The limit of the reference implementation. */
const maxHeaderBytes = 100_000_000;
const prefixBytes = 8;

/**
 * Parse a safetensors file. Everything is validated before anything is handed out, and nothing is copied.
 *
 * Layout: a little-endian u64 N, N bytes of JSON `{ name: { dtype, shape, data_offsets } }`, the elements.
 *
 * @param options.file named in error messages.
 * @throws FormatError naming file and offset: a bad header, a doubled name, an unknown dtype, a size that does not fit its offsets,
 * overlaps, holes, missing or extra bytes.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const labels = { dtype: "uint8", shape: [3], bytes: new Uint8Array([1, 2, 3]) } as const;
 * const { tensors } = parseSafetensors(encodeSafetensors([["labels", labels]]));
 * tensors.get("labels"); // { dtype: "uint8", shape: [3], bytes: [1, 2, 3] }
 */
export function parseSafetensors(bytes: Uint8Array, options: { file?: string | undefined } = {}): Safetensors {
  checkOptions("parseSafetensors", { file: option.string }, options);
  const { file = "safetensors" } = options;
  const fail = (offset: number, problem: string, hint?: string): never => {
    throw new FormatError(file, offset, problem, hint);
  };
  if (bytes.length < prefixBytes) {
    fail(bytes.length, `a safetensors file starts with 8 bytes of header length, this one has ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getBigUint64(0, true);
  if (headerBytes > maxHeaderBytes) {
    fail(0, `the header length ${headerBytes} is over the limit of ${maxHeaderBytes}`, "is this a safetensors file?");
  }
  const start = prefixBytes + Number(headerBytes);
  if (start > bytes.length) {
    fail(
      bytes.length,
      `the header needs ${headerBytes} bytes, the file has ${bytes.length - prefixBytes} after its length`,
    );
  }

  const header = parseHeader(bytes.subarray(prefixBytes, start), file);
  const metadata = new Map<string, string>();
  const entries: { name: string; data: TensorData; begin: number; end: number }[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") {
      if (!isObject(value)) return fail(prefixBytes, "__metadata__ must be an object of strings");
      for (const [key, text] of Object.entries(value)) {
        if (typeof text !== "string") return fail(prefixBytes, `__metadata__ "${key}" must be a string`);
        metadata.set(key, text);
      }
      continue;
    }
    const place = readPlace(value, name, bytes.length - start, file);
    const data = {
      dtype: place.dtype,
      shape: place.shape,
      bytes: bytes.subarray(start + place.begin, start + place.end),
    };
    entries.push({ name, data, begin: place.begin, end: place.end });
  }

  let covered = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) {
      const problem =
        begin < covered ? "overlaps the tensor before it" : `leaves a hole of ${begin - covered} bytes before it`;
      fail(start + begin, `"${name}" ${problem}`);
    }
    covered = end;
  }
  if (start + covered !== bytes.length) {
    fail(start + covered, `the tensors end here, the file has ${bytes.length - start - covered} bytes more`);
  }
  return { tensors: new Map(entries.map(({ name, data }) => [name, data])), metadata };
}

function parseHeader(bytes: Uint8Array, file: string): object {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FormatError(file, prefixBytes, "the header is not UTF-8");
  }
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    throw new FormatError(file, prefixBytes, `the header is not JSON: ${(error as SyntaxError).message}`);
  }
  if (!isObject(header)) throw new FormatError(file, prefixBytes, "the header must be a JSON object");
  const twice = duplicateKey(text);
  if (twice) {
    const at = prefixBytes + new TextEncoder().encode(text.slice(0, twice.at)).length;
    throw new FormatError(file, at, `the name ${JSON.stringify(twice.key)} stands twice in the header`);
  }
  return header;
}

/** A tensor's header entry, checked in itself and against the `available` bytes of elements. */
function readPlace(value: unknown, name: string, available: number, file: string) {
  const fail = (problem: string, hint?: string): never => {
    throw new FormatError(file, prefixBytes, `"${name}" ${problem}`, hint);
  };
  if (!isObject(value)) return fail("must be an object with dtype, shape and data_offsets");
  const { dtype: dtypeName, shape, data_offsets: offsets, ...rest } = value as { [key: string]: unknown };
  if (Object.keys(rest).length > 0) return fail(`has the unknown field "${Object.keys(rest)[0]}"`);
  if (typeof dtypeName !== "string") return fail("has no dtype");
  const dtype = dtypeOf.get(dtypeName);
  if (!dtype) {
    const known = `Flambeau reads ${[...dtypeOf.keys()].join(", ")}`;
    return fail(`has the ${unsupported.has(dtypeName) ? "unsupported" : "unknown"} dtype ${dtypeName}`, known);
  }
  if (!isNaturals(shape)) return fail("must have a shape of non-negative integers");
  if (!isNaturals(offsets) || offsets.length !== 2) return fail("must have data_offsets of two non-negative integers");
  const [begin, end] = offsets;
  if (begin > end || end > available) {
    return fail(
      `lies at [${begin},${end}], outside the ${available} bytes of elements`,
      "the file is truncated or corrupt",
    );
  }
  const needed = byteLength(dtype, shape);
  if (needed !== end - begin) {
    return fail(
      `of shape [${shape.join(",")}] and dtype ${dtypeName} needs ${needed ?? "over 2^53"} bytes, its offsets hold ${end - begin}`,
    );
  }
  return { dtype, shape, begin, end };
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isNaturals = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
