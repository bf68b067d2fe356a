import { type DType, DTypeError, FormatError } from "@flambeau/tensor/functional";
import { bytesOf, checkOptions, option } from "@flambeau/tensor/plugin";
import { byteLength, type TensorData } from "../tensor-data.ts";
import { parseNpyHeader } from "./header.ts";

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

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const; // \x93NUMPY
const alignment = 64;

/**
 * Parse one array in NumPy's npy format (versions 1 to 3). Fortran order and big-endian numbers are put into our order.
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
  const { file = "npy" } = options;
  if (bytes.length < 10)
    throw new FormatError(file, bytes.length, `an npy header needs 10 bytes, the file has ${bytes.length}`);
  if (magic.some((byte, i) => bytes[i] !== byte))
    throw new FormatError(file, 0, "not an npy file: it does not start with \\x93NUMPY");
  const major = bytes[6];
  if (major < 1 || major > 3 || bytes[7] !== 0) {
    throw new FormatError(file, 6, `npy version ${major}.${bytes[7]} is unknown, expected 1.0, 2.0 or 3.0`);
  }
  const prefix = major === 1 ? 10 : 12;
  if (bytes.length < prefix)
    throw new FormatError(file, bytes.length, `an npy header needs ${prefix} bytes, the file has ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = prefix + headerBytes;
  if (start > bytes.length) {
    throw new FormatError(
      file,
      bytes.length,
      `the npy header needs ${headerBytes} bytes, the file has ${bytes.length - prefix} for it`,
    );
  }
  // versions 1 and 2 are Latin-1, 3 is UTF-8; what we read of a header is ASCII in all
  const text = new TextDecoder("latin1").decode(bytes.subarray(prefix, start));
  const { descr, fortranOrder, shape } = parseNpyHeader(text, file, prefix);
  const order = descr[0];
  const dtype = dtypeOf.get(descr.slice(1));
  if (!dtype || !"<>|".includes(order) || (order === "|" && bytesOf(dtype) > 1)) {
    const known = [...dtypeOf.keys()].join(", ");
    throw new FormatError(
      file,
      prefix,
      `the npy dtype ${JSON.stringify(descr)} is not supported`,
      `Flambeau reads ${known}`,
    );
  }
  const expected = byteLength(dtype, shape);
  const actual = bytes.length - start;
  if (expected !== actual) {
    throw new FormatError(
      file,
      expected === undefined ? prefix : Math.min(bytes.length, start + expected),
      `an array of shape [${shape.join(",")}] and dtype ${dtype} needs ${expected ?? "over 2^53"} bytes, the file holds ${actual}`,
    );
  }
  let data = bytes.subarray(start);
  if (order === ">") data = swapBytes(data, bytesOf(dtype));
  if (fortranOrder && shape.length > 1) data = fromFortran(data, shape, bytesOf(dtype));
  return { dtype, shape, bytes: data };
}

/**
 * The bytes of an npy file (version 1.0, C order, little-endian).
 *
 * @throws DTypeError for bfloat16, which NumPy does not have.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @example
 * const file = encodeNpy({ dtype: "uint8", shape: [3], bytes: new Uint8Array([1, 2, 3]) });
 * file.subarray(1, 6); // [78, 85, 77, 80, 89]
 * file.length; // 131
 */
export function encodeNpy({ dtype, shape, bytes }: TensorData): Uint8Array {
  if (dtype === "bfloat16") {
    throw new DTypeError(
      "encodeNpy",
      "NumPy has no bfloat16",
      'save it as safetensors, or convert it first: t.to({ dtype: "float32" })',
    );
  }
  const order = bytesOf(dtype) > 1 ? "<" : "|";
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dict = `{'descr': '${order}${codeOf[dtype]}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const start = Math.ceil((10 + dict.length + 1) / alignment) * alignment;
  const file = new Uint8Array(start + bytes.length);
  file.set(magic);
  file[6] = 1;
  new DataView(file.buffer).setUint16(8, start - 10, true);
  file.set(new TextEncoder().encode(`${dict.padEnd(start - 11)}\n`), 10);
  file.set(bytes, start);
  return file;
}

function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  const swapped = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += width) {
    for (let k = 0; k < width; k++) swapped[i + k] = bytes[i + width - 1 - k];
  }
  return swapped;
}

function fromFortran(bytes: Uint8Array, shape: readonly number[], width: number): Uint8Array {
  const reordered = new Uint8Array(bytes.length);
  const index = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, dim) => shape.slice(0, dim).reduce((product, size) => product * size, width));
  for (let to = 0; to < bytes.length; to += width) {
    let from = 0;
    for (let dim = 0; dim < shape.length; dim++) from += index[dim] * strides[dim];
    for (let k = 0; k < width; k++) reordered[to + k] = bytes[from + k];
    for (let dim = shape.length - 1; dim >= 0 && ++index[dim] === shape[dim]; dim--) index[dim] = 0;
  }
  return reordered;
}
