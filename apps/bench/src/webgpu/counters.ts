import { median } from "../statistics.ts";

/** The calls that an engine should make rarely, by the WebGPU methods that make them. */
export const observed = {
  submits: ["GPUQueue.submit"],
  buffers: ["GPUDevice.createBuffer"],
  pipelines: ["GPUDevice.createComputePipeline", "GPUDevice.createComputePipelineAsync"],
  bindGroups: ["GPUDevice.createBindGroup"],
  dispatches: ["GPUComputePassEncoder.dispatchWorkgroups", "GPUComputePassEncoder.dispatchWorkgroupsIndirect"],
  writes: ["GPUQueue.writeBuffer"],
  maps: ["GPUBuffer.mapAsync"],
} as const;
export type Call = keyof typeof observed;
/** Calls of a step, each the mean over the steps. */
export type Counts = { [call in Call]: number };

/** WebGPU's classes by name: `globalThis` in a browser, `globals` of the npm package `webgpu` in Node. */
export type Classes = { readonly [name: string]: unknown };

/** Have `onCall` told ahead of each call of an observed method, and `onReturn` behind it, until the returned function is called. */
export function observe(
  classes: Classes,
  onCall: (call: Call) => void,
  onReturn: (call: Call) => void = () => {},
): () => void {
  const undo: (() => void)[] = [];
  // the keys of `observed` are what Call is made of
  for (const call of Object.keys(observed) as Call[]) {
    for (const path of observed[call]) {
      const [className, method] = path.split(".");
      const prototype = prototypeOf(classes[className]);
      const original = prototype?.[method];
      if (!prototype || typeof original !== "function") throw new TypeError(`there is no ${path} to count`);
      prototype[method] = function (this: unknown, ...args: unknown[]) {
        onCall(call);
        const result: unknown = original.apply(this, args);
        onReturn(call);
        return result;
      };
      undo.push(() => {
        prototype[method] = original;
      });
    }
  }
  return () => {
    for (const restore of undo) restore();
  };
}

function prototypeOf(value: unknown): Record<string, unknown> | undefined {
  // a class's prototype is an object whose members are looked up by name here
  return typeof value === "function" ? (value.prototype as Record<string, unknown>) : undefined;
}

/** What a step asks of WebGPU once everything is warm. */
export type Counted = {
  perStep: Counts;
  /**
   * Median milliseconds from the start of a step to its first wait for the device, without those in which submits hand the commands
   * to the driver: what encoding costs.
   */
  encodeMs: number;
};

/** How steps are counted. `warmUpMs`: the last tier of a compiler comes after some thousand calls. */
export interface CountOptions {
  readonly warmUp: number;
  readonly warmUpMs?: number;
  readonly steps: number;
}

/**
 * Count the calls of `steps` steps that follow a warm-up of at least `warmUp` steps and `warmUpMs` milliseconds. A step computes, then reads from the device; the time up to the
 * first `mapAsync` is its encoding, whether the framework encodes as it is called or only once it is asked for a value.
 *
 * @throws Error when a step ends without a read, and whatever the step throws.
 */
export async function countSteps(
  classes: Classes,
  step: () => Promise<unknown>,
  { warmUp, warmUpMs = 0, steps }: CountOptions,
  now: () => number = () => performance.now(),
): Promise<Counted> {
  const warmUntil = warmUpMs > 0 ? now() + warmUpMs : 0;
  for (let i = 0; i < warmUp || (warmUpMs > 0 && now() < warmUntil); i++) await step();
  const sums: Counts = { submits: 0, buffers: 0, pipelines: 0, bindGroups: 0, dispatches: 0, writes: 0, maps: 0 };
  const encoding: number[] = [];
  let started = 0;
  let submitting = 0;
  const stop = observe(
    classes,
    (call) => {
      sums[call]++;
      if (call === "submits") submitting = now();
      if (call === "maps" && Number.isNaN(encoding[encoding.length - 1]))
        encoding[encoding.length - 1] = now() - started;
    },
    (call) => {
      if (call === "submits") started += now() - submitting;
    },
  );
  try {
    for (let i = 0; i < steps; i++) {
      encoding.push(Number.NaN);
      started = now();
      await step();
      if (Number.isNaN(encoding[i])) throw new Error("the step ended without reading from the device");
    }
  } finally {
    stop();
  }
  // the keys of a Counts are its calls
  const perStep = Object.fromEntries(Object.entries(sums).map(([call, sum]) => [call, sum / steps])) as Counts;
  return { perStep, encodeMs: median(encoding) };
}
