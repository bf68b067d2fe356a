import { MemoryError } from "@flambeau/tensor/functional";

/** Bytes that can be had piece by piece, so that a header is checked before what it promises is read. */
export interface Source {
  /** For messages. */
  readonly file: string;
  readonly size: number;
  /** The bytes [from, to), which must lie within the size. */
  read(from: number, to: number): Promise<Uint8Array>;
}

/** A source that something is held for, until it is closed. */
export interface OpenSource extends Source {
  close(): Promise<void>;
}

export const bytesSource = (bytes: Uint8Array, file: string): OpenSource => ({
  file,
  size: bytes.length,
  read: async (from, to) => bytes.subarray(from, to),
  close: async () => {},
});

/** @throws MemoryError where the platform throws a RangeError. */
export function allocate(bytes: number, file: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes);
  } catch (error) {
    const refused = new MemoryError(
      `${file}: no memory for ${bytes} bytes of it`,
      "read fewer arrays: { only: [...] }",
    );
    refused.cause = error;
    throw refused;
  }
}

/** Parts of a file, one behind the other. */
export function joined(parts: readonly Uint8Array[], file: string): Uint8Array<ArrayBuffer> {
  const whole = allocate(
    parts.reduce((sum, { length }) => sum + length, 0),
    file,
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
