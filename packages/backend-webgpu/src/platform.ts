// The platform's WebGPU objects in public types. Programs whose libraries know no WebGPU (TypeScript before 6, or no `dom`) still
// compile: there they are objects of which nothing is known.
type Platform<Name extends string> = typeof globalThis extends {
  readonly [K in Name]: { prototype: infer T extends object };
}
  ? T
  : object;

/** `navigator.gpu`, or what stands for it. */
export type PlatformGpu = Platform<"GPU">;
/** A `GPUDevice`. */
export type PlatformDevice = Platform<"GPUDevice">;
/** A `GPUBuffer`. */
export type PlatformBuffer = Platform<"GPUBuffer">;
