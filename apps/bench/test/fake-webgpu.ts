/** Classes as WebGPU names them, whose methods do nothing but answer: enough to count calls. */
export function fakeWebGPU() {
  class GPUDevice {
    createBuffer(size: number) {
      return `buffer of ${size}`;
    }
    createBindGroup() {}
    createComputePipeline() {}
    async createComputePipelineAsync() {}
  }
  class GPUQueue {
    submit() {}
    writeBuffer() {}
  }
  class GPUComputePassEncoder {
    dispatchWorkgroups() {}
    dispatchWorkgroupsIndirect() {}
  }
  class GPUBuffer {
    async mapAsync() {}
  }
  return { GPUDevice, GPUQueue, GPUComputePassEncoder, GPUBuffer };
}
