import type { Primitive, View } from "@flambeau/tensor/plugin";

/** The names of what runs on the device. */
export type KernelName = Primitive | "linear";

/** A view whose buffer is told by its number. */
export type DistantView = Omit<View, "buffer"> & { readonly buffer: number };
/** A program by the number under which the device knows it. */
export interface DistantProgram {
  readonly program: number;
}

/** What is sent to the device, which does it in the order in which it comes. */
export type Command =
  | { readonly do: "alloc"; readonly buffer: number; readonly byteLength: number }
  | { readonly do: "free"; readonly buffer: number }
  | { readonly do: "write"; readonly buffer: number; readonly bytes: Uint8Array; readonly offset: number }
  | { readonly do: "program"; readonly program: number; readonly text: string }
  | { readonly do: "run"; readonly kernel: KernelName; readonly args: readonly unknown[] }
  | { readonly do: "check"; readonly check: number; readonly index: DistantView; readonly size: number }
  | {
      readonly do: "read";
      readonly request: number;
      readonly buffer: number;
      readonly offset: number;
      readonly byteLength: number;
    }
  | { readonly do: "pace"; readonly request: number }
  | { readonly do: "end" };

/** What the device sends back. */
export type Answer =
  | { readonly request: number; readonly bytes?: Uint8Array }
  /** The bytes depend on a check that failed. */
  | { readonly request: number; readonly failed: number }
  /** What a check found outside; nothing where all is inside. */
  | { readonly check: number; readonly outside?: number }
  /** The device cannot go on. */
  | { readonly lost: string };
