import { FormatError } from "@flambeau/tensor/functional";
import { checkOptions, option } from "@flambeau/tensor/plugin";
import type { TensorData } from "../tensor-data.ts";
import { encodeNpy, parseNpy } from "./npy.ts";
import { unzip, zip } from "./zip.ts";

/**
 * Parse the arrays of an npz file (`numpy.savez`, `numpy.savez_compressed`) by name. All of it is checked before any is handed out.
 *
 * @param options.file named in error messages.
 * @throws FormatError naming file and offset when the archive or an array in it is truncated, corrupt or of an unknown kind.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.savez.html
 * @example
 * const labels = { dtype: "uint8", shape: [3], bytes: new Uint8Array([1, 2, 3]) } as const;
 * const arrays = await parseNpz(encodeNpz([["labels", labels]]));
 * arrays.get("labels"); // { dtype: "uint8", shape: [3] }
 */
export async function parseNpz(
  bytes: Uint8Array,
  options: { file?: string | undefined } = {},
): Promise<Map<string, TensorData>> {
  checkOptions("parseNpz", { file: option.string }, options);
  const { file = "npz" } = options;
  const arrays = new Map<string, TensorData>();
  for (const [name, content] of await unzip(bytes, file)) {
    if (!name.endsWith(".npy")) throw new FormatError(file, 0, `"${name}" in the archive is not an npy file`);
    arrays.set(name.slice(0, -".npy".length), parseNpy(content, { file: `${file}/${name}` }));
  }
  return arrays;
}

/**
 * The bytes of an npz file, uncompressed as `numpy.savez` writes it.
 *
 * @throws DTypeError for bfloat16, which NumPy does not have; ArgumentError for more than 4 GiB, or 65,535 arrays.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.savez.html
 * @example
 * const labels = { dtype: "uint8", shape: [3], bytes: new Uint8Array([1, 2, 3]) } as const;
 * encodeNpz([["labels", labels]]).subarray(0, 2); // [80, 75]
 */
export const encodeNpz = (arrays: Iterable<readonly [name: string, data: TensorData]>): Uint8Array =>
  zip([...arrays].map(([name, data]) => [`${name}.npy`, encodeNpy(data)]));
