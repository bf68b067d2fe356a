// GGUF files, right ones and others, part by part.

export interface GgufParts {
  readonly version?: number;
  readonly tensorCount?: bigint;
  readonly valueCount?: bigint;
  /** Instead of the length of the first key. */
  readonly keyLength?: bigint;
  /** Instead of the length of lists. */
  readonly listLength?: bigint;
  /** Key, number of the type, and value; lists are of text. */
  readonly values?: readonly (readonly [
    key: string,
    type: number,
    value: number | bigint | string | readonly string[],
  ])[];
  readonly tensors?: readonly GgufPart[];
  readonly alignment?: number;
  /** Bytes more (or less) at the end. */
  readonly tail?: number;
  readonly bigEndian?: boolean;
}
export interface GgufPart {
  readonly name: string;
  readonly type: number;
  /** Rows first. */
  readonly shape: readonly number[];
  /** Instead of the place that it has. */
  readonly offset?: bigint;
  /** Bytes that it takes; default: those of its type. */
  readonly bytes?: number;
}

const sizes: { readonly [type: number]: readonly [elements: number, bytes: number] } = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  8: [32, 34],
  12: [256, 144],
  14: [256, 210],
  16: [256, 66],
  24: [1, 1],
  30: [1, 2],
};
const widths = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];

export function ggufFile(parts: GgufParts): Uint8Array {
  const { values = [], tensors = [], alignment = 32, tail = 0, bigEndian = false } = parts;
  const out: number[] = [];
  const encoder = new TextEncoder();
  const put = (value: bigint, bytes: number) => {
    const each = Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
    for (const byte of bigEndian ? each.reverse() : each) out.push(byte);
  };
  const text = (value: string, length?: bigint) => {
    const bytes = encoder.encode(value);
    put(length ?? BigInt(bytes.length), 8);
    for (const byte of bytes) out.push(byte);
  };
  out.push(0x47, 0x47, 0x55, 0x46);
  put(BigInt(parts.version ?? 3), 4);
  put(parts.tensorCount ?? BigInt(tensors.length), 8);
  put(parts.valueCount ?? BigInt(values.length), 8);
  for (const [i, [key, type, value]] of values.entries()) {
    text(key, i === 0 ? parts.keyLength : undefined);
    put(BigInt(type), 4);
    if (typeof value === "string") text(value);
    else if (typeof value === "object") {
      put(8n, 4);
      put(parts.listLength ?? BigInt(value.length), 8);
      for (const each of value) text(each);
    } else put(BigInt(value), widths[type] ?? 4);
  }
  let offset = 0n;
  for (const { name, type, shape, bytes, ...rest } of tensors) {
    text(name);
    put(BigInt(shape.length), 4);
    for (const size of shape.toReversed()) put(BigInt(size), 8);
    put(BigInt(type), 4);
    put(rest.offset ?? offset, 8);
    const [elements, size] = sizes[type] ?? [1, 1];
    const needed = bytes ?? (shape.reduce((a, b) => a * b, 1) / elements) * size;
    // what no file has is claimed, and not there
    offset += BigInt(Math.ceil((needed < 1e6 ? needed : 0) / alignment) * alignment);
  }
  const start = Math.ceil(out.length / alignment) * alignment;
  const whole = new Uint8Array(Math.max(out.length, start + Number(offset) + tail));
  whole.set(out);
  return whole;
}
