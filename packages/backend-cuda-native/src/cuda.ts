import { ArgumentError } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { addon, type Card, type NativeDevice } from "./addon.ts";
import { CudaBackend } from "./backend.ts";
import { type Blas, openBlas } from "./blas.ts";
import type { EngineOptions } from "./engine/engine.ts";
import * as errors from "./errors.ts";
import { Generator } from "./generated/generator.ts";
import { openCompiler } from "./generated/nvrtc.ts";
import { loadKernels } from "./ptx.ts";

/** Where the cards are. */
export interface DriverOptions {
  /** Which of the cards, counted from 0. Default 0. */
  readonly device?: number | undefined;
  /** The driver's library, where the system's loader does not find it by its name. Default "libcuda.so.1". */
  readonly driver?: string | undefined;
}
export interface CudaOptions extends DriverOptions {
  /** Bytes that the backend may hold; a request beyond gives a MemoryError at once. Default: as much as the card gives. */
  readonly memoryLimit?: number | undefined;
  /**
   * NVRTC's library, which compiles programs that come often; `false` leaves them to the interpreter. Default: where the system's loader or the toolkit
   * has it, else none.
   */
  readonly nvrtc?: string | false | undefined;
  /** cuBLASLt's library, which makes products; `false` leaves them to own kernels. Default: as for `nvrtc`. */
  readonly cublas?: string | false | undefined;
  /**
   * Whether cuBLASLt may round the factors of float32 products to TF32 (10 bits in place of 23), where the card has it: faster, and off as in PyTorch.
   * Default false.
   */
  readonly allowTf32?: boolean | undefined;
  /** The folder in which compiled programs are kept; `false` keeps none. Default: "flambeau/cuda" in the user's folder of caches. */
  readonly cache?: string | false | undefined;
}
const pathOrFalse = option.either(option.string, option.off);
const driverKinds: Kinds<DriverOptions> = { device: option.number, driver: option.string };
const cudaKinds: Kinds<CudaOptions> = {
  ...driverKinds,
  memoryLimit: option.number,
  nvrtc: pathOrFalse,
  cublas: pathOrFalse,
  allowTf32: option.boolean,
  cache: pathOrFalse,
};

/** The first driver that reads the kernels' PTX (version 7.7), and the first architecture that they are compiled for. */
const oldestDriver = 11070;
const oldestCapability = 75;
const version = (number: number): string => `${Math.floor(number / 1000)}.${Math.floor((number % 1000) / 10)}`;

/** The card that the options name. @throws UnavailableError that says why there is none. */
function findCard({ device = 0, driver = "libcuda.so.1" }: DriverOptions): { card: Card; cuda: number } {
  if (!Number.isInteger(device) || device < 0)
    throw new ArgumentError("cudaNative", `device must be the number of a card, from 0 on, got ${device}`);
  const found = opened(driver);
  if (found.version < oldestDriver)
    throw errors.unavailable(
      `the driver is for CUDA ${version(found.version)}, and the kernels need one for CUDA ${version(oldestDriver)} or later`,
      "update NVIDIA's driver",
    );
  const card = found.devices.at(device);
  if (!card)
    throw errors.unavailable(
      `there is no card ${device}: the driver knows ${found.devices.length}`,
      found.devices.length > 0 ? "cards are counted from 0" : undefined,
    );
  if (card.capability < oldestCapability)
    throw errors.unavailable(
      `${card.name} has compute capability ${(card.capability / 10).toFixed(1)}, and the kernels need 7.5 or later`,
    );
  return { card, cuda: found.version };
}
function opened(driver: string): ReturnType<ReturnType<typeof addon>["open"]> {
  try {
    return addon().open(driver);
  } catch (error) {
    if (errors.isDriverFailure(error)) throw errors.unavailable(`the driver cannot be used: ${error.message}`);
    if (error instanceof Error && error.name === "Error")
      throw errors.unavailable(error.message, "install NVIDIA's driver, or compute on the cpu");
    throw error;
  }
}

