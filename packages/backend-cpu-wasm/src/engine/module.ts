import { UnavailableError } from "@flambeau/tensor/functional";
import { plainChanges, relaxedKernels } from "../generated/kernels.ts";

// (module (func (param v128) (result v128) local.get 0 local.get 0 local.get 0 f32x4.relaxed_madd))
const relaxedProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32, 0, 32, 0, 253, 133,
  2, 11,
]);

/** The most pages that the static module lets its memory have: all that 32-bit addresses reach. */
export const maximumPages = 65536;

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Reads an unsigned LEB128 number at `at`; gives the value and the position behind it. */
function readUnsigned(bytes: Uint8Array, at: number): [number, number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 127) << shift;
    if (byte < 128) return [value, at];
  }
}

/** `bytes` with changes made to them: over and over bytes to keep, to leave out and to put in (scripts/build-kernels.mjs). */
function changed(bytes: Uint8Array, changes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out: number[] = [];
  let from = 0;
  for (let at = 0; at < changes.length; ) {
    const [keep, a] = readUnsigned(changes, at);
    const [skip, b] = readUnsigned(changes, a);
    const [put, c] = readUnsigned(changes, b);
    for (let i = 0; i < keep; i++) out.push(bytes[from + i]);
    for (let i = 0; i < put; i++) out.push(changes[c + i]);
    from += keep + skip;
    at = c + put;
  }
  return Uint8Array.from(out);
}

/** Makes the module's imported memory (its only import) unshared in place: clears the "shared" bit of the limits. */
export function unshareMemory(bytes: Uint8Array): void {
  const imports = 2;
  for (let at = 8; at < bytes.length; ) {
    const [size, body] = readUnsigned(bytes, at + 1);
    if (bytes[at] !== imports) {
      at = body + size;
      continue;
    }
    // behind the count of imports and the two names
    let entry = readUnsigned(bytes, body)[1];
    for (let name = 0; name < 2; name++) {
      const [length, text] = readUnsigned(bytes, entry);
      entry = text + length;
    }
    if (bytes[entry] !== 2) throw new Error("the kernel module may import its memory only");
    bytes[entry + 1] &= ~2;
    return;
  }
}

/**
 * The static kernel module: with fused multiply-add where the platform has it, unless not `wanted`; for an
 * unshared memory unless `shared`.
 */
export function compileKernels(shared: boolean, wanted = true): { module: WebAssembly.Module; relaxed: boolean } {
  const relaxed = wanted && WebAssembly.validate(relaxedProbe);
  const given = decodeBase64(relaxedKernels);
  const bytes = relaxed ? given : changed(given, decodeBase64(plainChanges));
  if (!shared) unshareMemory(bytes);
  return { module: compiled(bytes), relaxed };
}

/** @throws UnavailableError where the page or the platform compiles no WebAssembly. */
function compiled(bytes: BufferSource): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    throw new UnavailableError(
      `cpu: WebAssembly is not compiled here: ${error instanceof Error ? error.message : String(error)}`,
      "where a Content-Security-Policy forbids it, allow 'wasm-unsafe-eval' in its script-src; or compute on another device",
    );
  }
}
