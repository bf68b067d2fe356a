import type { Platform } from "@flambeau/tensor/plugin";

/** `navigator.gpu`, or what stands for it. */
export type PlatformGpu = Platform<"GPU">;
/** A `GPUDevice`. */
export type PlatformDevice = Platform<"GPUDevice">;
/** A `GPUBuffer`. */
export type PlatformBuffer = Platform<"GPUBuffer">;
