import { FormatError } from "@flambeau/tensor/functional";
import type { TensorData } from "../tensor-data.ts";
import { encodeNpy, parseNpy } from "./npy.ts";
import { unzip, zip } from "./zip.ts";

/**
 * Parse the arrays of an npz file (`numpy.savez`, `numpy.savez_compressed`) by name. All of it is checked before any is handed out.
 * @throws FormatError naming file and offset.
 */
export async function parseNpz(bytes: Uint8Array, options: { file?: string } = {}): Promise<Map<string, TensorData>> {
  const { file = "npz" } = options;
  const arrays = new Map<string, TensorData>();
  for (const [name, content] of await unzip(bytes, file)) {
    if (!name.endsWith(".npy")) throw new FormatError(file, 0, `"${name}" in the archive is not an npy file`);
    arrays.set(name.slice(0, -".npy".length), parseNpy(content, { file: `${file}/${name}` }));
  }
  return arrays;
}

/** The bytes of an npz file, uncompressed as `numpy.savez` writes it. */
export const encodeNpz = (arrays: Iterable<readonly [name: string, data: TensorData]>): Uint8Array =>
  zip([...arrays].map(([name, data]) => [`${name}.npy`, encodeNpy(data)]));
