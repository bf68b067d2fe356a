/**
 * Whether a device is a program on the processor: SwiftShader or llvmpipe, as in continuous integration and where there is no
 * graphics driver. There a workgroup's invocations take turns, so that a barrier costs a switch of all of them, and workgroup
 * memory is no faster than other memory: kernels do better with neither and with more work in each invocation.
 */
export function isSoftware(device: GPUDevice): boolean {
  const { architecture, isFallbackAdapter } = device.adapterInfo;
  return isFallbackAdapter || architecture === "swiftshader" || architecture === "llvmpipe";
}
