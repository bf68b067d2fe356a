import { ArgumentError } from "@flambeau/tensor/functional";
import { show } from "@flambeau/tensor/plugin";
import { allocate } from "../files/source.ts";
import { maxRank } from "../limits.ts";
import { byteLength, checkData, pairs, type TensorData } from "../tensor-data.ts";
import { nameOf, rankOf } from "./dtypes.ts";
import { maxHeaderBytes } from "./header.ts";

/**
 * The bytes of a safetensors file with string metadata, the same bytes as the reference implementation writes.
 *
 * @throws ArgumentError for what no reader would take: a tensor named `__metadata__`, two of one name, bytes that do not fit shape and
 * dtype, over 64 dimensions, names and notes that are not text, a header over 100 MB.
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
  const given = pairs("encodeSafetensors", "the tensors", tensors);
  for (const [name, data] of given) checkData("encodeSafetensors", show(name), data);
  const ordered = given.sort(([a, x], [b, y]) => rankOf(x.dtype) - rankOf(y.dtype) || (a < b ? -1 : 1));
  const fail = (problem: string, hint?: string): never => {
    throw new ArgumentError("encodeSafetensors", problem, hint);
  };
  const notes = new Map<string, string>();
  for (const [key, text] of pairs("encodeSafetensors", "the metadata", metadata)) {
    if (!isText(key) || !isText(text)) fail(`the metadata ${show(key)} must be text, got ${show(text)}`);
    if (notes.has(key)) fail(`the metadata "${key}" is given twice`);
    notes.set(key, text);
  }
  const header = new Map<string, unknown>();
  if (notes.size > 0) header.set("__metadata__", Object.fromEntries(notes));
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of ordered) {
    if (name === "__metadata__") fail(`the name "${name}" is taken by the format`);
    if (!isText(name)) fail(`the name ${show(name)} must be text`);
    if (header.has(name)) fail(`two tensors are named "${name}"`);
    if (shape.length > maxRank) fail(`"${name}" has ${shape.length} dimensions, the most is ${maxRank}`);
    if (byteLength(dtype, shape) !== bytes.length)
      fail(`"${name}" of shape [${shape.join(",")}] and dtype ${dtype} cannot hold ${bytes.length} bytes`);
    header.set(name, { dtype: nameOf[dtype], shape, data_offsets: [end, end + bytes.length] });
    end += bytes.length;
  }
  const text = new TextEncoder().encode(headerText(Object.fromEntries(header)));
  const start = 8 + Math.ceil(text.length / 8) * 8;
  if (start - 8 > maxHeaderBytes)
    fail(
      `names and notes take ${start - 8} bytes, the format has room for ${maxHeaderBytes}`,
      "keep large notes in a tensor of bytes",
    );
  const file = allocate(start + end, "encodeSafetensors");
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

/** Text that UTF-8 can hold. */
const isText = (value: unknown): boolean => typeof value === "string" && value.isWellFormed();

function headerText(header: object): string {
  try {
    return JSON.stringify(header);
  } catch {
    // the engine's strings end at some 500 million letters
    throw new ArgumentError(
      "encodeSafetensors",
      `names and notes are far over the ${maxHeaderBytes} bytes that the format has room for`,
    );
  }
}
