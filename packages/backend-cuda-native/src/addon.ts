import { loadAddon } from "../../../scripts/native/load.ts";

/** A card as the driver tells of it. */
export interface Card {
  readonly name: string;
  readonly memory: number;
  /** The compute capability: 80 for 8.0. */
  readonly capability: number;
  readonly processors: number;
}

/** A device's primary context with a stream of its own (native/addon/addon.cc). Addresses are numbers: they have fewer than 53 bits. */
export interface NativeDevice {
  /** Loads a module, and gives its number. */
  load(ptx: string): number;
  /** The number of a kernel of a module. */
  kernel(name: string, module: number): number;
  alloc(bytes: number): number;
  free(pointer: number): void;
  write(pointer: number, bytes: Uint8Array): void;
  readSync(pointer: number, bytes: number): Uint8Array;
  read(pointer: number, bytes: number, done: (error: DriverFailure | null, bytes?: Uint8Array) => void): void;
  /** Starts a kernel with the first `length` bytes of `args` as its parameter. */
  launch(kernel: number, gridX: number, gridY: number, blockX: number, args: Uint8Array, length: number): void;
  /** Has products made by cuBLASLt, whose version it gives. */
  useCublas(library: string): number;
  /** A product by it, as native/addon/addon.cc says; false where it has none for this form, or no room. @throws Error with `cublas`, the code */
  product(numbers: Float64Array): boolean;
  synchronize(): void;
  close(): void;
}

/** What the driver refuses: an Error with these beside its message. */
export interface DriverFailure extends Error {
  readonly call: string;
  readonly code: number;
  /** The code's name, as CUDA_ERROR_OUT_OF_MEMORY. */
  readonly error: string;
  readonly meaning: string;
}

export interface Addon {
  /** The driver's version (13000 for CUDA 13.0), and its cards. */
  open(library: string): { readonly version: number; readonly devices: readonly Card[] };
  /** The version of an NVRTC (13000 for 13.0), and the architectures that it compiles for. */
  nvrtc(library: string): { readonly version: number; readonly architectures: readonly number[] };
  /** Has a text compiled to PTX. @throws Error with `nvrtc`, the code, and `log` */
  compile(library: string, text: string, options: readonly string[]): string;
  readonly Device: new (library: string, ordinal: number) => NativeDevice;
}

let loaded: Addon | undefined;

/** The addon of this platform. Nothing is loaded before the first call. @throws UnavailableError that says why there is none */
export function addon(): Addon {
  loaded ??= loadAddon({
    name: "@flambeau/backend-cuda-native",
    as: "cuda",
    file: "flambeau-cuda",
    platforms: ["linux-x64", "linux-arm64"],
    from: import.meta.url,
  }) as Addon; // addon.cc exports that
  return loaded;
}
