import { FormatError } from "@flambeau/tensor/functional";
import { checkOptions, option } from "@flambeau/tensor/plugin";
import { encodeSafetensors } from "../safetensors/encode.ts";
import { parseSafetensors, type Safetensors } from "../safetensors/parse.ts";
import { type TensorData, toData, toTensor } from "../tensor-data.ts";
import { flatten, type State, unflatten } from "./tree.ts";

const key = "flambeau.checkpoint";
const stateKey = `${key}.state`;
const version = "1";
/** Letters of JSON that go into the header; more of them are kept as a tensor of bytes, for which there is no limit. */
const mostInHeader = 1_000_000;

/**
 * A tree of tensors and plain values as one safetensors file: the tensors by dotted path (`model.conv.weight`), the rest as JSON in
 * the metadata (or as the bytes `flambeau.checkpoint.state`, when it is long). Any safetensors reader can read the tensors.
 *
 * @throws ArgumentError naming the path of a value that a checkpoint cannot hold, or that lies over 256 levels deep; UnavailableError for a
 * tensor without values, on "meta".
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const bytes = await encodeCheckpoint({ model: { weight: tensor([1, 2]) }, epoch: 3 });
 * decode(bytes)["model.weight"].tolist(); // [1, 2]
 */
export async function encodeCheckpoint(state: State): Promise<Uint8Array> {
  const { json, tensors, arrays } = flatten(state, [stateKey, "__metadata__"]);
  const data = [...(await toData(tensors)), ...arrays];
  const notes: [string, string][] = [[key, version]];
  if (json.length <= mostInHeader) notes.push([stateKey, json]);
  else {
    const bytes = new TextEncoder().encode(json);
    data.push([stateKey, { dtype: "uint8", shape: [bytes.length], bytes }]);
  }
  return encodeSafetensors(data, notes);
}

/**
 * The tree of {@link encodeCheckpoint} back. No tensor is made before the whole file has been found sound.
 *
 * @param options.file named in error messages.
 * @param options.device where the tensors are made. Default: the default device.
 * @throws FormatError naming file and offset when the bytes are truncated, corrupt or no checkpoint; DeviceError for an unknown device.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const bytes = await encodeCheckpoint({ history: [0.5, Number.NaN], epoch: 3, seed: 5n });
 * parseCheckpoint(bytes); // { history: [0.5, NaN], epoch: 3, seed: 5n }
 */
export function parseCheckpoint(
  bytes: Uint8Array,
  options: { file?: string | undefined; device?: string | undefined } = {},
): State {
  checkOptions("parseCheckpoint", { file: option.string, device: option.string }, options);
  const { file = "checkpoint", device } = options;
  return stateOf(parseSafetensors(bytes, { file }), file, device);
}

/** The tree that a safetensors file holds. */
export function stateOf({ tensors, metadata, skipped }: Safetensors, file: string, device?: string): State {
  const leaves = new Map(tensors);
  const long = leaves.get(stateKey);
  const short = metadata.get(stateKey);
  const fail = (problem: string, hint?: string): never => {
    throw new FormatError(file, 8, problem, hint);
  };
  if ((short === undefined) === (long === undefined) || !metadata.has(key))
    return fail("a safetensors file, but not a checkpoint", "read tensors alone with load()");
  if (metadata.get(key) !== version) {
    const hint = "it was saved by another version of @flambeau/io";
    return fail(`a checkpoint of version ${metadata.get(key)}, expected ${version}`, hint);
  }
  for (const [name, reason] of skipped) fail(`the checkpoint's tensor "${name}" cannot be read: ${reason}`);
  leaves.delete(stateKey);
  return unflatten(short ?? textOf(long, fail), leaves, file, (data) => toTensor(data, device));
}

function textOf(data: TensorData | undefined, fail: (problem: string) => never): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data?.bytes);
  } catch {
    return fail("the checkpoint's state is not UTF-8");
  }
}
