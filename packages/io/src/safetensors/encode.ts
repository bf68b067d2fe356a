import { ArgumentError } from "@flambeau/tensor/functional";
import { byteLength, type TensorData } from "../tensor-data.ts";
import { nameOf, rankOf } from "./dtypes.ts";

/**
 * The bytes of a safetensors file with string metadata, the same bytes as the reference implementation writes.
 *
 * @throws ArgumentError when a tensor is named `__metadata__`, two have one name, or a tensor's bytes do not fit its shape and dtype.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const labels = { dtype: "uint8", shape: [3], bytes: new Uint8Array([1, 2, 3]) } as const;
 * const file = encodeSafetensors([["labels", labels]], [["epoch", "3"]]);
 * parseSafetensors(file).metadata.get("epoch"); // "3"
 */
export function encodeSafetensors(
  tensors: Iterable<readonly [name: string, data: TensorData]>,
  metadata: Iterable<readonly [key: string, text: string]> = [],
): Uint8Array {
  const ordered = [...tensors].sort(([a, x], [b, y]) => rankOf(x.dtype) - rankOf(y.dtype) || (a < b ? -1 : 1));
  const notes = [...metadata];
  const header = new Map<string, unknown>();
  if (notes.length > 0) header.set("__metadata__", Object.fromEntries(notes));
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of ordered) {
    if (name === "__metadata__")
      throw new ArgumentError("encodeSafetensors", `the name "${name}" is taken by the format`);
    if (header.has(name)) throw new ArgumentError("encodeSafetensors", `two tensors are named "${name}"`);
    if (byteLength(dtype, shape) !== bytes.length) {
      const problem = `"${name}" of shape [${shape.join(",")}] and dtype ${dtype} cannot hold ${bytes.length} bytes`;
      throw new ArgumentError("encodeSafetensors", problem);
    }
    header.set(name, { dtype: nameOf[dtype], shape, data_offsets: [end, end + bytes.length] });
    end += bytes.length;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(start + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(text, 8);
  file.fill(0x20, 8 + text.length, start);
  let at = start;
  for (const [, { bytes }] of ordered) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}
