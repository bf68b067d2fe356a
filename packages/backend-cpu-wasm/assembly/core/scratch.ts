// Each thread has its own instance of this module, so a global is thread-local: the thread's private work area.
let base: usize = 0;

/** Bytes of private work area that every thread is given. */
export const SCRATCH_BYTES: i32 = 4 << 20;

/** Called once by each thread before its first kernel. */
export function setScratch(address: usize): void {
  base = address;
}

// @ts-ignore: decorator
@inline export function scratch(): usize {
  return base;
}

/** First byte that the engine's allocator may use: static tables lie below. */
export function heapBase(): usize {
  return __heap_base;
}

export function scratchBytes(): i32 {
  return SCRATCH_BYTES;
}

/** Where this thread's work area lies (the argument is not used: the signature is that of the math functions). */
export function scratchAddress(x: f64): f64 {
  return <f64>base;
}
