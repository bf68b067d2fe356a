import { MemoryError } from "@flambeau/tensor/functional";

/** What 32-bit addresses reach. */
export const addressable = 65536 * 65536;

/** An allocation failed, and nothing has changed. `purpose` says what for, where that is not a tensor. */
export function noRoom(byteLength: number, inUse: number, limit: number, purpose = ""): MemoryError {
  // less than the limit is in use, but no free stretch of memory is long enough
  const piece = inUse + byteLength <= Math.min(limit, addressable) ? " in one piece" : "";
  const most =
    limit < addressable ? `${limit} at most (memoryLimit)` : `${addressable} at most that WebAssembly can address`;
  return new MemoryError(
    `cpu: no room for ${byteLength} bytes${purpose}${piece}: ${inUse} bytes are in use, of ${most}`,
    "free tensors (tidy, memoryScope, dispose) or use smaller batches; leakReport() names what is alive",
  );
}
