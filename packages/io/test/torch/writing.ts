// Files of torch.save written by hand, for what PyTorch itself does not write.
import { joined } from "../../src/files/bytes.ts";
import { zip } from "../../src/numpy/zip-write.ts";

const bytes = (...parts: readonly (string | readonly number[] | Uint8Array)[]): Uint8Array =>
  new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part)))),
  );
const u32 = (n: number): readonly number[] => [n & 255, (n >> 8) & 255, (n >> 16) & 255, (n >>> 24) & 255];

/** The operations of a pickle by what they make. */
export const op = {
  text: (s: string): Uint8Array => bytes("X", u32(Buffer.byteLength(s)), Buffer.from(s)),
  int: (n: number): Uint8Array => bytes("J", u32(n)),
  named: (module: string, name: string): Uint8Array => bytes(`c${module}\n${name}\n`),
  put: (n: number): Uint8Array => bytes("r", u32(n)),
  get: (n: number): Uint8Array => bytes("j", u32(n)),
  /** A tensor of float32 on a storage. */
  tensor(
    key: string,
    shape: readonly number[],
    strides: readonly number[],
    { offset = 0, length = 4 } = {},
  ): Uint8Array {
    const list = (numbers: readonly number[]) => bytes("(", ...numbers.map(op.int), "t");
    return bytes(
      op.named("torch._utils", "_rebuild_tensor_v2"),
      "((",
      ...[op.text("storage"), op.named("torch", "FloatStorage"), op.text(key), op.text("cpu"), op.int(length)],
      "tQ",
      ...[op.int(offset), list(shape), list(strides)],
      "\x89",
      op.named("collections", "OrderedDict"),
      ")RtR",
    );
  },
  dict: (...entries: readonly (readonly [Uint8Array, Uint8Array])[]): Uint8Array => bytes("}(", ...entries.flat(), "u"),
  list: (...items: readonly Uint8Array[]): Uint8Array => bytes("](", ...items, "e"),
};

/** A pickle of protocol 2. */
export const pickled = (...parts: readonly (string | Uint8Array)[]): Uint8Array => bytes("\x80\x02", ...parts, ".");

/** The archive around a pickle, with storages of float32 by key. */
export const archived = (
  pickle: Uint8Array,
  storages: { readonly [key: string]: readonly number[] } = {},
): Uint8Array =>
  joined(
    zip([
      { name: "archive/data.pkl", content: pickle },
      { name: "archive/version", content: Buffer.from("3\n") },
      ...Object.entries(storages).map(([key, numbers]) => ({
        name: `archive/data/${key}`,
        content: new Uint8Array(Float32Array.from(numbers).buffer),
      })),
    ]),
    "archive",
  );
