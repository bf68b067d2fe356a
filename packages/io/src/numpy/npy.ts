import { ArgumentError, type DType, DTypeError, FormatError } from "@flambeau/tensor/functional";
import { bytesOf, checkOptions, option } from "@flambeau/tensor/plugin";
import { refuseOtherFormat } from "../files/other-formats.ts";
import { allocate, type Source } from "../files/source.ts";
import { arrayBits, maxRank } from "../limits.ts";
import { byteLength, bytesOnly, checkData, type TensorData } from "../tensor-data.ts";
import { swapBytes, type Unsigned, widen } from "../widen.ts";
import { fromFortran } from "./fortran.ts";
import { maxHeaderBytes, parseNpyHeader } from "./header.ts";
import { readText, type TextArray, writeText } from "./text.ts";

/** NumPy's names of our dtypes, without the byte order. bfloat16 has none. */
const codeOf: { readonly [D in Exclude<DType, "bfloat16">]: string } = {
  bool: "b1",
  uint8: "u1",
  int8: "i1",
  int16: "i2",
  int32: "i4",
  int64: "i8",
  float16: "f2",
  float32: "f4",
  float64: "f8",
};
// Object.entries forgets the keys' type
const dtypeOf = new Map(Object.entries(codeOf).map(([dtype, code]) => [code, dtype as DType]));
const unsigned = new Map<string, Unsigned>([
  ["u2", 2],
  ["u4", 4],
  ["u8", 8],
]);
/** Bytes of a letter in NumPy's strings. */
const letterBytes = new Map([
  ["U", 4],
  ["S", 1],
]);

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const; // \x93NUMPY
const alignment = 64;
/** Magic, version and the length of the header: in version 1, and in the later ones. */
const firstPrefixBytes = 10;
const npyPrefixBytes = 12;

/**
 * Parse one array in NumPy's npy format (versions 1 to 3). Fortran order and big-endian numbers are put into our order; uint16 comes as
 * int32, uint32 and uint64 as int64.
 *
 * @param options.file named in error messages.
 * @throws FormatError naming file and offset when the bytes are truncated, corrupt or hold a dtype that Flambeau does not have.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @example
 * const bytes = new Uint8Array(new Float32Array([1, 2]).buffer);
 * parseNpy(encodeNpy({ dtype: "float32", shape: [1, 2], bytes })); // { dtype: "float32", shape: [1, 2] }
 */
export function parseNpy(bytes: Uint8Array, options: { file?: string | undefined } = {}): TensorData {
  checkOptions("parseNpy", { file: option.string }, options);
  bytesOnly("parseNpy", bytes);
  const { file = "npy" } = options;
  return numbersOnly(parseNpyMember(bytes, file), file);
}

/** {@link parseNpy} of a file, whose header is checked before the rest is read. */
export async function readNpy(source: Source): Promise<TensorData> {
  const { file, size } = source;
  const { start, headerAt } = npyStart(await source.read(0, Math.min(npyPrefixBytes, size)), size, file);
  const plan = npyPlan(await source.read(headerAt, start), headerAt, size, file);
  return numbersOnly(typeof plan === "string" ? plan : plan(await source.read(start, size)), file);
}

export const isNpy = (bytes: Uint8Array): boolean => magic.every((byte, i) => bytes[i] === byte);

/** An array of an archive: numbers, text, or the reason why Flambeau cannot hold it. */
export function parseNpyMember(bytes: Uint8Array, file: string): TensorData | TextArray | string {
  const { start, headerAt } = npyStart(bytes.subarray(0, npyPrefixBytes), bytes.length, file);
  const plan = npyPlan(bytes.subarray(headerAt, start), headerAt, bytes.length, file);
  return typeof plan === "string" ? plan : plan(bytes.subarray(start));
}

function numbersOnly(array: TensorData | TextArray | string, file: string): TensorData {
  if (typeof array !== "string" && array.dtype !== "string") return array;
  const reason = typeof array === "string" ? array : "it holds text";
  const known = [...dtypeOf.keys(), ...unsigned.keys()].join(", ");
  throw new FormatError(
    file,
    firstPrefixBytes,
    `the npy array cannot be a tensor: ${reason}`,
    `Flambeau reads ${known}`,
  );
}

/** Where the header and the elements start, by the first bytes of a file of `size` bytes. */
function npyStart(prefix: Uint8Array, size: number, file: string): { headerAt: number; start: number } {
  if (size < firstPrefixBytes)
    throw new FormatError(file, size, `an npy header needs ${firstPrefixBytes} bytes, the file has ${size}`);
  if (!isNpy(prefix)) {
    refuseOtherFormat(prefix, "npy", file);
    throw new FormatError(file, 0, "not an npy file: it does not start with \\x93NUMPY");
  }
  const major = prefix[6];
  if (major < 1 || major > 3 || prefix[7] !== 0)
    throw new FormatError(file, 6, `npy version ${major}.${prefix[7]} is unknown, expected 1.0, 2.0 or 3.0`);
  const headerAt = major === 1 ? firstPrefixBytes : npyPrefixBytes;
  if (size < headerAt) throw new FormatError(file, size, `an npy header needs ${headerAt} bytes, the file has ${size}`);
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const headerBytes = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (headerAt + headerBytes > size) {
    const problem = `the npy header needs ${headerBytes} bytes, the file has ${size - headerAt} for it`;
    throw new FormatError(file, size, problem);
  }
  if (headerBytes > maxHeaderBytes)
    throw new FormatError(file, 8, `the npy header has ${headerBytes} bytes, the most is ${maxHeaderBytes}`);
  return { headerAt, start: headerAt + headerBytes };
}

