/** What Flambeau's rows run on: its kernels in WebAssembly, or the native ones that may take their place in Node. A column each. */
export const kernelKinds = ["wasm", "native"] as const;
export type Kernels = (typeof kernelKinds)[number];
