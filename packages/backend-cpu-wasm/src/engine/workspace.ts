import type { Engine } from "./engine.ts";

/** Thrown when a kernel's temporary memory cannot be had. Nothing was written then. */
export class WorkspaceError extends Error {
  override readonly name = "WorkspaceError";
  readonly byteLength: number;
  constructor(what: string, byteLength: number) {
    super(`${what}: no memory left for ${byteLength} bytes of work space`);
    this.byteLength = byteLength;
  }
}

/** Runs `use` with the address of temporary memory that is given back afterwards. */
export function withWorkspace(engine: Engine, what: string, byteLength: number, use: (address: number) => void): void {
  const address = engine.alloc(byteLength);
  if (address === 0) throw new WorkspaceError(what, byteLength);
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

/** The private memory of each thread, in bytes, less a reserve for small areas. */
export const scratchLimit = (4 << 20) - 16384;
