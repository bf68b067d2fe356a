import { existsSync } from "node:fs";
import { type WebGpuBackend, type WebGpuOptions, webgpu } from "../../src/index.ts";

// Vulkan's loader reads this when the first adapter is asked for: Chromium's software driver, where Debian's package put it
const softwareDriver = "/usr/lib/chromium/vk_swiftshader_icd.json";
if (existsSync(softwareDriver)) process.env.VK_ICD_FILENAMES ??= softwareDriver;

let missing: Promise<boolean> | null = null;

/** Whether there is no adapter to test on; one line on the console then says what to install. */
export function adapterMissing(): Promise<boolean> {
  missing ??= webgpu.unavailableReason().then((reason) => {
    if (reason !== null)
      console.warn(
        `SKIPPED: backend-webgpu is not tested, there is no WebGPU adapter (${reason.split("\n")[0]}). On Debian: apt-get install chromium libvulkan1`,
      );
    return reason !== null;
  });
  return missing;
}

/** A backend for a test, with synchronous reads. Dispose it: its device keeps the process alive. */
export const openBackend = (options: WebGpuOptions = {}): Promise<WebGpuBackend> =>
  webgpu({ syncReads: true, ...options });

/** WebGPU's entry point, for tests that make a device of their own. */
export async function gpu(): Promise<GPU> {
  const { create } = (await import("webgpu")) as { create(options: string[]): GPU };
  return create([]);
}
