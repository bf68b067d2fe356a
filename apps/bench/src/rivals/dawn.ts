// What a page finds in `navigator` and on `globalThis`, put there from the npm package `webgpu` (Dawn), for tfjs, jax-js and
// Flambeau alike. Nothing else of a browser is lent to them.
import { create, globals } from "webgpu";
import type { Classes } from "../webgpu/counters.ts";

/** The classes whose calls are counted; their package types the record of them as a bare Object. */
export const classes = globals as Classes;

/** Put WebGPU in place. @returns what the adapter calls itself. @throws Error when there is no adapter. */
export async function installWebGPU(): Promise<string> {
  const gpu = create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("Dawn finds no WebGPU adapter");
  Object.assign(globalThis, globals);
  Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  const name = description || [vendor, architecture].filter(Boolean).join(" ") || "an adapter without a name";
  return isFallbackAdapter ? `${name}, a software adapter` : name;
}
