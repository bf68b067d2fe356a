import { aligned } from "../widen.ts";

/** An array of strings, in C order. */
export interface TextArray {
  readonly dtype: "string";
  readonly shape: readonly number[];
  readonly values: readonly string[];
}

/**
 * NumPy's strings of `length` letters each, filled up with zeros: of 4 bytes (code points) or of 1, taken for Latin-1.
 * Code points that Unicode does not have become U+FFFD.
 */
export function readText(bytes: Uint8Array, shape: readonly number[], letterBytes: number, length: number): TextArray {
  const { buffer, byteOffset } = aligned(bytes, letterBytes);
  const count = shape.reduce((product, size) => product * size, 1);
  const letters =
    letterBytes === 4
      ? new Uint32Array(buffer, byteOffset, bytes.length / 4)
      : new Uint8Array(buffer, byteOffset, bytes.length);
  const values: string[] = [];
  for (let i = 0; i < count; i++) {
    let end = (i + 1) * length;
    while (end > i * length && letters[end - 1] === 0) end--;
    let value = "";
    for (let k = i * length; k < end; k++) value += String.fromCodePoint(letters[k] > 0x10ffff ? 0xfffd : letters[k]);
    values.push(value);
  }
  return { dtype: "string", shape, values };
}

/** The array's letters as NumPy's `<U`: 4 bytes each, as many as the longest text has. */
export function writeText({ values }: TextArray): { length: number; bytes: Uint8Array } {
  const texts = values.map((value) => Array.from(value, (letter) => letter.codePointAt(0) as number)); // of a letter
  const length = texts.reduce((most, text) => Math.max(most, text.length), 1);
  const letters = new Uint32Array(values.length * length);
  for (const [i, text] of texts.entries()) letters.set(text, i * length);
  return { length, bytes: new Uint8Array(letters.buffer) };
}