/** What tests of the backend itself change. */
export interface Inner extends Partial<Pick<EngineOptions, "blockSize" | "round">> {
  /** From which call on a program is compiled. */
  readonly uses?: number | undefined;
}

/** The backend that `cudaNative` makes. */
export function openCuda(options: CudaOptions, { uses, ...inner }: Inner = {}): CudaBackend {
  const { device = 0, driver = "libcuda.so.1", memoryLimit = Number.POSITIVE_INFINITY, nvrtc, cache } = options;
  if (!(memoryLimit > 0))
    throw new ArgumentError("cudaNative", `memoryLimit must be a positive number of bytes, got ${memoryLimit}`);
  const { card, cuda } = findCard(options);
  const compiler = openCompiler(nvrtc, cache, card.capability, cuda);
  const { native, modules } = started(driver, device, card.capability);
  const generator = typeof compiler === "string" ? null : new Generator(native, compiler, uses);
  const blas = withBlas(options, native, card.capability);
  const name = device === 0 ? "cuda" : `cuda:${device}`;
  const about = `${card.name}, compute capability ${(card.capability / 10).toFixed(1)}, ${Math.round(card.memory / 2 ** 20)} MiB, driver for CUDA ${version(cuda)}`;
  const products = typeof blas === "string" ? `products by own kernels (${blas})` : `products by ${blas.name}`;
  const info = () => `${about}; ${generator?.about ?? `programs interpreted (${compiler})`}; ${products}`;
  const { processors } = card;
  return new CudaBackend(
    {
      device: name,
      native,
      modules,
      memoryLimit,
      processors,
      blockSize: 256,
      generator,
      blas: typeof blas === "string" ? null : blas,
      ...inner,
    },
    info,
  );
}
function withBlas({ cublas, allowTf32 = false }: CudaOptions, native: NativeDevice, capability: number): Blas | string {
  try {
    return openBlas(cublas, allowTf32, native, capability);
  } catch (error) {
    native.close();
    throw error;
  }
}
/** The card's context with the kernels in it. */
function started(driver: string, device: number, capability: number) {
  let native: NativeDevice | undefined;
  try {
    native = new (addon().Device)(driver, device);
    return { native, modules: loadKernels(native, capability) };
  } catch (error) {
    native?.close();
    throw errors.isDriverFailure(error) ? errors.unavailable(`card ${device} cannot be used: ${error.message}`) : error;
  }
}

async function make(options: CudaOptions = {}): Promise<CudaBackend> {
  checkOptions("cudaNative", cudaKinds, options);
  return openCuda(options);
}

/** Why CUDA cannot be used here, or null when it can. */
async function unavailableReason(options: DriverOptions = {}): Promise<string | null> {
  checkOptions("cudaNative", driverKinds, options);
  try {
    findCard(options);
    return null;
  } catch (error) {
    if (error instanceof ArgumentError) throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Makes the backend of an NVIDIA card. The driver's library is opened when this is called; nothing is linked, and importing never
 * throws. `cudaNative.isAvailable()` tells beforehand whether there is a card, `cudaNative.unavailableReason()` why not.
 *
 * @throws UnavailableError when there is no driver, no such card, or one that is too old; the message says which.
 * @example
 * // doctest: skip, it needs a GPU
 * import { registerBackend, tensor } from "flambeau";
 * import { cudaNative } from "@flambeau/backend-cuda-native";
 * registerBackend(await cudaNative());
 * const x = tensor([1, 2, 3], { device: "cuda" });
 * console.log(x.mul(2).tolist()); // [2, 4, 6]
 */
export const cudaNative: {
  (options?: CudaOptions): Promise<CudaBackend>;
  isAvailable(options?: DriverOptions): Promise<boolean>;
  unavailableReason(options?: DriverOptions): Promise<string | null>;
} = Object.assign(make, {
  isAvailable: async (options?: DriverOptions) => (await unavailableReason(options)) === null,
  unavailableReason,
});
