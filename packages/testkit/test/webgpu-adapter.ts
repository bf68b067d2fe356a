import { existsSync } from "node:fs";
import { webgpu } from "@flambeau/backend-webgpu";

// Vulkan's loader reads this when the first adapter is asked for: Chromium's software driver, where Debian's package put it
const softwareDriver = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** Why nothing can run on WebGPU here, or null. Says that `what` is skipped. */
export async function adapterMissing(what: string): Promise<string | null> {
  if (existsSync(softwareDriver)) process.env.VK_ICD_FILENAMES ??= softwareDriver;
  const missing = await webgpu.unavailableReason();
  if (missing !== null)
    console.warn(`SKIPPED: ${what}, there is no adapter (${missing}). On Debian: apt-get install chromium libvulkan1`);
  return missing;
}
