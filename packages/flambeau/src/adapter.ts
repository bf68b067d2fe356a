// Backends that are loaded when they are first asked for.
import type { CudaBackend, CudaOptions, DriverOptions } from "@flambeau/backend-cuda-native";
import type { AdapterOptions, WebGpuBackend, WebGpuOptions } from "@flambeau/backend-webgpu";

const load = () => import("@flambeau/backend-webgpu");
const loadCuda = () => import("@flambeau/backend-cuda-native");

/**
 * The WebGPU backend, loaded when it is first asked for: `registerBackend(await webgpu())`. `webgpu.isAvailable()` tells beforehand
 * whether there is an adapter, `webgpu.unavailableReason()` why not.
 *
 * @throws UnavailableError when there is no WebGPU or no adapter; the message says why and what to do.
 * @example
 * import { registerBackend, tensor, webgpu } from "flambeau";
 * if (await webgpu.isAvailable()) {
 *   const gpu = registerBackend(await webgpu());
 *   const x = tensor([1, 2, 3], { device: "webgpu" });
 *   console.log(await x.mul(2).data()); // Float32Array [2, 4, 6]
 *   await gpu.dispose();
 * }
 */
export const webgpu: {
  (options?: WebGpuOptions): Promise<WebGpuBackend>;
  isAvailable(options?: AdapterOptions): Promise<boolean>;
  unavailableReason(options?: AdapterOptions): Promise<string | null>;
} = /* @__PURE__ */ Object.assign(async (options?: WebGpuOptions) => (await load()).webgpu(options), {
  isAvailable: async (options?: AdapterOptions) => (await load()).webgpu.isAvailable(options),
  unavailableReason: async (options?: AdapterOptions) => (await load()).webgpu.unavailableReason(options),
});

/**
 * The backend of NVIDIA cards, in Node on Linux, loaded when it is first asked for: `registerBackend(await cudaNative())`.
 * `cudaNative.isAvailable()` tells beforehand whether there is a card, `cudaNative.unavailableReason()` why not. A page never loads it.
 *
 * @throws UnavailableError when there is no driver, no such card, or one that is too old, and in pages; the message says why.
 * @example
 * import { cudaNative, registerBackend, tensor } from "flambeau";
 * if (await cudaNative.isAvailable()) {
 *   registerBackend(await cudaNative());
 *   const x = tensor([1, 2, 3], { device: "cuda" });
 *   console.log(x.mul(2).tolist()); // [2, 4, 6]
 * } else console.log(await cudaNative.unavailableReason());
 */
export const cudaNative: {
  (options?: CudaOptions): Promise<CudaBackend>;
  isAvailable(options?: DriverOptions): Promise<boolean>;
  unavailableReason(options?: DriverOptions): Promise<string | null>;
} = /* @__PURE__ */ Object.assign(async (options?: CudaOptions) => (await loadCuda()).cudaNative(options), {
  isAvailable: async (options?: DriverOptions) => (await loadCuda()).cudaNative.isAvailable(options),
  unavailableReason: async (options?: DriverOptions) => (await loadCuda()).cudaNative.unavailableReason(options),
});
