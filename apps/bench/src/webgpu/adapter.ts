import { existsSync } from "node:fs";
import { Child } from "../child.ts";
import { commandOn } from "../rivals.ts";

/** Chromium's software rasterizer, where Debian puts it: Dawn asks Vulkan's loader, which has to be told of it. */
const swiftshader = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** An adapter that WebGPU has here, and the environment in which a process finds it. */
export type Adapter = { name: string; env: Record<string, string> };

/** Look for a GPU, then for Chromium's software adapter; a process of its own does the looking. */
export async function findAdapter(): Promise<Adapter | { unavailable: string }> {
  const first = await ask({});
  if ("name" in first || process.env.VK_ICD_FILENAMES || !existsSync(swiftshader)) return first;
  return ask({ VK_ICD_FILENAMES: swiftshader });
}

async function ask(env: Adapter["env"]): Promise<Adapter | { unavailable: string }> {
  const child = new Child(commandOn("adapter", env));
  try {
    const hello = await child.hello();
    return "ready" in hello ? { name: hello.ready.version, env } : hello;
  } finally {
    await child.close();
  }
}
