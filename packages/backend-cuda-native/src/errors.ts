import { DeviceError, DeviceLostError, MemoryError, UnavailableError } from "@flambeau/tensor/functional";
import type { DriverFailure } from "./addon.ts";

// What the driver says as errors of the framework.

const outOfMemory = 2;
/** After these the context answers nothing else: a fault of a kernel, an uncorrectable error of the memory, a card that was unplugged. */
const sticky: ReadonlySet<number> = new Set([
  46, 214, 220, 226, 304, 700, 702, 709, 710, 713, 714, 715, 716, 717, 718, 719, 721,
]);

export const isDriverFailure = (error: unknown): error is DriverFailure =>
  error instanceof Error && "code" in error && typeof error.code === "number" && "call" in error;
export const isOutOfMemory = (error: unknown): boolean => isDriverFailure(error) && error.code === outOfMemory;
/** What cuBLASLt refuses. */
export const isCublasFailure = (error: unknown): error is Error => error instanceof Error && "cublas" in error;
/** PTX of a version that the driver does not read, or for another card. */
export const isForeignPtx = (error: unknown): boolean =>
  isDriverFailure(error) && (error.code === 222 || error.code === 209);
export const isSticky = (error: unknown): boolean => isDriverFailure(error) && sticky.has(error.code);

export const lost = (device: string, { message }: Error): DeviceLostError =>
  new DeviceLostError(
    device,
    `${message}; its tensors are gone, those on other devices are not`,
    "the driver gives this process no other context on the card: save what other devices hold, and start anew",
  );

export const disposed = (device: string): DeviceLostError =>
  new DeviceLostError(device, "this backend was disposed", "make a new one: registerBackend(await cudaNative())");

export const beyondLimit = (device: string, byteLength: number, live: number, limit: number): MemoryError =>
  new MemoryError(
    `${device}: no room for ${byteLength} bytes: ${live} bytes are in use, of ${limit} at most (memoryLimit)`,
    "free tensors (tidy, memoryScope, dispose) or use smaller batches; leakReport() names what is alive",
  );
export const noRoom = (device: string, byteLength: number, live: number, reason: string): MemoryError =>
  new MemoryError(
    `${device}: no room for ${byteLength} bytes, ${live} are in use (${reason})`,
    "free tensors (tidy, memoryScope, dispose) or use smaller batches; leakReport() names what is alive",
  );

/** No room for what a call needs beside tensors. */
export const exhausted = (device: string, { message }: Error): MemoryError =>
  new MemoryError(`${device}: ${message}`, "free tensors (tidy, memoryScope, dispose) or use smaller batches");

/** Any other refusal. */
export const refused = (device: string, { message }: Error): DeviceError => new DeviceError(`${device}: ${message}`);

export const unavailable = (reason: string, hint?: string): UnavailableError =>
  new UnavailableError(`cuda: ${reason}`, hint);
