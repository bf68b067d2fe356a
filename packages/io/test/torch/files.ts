import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";

/** A file, and what PyTorch 2.13 or the official safetensors library makes of it. */
export interface Recorded {
  readonly file: string;
  readonly kind: string;
  /** "either": both are right, as long as nothing else happens. */
  readonly expect: "load" | "refuse" | "either";
  readonly why: string;
  readonly content?: Content;
  readonly metadata?: { readonly [key: string]: string } | null;
  readonly bytes: Uint8Array;
}

/** What a file holds: JSON, with objects of one `$` for what JSON does not have. */
export type Content = null | boolean | number | string | readonly Content[] | { readonly [key: string]: Content };

/** The recorded tensor: `data` is in C order whatever the strides. */
export interface RecordedTensor {
  readonly $t: string;
  readonly shape: readonly number[];
  readonly data: string;
  readonly stride?: readonly number[];
  readonly offset?: number;
  /** Equal numbers: one storage. */
  readonly storage?: number;
  readonly rg?: true;
}

/** The length of a header, the header in JSON, then the files one after another. */
export function recordedFiles(): Recorded[] {
  const all = brotliDecompressSync(readFileSync(new URL("files.br", import.meta.url)));
  const start = 4 + all.readUInt32LE(0);
  const header = JSON.parse(all.subarray(4, start).toString()) as {
    files: (Omit<Recorded, "bytes"> & { size: number })[];
  };
  let at = start;
  return header.files.map(({ size, ...file }) => {
    at += size;
    return { ...file, bytes: new Uint8Array(all.subarray(at - size, at)) };
  });
}
