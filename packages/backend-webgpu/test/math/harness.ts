import { existsSync } from "node:fs";
import { librarySource } from "../../src/wgsl/math/index.ts";

const swiftShader = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** Runs functions of the library on arrays, one compute shader a call. */
export interface Runner {
  readonly gpu: GPU;
  /**
   * What `call` gives for the bits of x and y: bits again. It is WGSL from `x` and `y`, both u32, to a u32. `source`, by
   * default the library's, is the WGSL that defines `names`.
   */
  run(names: readonly string[], call: string, x: Uint32Array, y?: Uint32Array, source?: string): Promise<Uint32Array>;
  close(): void;
}

/** A runner, or null and a warning where there is no GPU, not even a software one. */
export async function openRunner(): Promise<Runner | null> {
  if (existsSync(swiftShader)) process.env.VK_ICD_FILENAMES ??= swiftShader;
  try {
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals);
    const gpu = create([]);
    const adapter = await gpu.requestAdapter();
    if (!adapter) throw new Error("requestAdapter gave null");
    const device = await adapter.requestDevice();
    // the instance must outlive the device: the runner holds it
    return { gpu, run: (...args) => run(device, ...args), close: () => device.destroy() };
  } catch (error) {
    console.warn(`SKIPPED: WGSL functions are not tested, there is no WebGPU adapter (${error})`);
    return null;
  }
}

async function run(
  device: GPUDevice,
  names: readonly string[],
  call: string,
  x: Uint32Array,
  y: Uint32Array = x,
  source: string = librarySource(names),
): Promise<Uint32Array> {
  const code = `${source}
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> xs: array<u32>;
@group(0) @binding(2) var<storage, read> ys: array<u32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= arrayLength(&out)) { return; }
  let x = xs[id.x];
  let y = ys[id.x];
  out[id.x] = ${call};
}`;
  const module = device.createShaderModule({ code });
  const { messages } = await module.getCompilationInfo();
  if (messages.length > 0) throw new Error(messages.map((m) => `${m.lineNum}: ${m.message}`).join("\n") + code);
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module } });
  const size = x.byteLength;
  const buffer = (usage: number) => device.createBuffer({ size, usage });
  const out = buffer(GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC);
  const back = buffer(GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  const inputs = [x, y].map((data) => {
    const b = buffer(GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST);
    device.queue.writeBuffer(b, 0, data as Uint32Array<ArrayBuffer>); // never shared memory here
    return b;
  });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [out, ...inputs].map((b, binding) => ({ binding, resource: { buffer: b } })),
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(Math.ceil(x.length / 64));
  pass.end();
  encoder.copyBufferToBuffer(out, 0, back, 0, size);
  device.queue.submit([encoder.finish()]);
  await back.mapAsync(GPUMapMode.READ);
  const result = new Uint32Array(back.getMappedRange().slice(0));
  for (const b of [out, back, ...inputs]) b.destroy();
  return result;
}
