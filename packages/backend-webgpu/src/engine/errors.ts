import { DeviceLostError, FlambeauError, MemoryError, UnavailableError } from "@flambeau/tensor/functional";

// What the engine throws, and what to do about it.

export const tooLarge = (byteLength: number, largest: number): MemoryError =>
  new MemoryError(
    `webgpu: no room for ${byteLength} bytes: the largest buffer of this adapter has ${largest}`,
    "split the tensor, or keep it on the cpu",
  );

export const beyondLimit = (byteLength: number, liveBytes: number, limit: number): MemoryError =>
  new MemoryError(
    `webgpu: no room for ${byteLength} bytes: ${liveBytes} bytes are in use, of ${limit} at most (memoryLimit)`,
    "free tensors (tidy, memoryScope, dispose) or use smaller batches; leakReport() names what is alive",
  );

export const noRoom = (byteLength: number, liveBytes: number, reason: string): MemoryError =>
  new MemoryError(
    `webgpu: the device has no room for ${byteLength} bytes, ${liveBytes} are in use (${reason.split("\n")[0]})`,
    "free tensors (tidy, memoryScope, dispose) or use smaller batches; webgpu({ memoryLimit }) makes such requests fail at once",
  );

/** What the device says of a command after the fact. */
export const refused = (error: GPUError): FlambeauError =>
  error.constructor.name === "GPUOutOfMemoryError"
    ? new MemoryError(`webgpu: the device is out of memory: ${error.message}`, "free tensors or use smaller batches")
    : new FlambeauError(`webgpu: the device refused a command: ${error.message}`, "this is a defect: please report it");

export const lost = (reason: string): DeviceLostError =>
  new DeviceLostError(
    "webgpu",
    `${reason}; its tensors are gone, those on other devices are not`,
    "make a new one: registerBackend(await webgpu()); io.restore(snapshot, { model, optimizer }) and loadStateDict(state) put there what you kept",
  );

export const disposed = (): DeviceLostError =>
  new DeviceLostError("webgpu", "this backend was disposed", "make a new one: registerBackend(await webgpu())");

export const cannotWait = (): UnavailableError =>
  new UnavailableError(
    "webgpu: cannot wait for the device, whose events run elsewhere: the program has a call of its own to it under way",
    "await that call first, or write: await x.data(), await x.itemAsync()",
  );