/** What makes an array of the elements, when there are as many as the header says; or why it cannot be held. */
function npyPlan(
  header: Uint8Array,
  headerAt: number,
  size: number,
  file: string,
): ((bytes: Uint8Array) => TensorData | TextArray | string) | string {
  // versions 1 and 2 are Latin-1, 3 is UTF-8; what we read of a header is ASCII in all
  const text = new TextDecoder("latin1").decode(header);
  const { descr, fortranOrder, shape } = parseNpyHeader(text, file, headerAt);
  // no order, or "=", is the machine's, and that is little-endian nowadays
  const [, order, code, digits] = /^([<>|=]?)([a-zA-Z?])(\d*)$/.exec(descr) ?? [];
  const dtype = dtypeOf.get(code + digits);
  const wide = unsigned.get(code + digits);
  const letters = letterBytes.get(code);
  // the bytes that are turned together, and those of an element
  const unit = dtype ? bytesOf(dtype) : (wide ?? letters);
  if (unit === undefined) return `Flambeau has no dtype like NumPy's ${JSON.stringify(descr.slice(0, 80))}`;
  const element = letters === undefined ? unit : unit * Number(digits);
  const start = headerAt + header.length;
  const bits = arrayBits(8 * element, shape);
  const expected = bits === undefined ? undefined : bits / 8;
  if (expected !== size - start) {
    const at = expected === undefined ? headerAt : Math.min(size, start + expected);
    const problem = `an array of shape [${shape.join(",")}] and dtype ${dtype ?? descr} needs ${expected ?? "over 2^53"} bytes`;
    throw new FormatError(file, at, `${problem}, the file holds ${size - start}`);
  }
  return (elements) => {
    let bytes = order === ">" ? swapBytes(elements, unit) : elements;
    if (fortranOrder) bytes = fromFortran(bytes, shape, element);
    if (dtype) return { dtype, shape, bytes };
    if (wide) return widen(bytes, wide, shape) ?? "it is of dtype uint64 and holds numbers beyond int64";
    return readText(bytes, shape, unit, Number(digits));
  };
}

/**
 * The bytes of an npy file (version 1.0, C order, little-endian).
 *
 * @throws DTypeError for bfloat16, which NumPy does not have; ArgumentError for bytes that do not fit shape and dtype, and over 64 dimensions.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @example
 * const file = encodeNpy({ dtype: "uint8", shape: [3], bytes: new Uint8Array([1, 2, 3]) });
 * file.subarray(1, 6); // [78, 85, 77, 80, 89]
 * file.length; // 131
 */
export function encodeNpy(array: TensorData): Uint8Array {
  checkData("encodeNpy", "the array", array);
  const { dtype, shape, bytes } = array;
  if (dtype === "bfloat16") {
    throw new DTypeError(
      "encodeNpy",
      "NumPy has no bfloat16",
      'save it as safetensors, or convert it first: t.to({ dtype: "float32" })',
    );
  }
  if (shape.length > maxRank)
    throw new ArgumentError("encodeNpy", `the array has ${shape.length} dimensions, the most is ${maxRank}`);
  if (byteLength(dtype, shape) !== bytes.length) {
    const problem = `an array of shape [${shape.join(",")}] and dtype ${dtype} cannot hold ${bytes.length} bytes`;
    throw new ArgumentError("encodeNpy", problem);
  }
  return npyFile(`${bytesOf(dtype) > 1 ? "<" : "|"}${codeOf[dtype]}`, shape, bytes);
}

/** An array of an archive. */
export function encodeNpyMember(array: TensorData | TextArray): Uint8Array {
  if (array?.dtype !== "string") return encodeNpy(array);
  const { shape, values } = array;
  if (!Array.isArray(values) || !values.every((value) => typeof value === "string" && value.isWellFormed()))
    throw new ArgumentError("encodeNpz", "the values of an array of text must be a list of texts");
  if (!Array.isArray(shape) || shape.reduce((product, size) => product * size, 1) !== values.length)
    throw new ArgumentError("encodeNpz", `an array of shape [${shape}] cannot hold ${values.length} texts`);
  const { length, bytes } = writeText(array);
  return npyFile(`<U${length}`, shape, bytes);
}

function npyFile(descr: string, shape: readonly number[], bytes: Uint8Array): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const start = Math.ceil((10 + dict.length + 1) / alignment) * alignment;
  const file = allocate(start + bytes.length, "encodeNpy");
  file.set(magic);
  file[6] = 1;
  new DataView(file.buffer).setUint16(8, start - 10, true);
  file.set(new TextEncoder().encode(`${dict.padEnd(start - 11)}\n`), 10);
  file.set(bytes, start);
  return file;
}
