// For tests: the backend on the emulated driver, which runs the kernels' own sources on the host (native/emulation).
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { CudaBackend } from "./backend.ts";
import { type CudaOptions, type Inner, openCuda } from "./cuda.ts";

const built = (name: string): string => fileURLToPath(new URL(`../build/${name}`, import.meta.url));
export const emulatedDriver = built("libcuda-emulated.so");
/** The same with kernels that are watched for races, slower: a kernel that has one fails as by an illegal address. */
export const racesDriver = built("libcuda-emulated-races.so");

/** An NVRTC for it, which compiles for the host. */
export const emulatedNvrtc = built("libnvrtc-emulated.so");
/** A cuBLASLt for it. */
export const emulatedCublas = built("libcublasLt-emulated.so");

/** Why there is no emulated device here, or null. */
export const emulationMissing = (): string | null =>
  existsSync(emulatedDriver) && existsSync(built("control.node"))
    ? null
    : "the emulated CUDA driver is not built: it needs g++ (Debian: apt-get install g++), then npm run setup";

/** The backend on the emulated card, under the names of real ones. It uses no library that it is not given. */
export const cudaEmulated = async (options: CudaOptions = {}, inner: Inner = {}): Promise<CudaBackend> =>
  openCuda({ driver: emulatedDriver, nvrtc: false, cublas: false, cache: false, ...options }, inner);

interface Control {
  get(library: string, name: string): number;
  set(library: string, name: string, value: number): void;
}
let control: Control | undefined;
const controls = (): Control => (control ??= createRequire(import.meta.url)(built("control.node")) as Control); // control.cc

/** What an emulated driver counts: calls, those of one function ("cuLaunchKernel") and of one kernel ("cuLaunchKernel map"), what is alive ("allocations", "bytes", "pinned"...). */
const countsOf = (driver: string) => ({
  get: (name: string): number => controls().get(driver, name),
  set: (name: string, value: number): void => controls().set(driver, name, value),
});
export const emulation = countsOf(emulatedDriver);
export const racesEmulation = countsOf(racesDriver);
export const nvrtcEmulation = countsOf(emulatedNvrtc);
export const cublasEmulation = countsOf(emulatedCublas);
