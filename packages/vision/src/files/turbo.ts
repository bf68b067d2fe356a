import type { JpegDecoder, JpegPixels } from "./jpeg-decoder.ts";

/** The part of the package that is used: a module of Emscripten's. */
interface Turbo {
  readonly HEAPU8: Uint8Array;
  readonly JPEGDecoder: new () => {
    getEncodedBuffer(length: number): Uint8Array;
    decode(): void;
    getFrameInfo(): { readonly width: number; readonly height: number };
    getDecodedBuffer(): Uint8Array;
    delete(): void;
  };
}
const name = "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs";
/** WebAssembly's memory never shrinks: an instance that took more than this for an image is dropped behind it. */
const mostKept = 2 ** 28;

let make: (() => Promise<Turbo>) | null | undefined; // undefined until it was looked for
let running: Promise<Turbo> | null = null;

/** libjpeg-turbo as WebAssembly where its package is installed; null elsewhere, and in pages, whose bundlers would have to find it. */
export function installedTurbo(): JpegDecoder | null {
  if (make === undefined) make = find();
  return make ? decode : null;
}

function find(): (() => Promise<Turbo>) | null {
  try {
    const load = globalThis.process?.getBuiltinModule?.("node:module").createRequire(import.meta.url);
    return (load?.(name) as () => Promise<Turbo>) ?? null; // CommonJS: a function
  } catch {
    return null;
  }
}

async function decode(bytes: Uint8Array): Promise<JpegPixels> {
  const started = (running ??= (make as () => Promise<Turbo>)()); // found before
  const turbo = await started;
  let whole = false;
  try {
    const decoder = new turbo.JPEGDecoder();
    try {
      decoder.getEncodedBuffer(bytes.length).set(bytes);
      decoder.decode();
      const { width, height } = decoder.getFrameInfo();
      const data = decoder.getDecodedBuffer(); // a copy
      whole = turbo.HEAPU8.byteLength <= mostKept;
      return { width, height, data };
    } finally {
      decoder.delete();
    }
  } catch (error) {
    // C++ throws the address of what it has to say
    throw error instanceof Error ? error : new Error("libjpeg-turbo cannot read it to its end");
  } finally {
    // what was thrown has left its frames on WebAssembly's stack, and the memory that they held: after hundreds nothing works any more
    if (!whole && running === started) running = null;
  }
}
