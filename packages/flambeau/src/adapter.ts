import type { AdapterOptions, WebGpuBackend, WebGpuOptions } from "@flambeau/backend-webgpu";

const load = () => import("@flambeau/backend-webgpu");

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
