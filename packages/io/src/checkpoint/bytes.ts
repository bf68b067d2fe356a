import { FormatError } from "@flambeau/tensor/functional";
import { checkOptions, option } from "@flambeau/tensor/plugin";
import { encodeSafetensors } from "../safetensors/encode.ts";
import { parseSafetensors } from "../safetensors/parse.ts";
import { toData, toTensor } from "../tensor-data.ts";
import { flatten, type State, unflatten } from "./tree.ts";

const key = "flambeau.checkpoint";
const version = "1";

/**
 * A tree of tensors and plain values as one safetensors file: the tensors by dotted path (`model.conv.weight`), the rest as JSON in
 * the metadata. Any safetensors reader can read the tensors.
 *
 * @throws ArgumentError naming the path of a value that a checkpoint cannot hold; UnavailableError for a tensor without values, on "meta".
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const bytes = await encodeCheckpoint({ model: { weight: tensor([1, 2]) }, epoch: 3 });
 * decode(bytes)["model.weight"].tolist(); // [1, 2]
 */
export async function encodeCheckpoint(state: State): Promise<Uint8Array> {
  const { json, tensors, arrays } = flatten(state);
  const data = [...(await toData(tensors)), ...arrays];
  return encodeSafetensors(data, [
    [key, version],
    [`${key}.state`, json],
  ]);
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
  const { tensors, metadata } = parseSafetensors(bytes, { file });
  const state = metadata.get(`${key}.state`);
  if (state === undefined || !metadata.has(key)) {
    throw new FormatError(file, 8, "a safetensors file, but not a checkpoint", "read tensors alone with load()");
  }
  if (metadata.get(key) !== version) {
    throw new FormatError(
      file,
      8,
      `a checkpoint of version ${metadata.get(key)}, expected ${version}`,
      "it was saved by another version of @flambeau/io",
    );
  }
  return unflatten(state, tensors, file, (data) => toTensor(data, device));
}
