import { gunzip } from "./gzip.ts";

/** The bytes of a gzip file that a module holds as base64. */
export const unpackBase64 = (base64: string, file: string, maxBytes: number): Promise<Uint8Array> =>
  gunzip(
    Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)),
    { file, maxBytes },
  );
