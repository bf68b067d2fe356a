import type { Engine } from "./engine.ts";
import { noRoom } from "./errors.ts";

/**
 * Runs `use` with the address of temporary memory that is given back afterwards.
 *
 * @throws MemoryError when there is none. Kernels ask before they write anything that a second try would not write again.
 */
export function withWorkspace(engine: Engine, what: string, byteLength: number, use: (address: number) => void): void {
  const address = engine.alloc(byteLength);
  if (address === 0) throw noRoom(byteLength, engine.usedBytes(), engine.memoryLimit, ` of work space (${what})`);
  try {
    use(address);
  } finally {
    engine.free(address, byteLength);
  }
}

/** Writes consecutive i32 arguments; addresses above 2 GiB wrap, as the kernels read them unsigned. */
export function setArguments(engine: Engine, from: number, values: readonly number[]): void {
  const slots = engine.i32;
  const at = (engine.desc >>> 2) + from;
  for (let i = 0; i < values.length; i++) slots[at + i] = values[i];
}

/** Writes consecutive f32 arguments. */
export function setFloats(engine: Engine, from: number, values: readonly number[]): void {
  const slots = engine.f32;
  const at = (engine.desc >>> 2) + from;
  for (let i = 0; i < values.length; i++) slots[at + i] = values[i];
}

/** Makes `count` floats 0. */
export function zero(engine: Engine, address: number, count: number): void {
  engine.f32.fill(0, address / 4, address / 4 + count);
}

/** The private memory of each thread, in bytes, less a reserve for small areas. */
export const scratchLimit = (4 << 20) - 16384;
