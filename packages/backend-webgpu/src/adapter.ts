import { UnavailableError } from "@flambeau/tensor/functional";
import { endAtExit, type Pump, pumpOf } from "./dawn.ts";
import type { PlatformDevice, PlatformGpu } from "./platform.ts";

/** Where WebGPU comes from. */
export interface AdapterOptions {
  /** The entry point, where it is not `navigator.gpu`: in Node, what `create([])` of the npm package `webgpu` gives. */
  readonly gpu?: PlatformGpu | undefined;
  readonly powerPreference?: "low-power" | "high-performance" | undefined;
  /**
   * A device of the program's own, which then shares it with its rendering, say; `dispose` leaves it alone. Kernels take what its limits
   * allow. In Node pass `gpu` beside it for `syncReads`.
   */
  readonly device?: PlatformDevice | undefined;
}

export const inNode = (): boolean => typeof process !== "undefined" && typeof process.versions?.node === "string";

/** The platform's WebGPU: the one passed in, the browser's, or in Node that of the npm package `webgpu`. */
async function entryPoint({ gpu }: AdapterOptions): Promise<GPU> {
  if (gpu) return gpu;
  const own = globalThis.navigator?.gpu as GPU | undefined; // the types promise it, old browsers do not have it
  if (own) return own;
  if (inNode()) return nodeGpu();
  throw new UnavailableError(
    globalThis.isSecureContext === false
      ? "webgpu: this page is not a secure context, where browsers hide WebGPU"
      : "webgpu: this browser has no WebGPU (navigator.gpu is missing)",
    globalThis.isSecureContext === false
      ? "serve it over https, or from localhost"
      : "use a current Chrome, Edge, Safari or Firefox, or the cpu backend",
  );
}

/** Kept: Dawn's instance must outlive its devices, and devices do not hold it. */
let dawn: Promise<GPU> | null = null;

function nodeGpu(): Promise<GPU> {
  // bundlers for browsers leave alone what no constant folding makes a literal
  const name = `web${inNode() ? "gpu" : ""}`;
  dawn ??= import(/* @vite-ignore */ /* webpackIgnore: true */ name).then(
    (module: { create(options: string[]): GPU }) => module.create([]),
    (cause: unknown) => {
      dawn = null;
      throw new UnavailableError(
        `webgpu: Node has no WebGPU of its own, and the npm package "webgpu" cannot be loaded (${cause instanceof Error ? cause.message.split("\n")[0] : String(cause)})`,
        "npm install webgpu, or pass an implementation: webgpu({ gpu })",
      );
    },
  );
  return dawn;
}

/** Throws the reason why there is no adapter. */
export async function findAdapter(options: AdapterOptions): Promise<void> {
  await adapterOf(await entryPoint(options), options);
}

async function adapterOf(gpu: GPU, options: AdapterOptions): Promise<GPUAdapter> {
  const adapter = await gpu.requestAdapter(
    options.powerPreference ? { powerPreference: options.powerPreference } : undefined,
  );
  if (adapter) return adapter;
  throw new UnavailableError(
    "webgpu: there is WebGPU here, but no adapter (no graphics driver that it can use)",
    inNode()
      ? "install a Vulkan driver; or a software one: Debian's chromium and libvulkan1, with VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json"
      : "look at chrome://gpu for the reason, update the graphics driver, or use the cpu backend",
  );
}

/** A device with all that the adapter allows; in Node with the pump of its events. */
export async function openDevice(
  options: AdapterOptions,
): Promise<{ readonly device: GPUDevice; readonly pump: Pump | null; readonly name: string }> {
  if (options.device) {
    const { device, gpu } = options;
    const pump = inNode() && gpu ? pumpOf(gpu) : null;
    await pump?.settle(() => device.queue.onSubmittedWorkDone());
    return { device, pump: pump?.works ? pump : null, name: device.label || "a device of the program's" };
  }
  const gpu = await entryPoint(options);
  const adapter = await adapterOf(gpu, options);
  const { vendor, architecture, description } = adapter.info;
  const name = description || [vendor, architecture].filter(Boolean).join(" ") || "unnamed adapter";
  if (!inNode()) return { device: await request(adapter), pump: null, name };
  const pump = pumpOf(gpu);
  const device = await pump.settle(() => request(adapter));
  endAtExit(device, pump);
  return { device, pump: pump.works ? pump : null, name };
}

function request(adapter: GPUAdapter): Promise<GPUDevice> {
  const { limits } = adapter;
  return adapter.requestDevice({
    label: "flambeau",
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
    },
  });
}
