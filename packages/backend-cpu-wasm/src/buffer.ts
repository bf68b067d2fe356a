import type { View } from "@flambeau/tensor/plugin";

/** A block of the engine's memory. */
export interface CpuBuffer {
  address: number;
  byteLength: number;
}

/** Address of a view's first element. */
export function addressOf(view: View, bytes: number): number {
  // core hands back the buffers that this backend made
  return (view.buffer as CpuBuffer).address + view.offset * bytes;
}
