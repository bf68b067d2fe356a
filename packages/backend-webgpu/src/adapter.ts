import { UnavailableError } from "@flambeau/tensor/functional";

/** Where WebGPU comes from. */
export interface AdapterOptions {
  /** The entry point, where it is not `navigator.gpu`: in Node, what `create([])` of the npm package `webgpu` gives. */
  readonly gpu?: GPU;
  readonly powerPreference?: "low-power" | "high-performance";
}

const inNode = (): boolean => typeof process !== "undefined" && typeof process.versions?.node === "string";

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
  // the name is not a literal, so that bundlers for browsers leave it alone
  const name = "webgpu";
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

/** An adapter, or the reason why there is none. */
export async function findAdapter(options: AdapterOptions): Promise<GPUAdapter> {
  const gpu = await entryPoint(options);
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

/** The features that kernels use where an adapter has them. */
const features: readonly GPUFeatureName[] = ["subgroups"];

/** A device with all that the adapter allows. */
export async function openDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const { limits } = adapter;
  return adapter.requestDevice({
    label: "flambeau",
    requiredFeatures: features.filter((f) => adapter.features.has(f)),
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

/** What runs the pending events of an implementation of WebGPU: one for all of its devices. */
const ticks = new WeakMap<object, () => void>();
/** The key of the npm package's own implementation. */
const ownGpu = {};

/** A device, and what runs Node's pending WebGPU events at once: its way to wait for the device without giving up the thread. */
export async function openDeviceWithTick(
  adapter: GPUAdapter,
  { gpu = ownGpu as GPU }: AdapterOptions, // only compared
): Promise<{ device: GPUDevice; tick: () => void }> {
  if (!inNode())
    throw new UnavailableError(
      "webgpu: this platform cannot wait for the device, so there are no synchronous reads",
      "leave syncReads out, and write: await x.data(), await x.itemAsync()",
    );
  const known = ticks.get(gpu);
  if (known) return { device: await openDevice(adapter), tick: known };
  // Dawn for Node asks for its event loop through setImmediate; the function that it passes processes what is pending.
  // Others may call setImmediate meanwhile: theirs are not native.
  const real = globalThis.setImmediate;
  let tick: (() => void) | null = null;
  const watching = (fn: () => void, ...rest: []) => {
    if (Function.prototype.toString.call(fn).includes("[native code]")) tick ??= fn;
    return real(fn, ...rest);
  };
  globalThis.setImmediate = Object.assign(watching, real);
  try {
    const device = await openDevice(adapter);
    if (tick === null) {
      device.destroy();
      throw new UnavailableError(
        "webgpu: this version of the npm package gives no way to wait for the device, so there are no synchronous reads",
        "leave syncReads out, and write: await x.data(), await x.itemAsync()",
      );
    }
    const made = quietly(tick);
    ticks.set(gpu, made);
    return { device, tick: made };
  } finally {
    globalThis.setImmediate = real;
  }
}

/** Each run of the function asks for the next through setImmediate; the chain that runs anyway is enough. */
function quietly(tick: () => void): () => void {
  return () => {
    const real = globalThis.setImmediate;
    globalThis.setImmediate = (() => undefined) as unknown as typeof setImmediate;
    try {
      tick();
    } finally {
      globalThis.setImmediate = real;
    }
  };
}
