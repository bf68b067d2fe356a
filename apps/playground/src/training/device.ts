import { backendOf, registerBackend, setDefaultDevice, webgpu } from "flambeau";
import type { DeviceName } from "./protocol.ts";

/**
 * Make a device the one that tensors are made on. The WebGPU backend is fetched here and only when it is asked for.
 * @returns one line about the device
 * @throws UnavailableError with the reason when there is no such device.
 */
export async function openDevice(name: DeviceName): Promise<string> {
  if (name === "webgpu") registerBackend(await webgpu());
  setDefaultDevice(name);
  return backendOf(name).info;
}
