/** What Flambeau's rows run on: its kernels in WebAssembly, or the native ones that may take their place in Node. A column each. */
export const kernelKinds = ["wasm", "native"] as const;
export type Kernels = (typeof kernelKinds)[number];

/** The columns of the table: PyTorch, and Flambeau on each of these. */
export const columns = ["torch", ...kernelKinds] as const;
export type Column = (typeof columns)[number];
