import { FormatError } from "@flambeau/tensor/functional";

/** The SHA-256 of `bytes` in lower-case hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  // Web Crypto wants a view of an ArrayBuffer; ours never lie in shared memory
  const digest = await globalThis.crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @throws FormatError when the SHA-256 of `bytes` is not `expected`. */
export async function checkSha256(bytes: Uint8Array, expected: string, file: string): Promise<void> {
  const actual = await sha256(bytes);
  if (actual !== expected) {
    throw new FormatError(
      file,
      0,
      `the content is not the published one: sha256 is ${actual}, expected ${expected}`,
      "the file was changed or damaged: delete it and fetch it again",
    );
  }
}
