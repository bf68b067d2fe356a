import { registerBackend, webgpu } from "flambeau";

/** What the program computes on: WebGPU, or the CPU where there is none, which is said with the reason. */
export async function chooseDevice(): Promise<string> {
  const reason = await webgpu.unavailableReason();
  if (reason === null) return registerBackend(await webgpu()).name;
  console.warn(`Computing on the CPU: ${reason}`);
  return "cpu";
}
