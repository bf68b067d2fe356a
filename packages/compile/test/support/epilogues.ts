import { bytesOf, type Epilogue, type FusedKernel, sizeOf, type View } from "@flambeau/tensor/plugin";
import type { Backend } from "flambeau";

/** A backend whose products, linear layers, layer norms and their gradients take any program behind them, by doing one after the other. */
export function withEpilogues<B extends Backend>(backend: B): { readonly backend: B; calls(): number } {
  let calls = 0;
  const ended = (run: (inputs: readonly View[], outputs: readonly View[], attrs: object) => void): Epilogue => ({
    supports: () => true,
    run(inputs, [out, ...rest], attrs, program, others, params) {
      calls++;
      const buffer = backend.alloc(sizeOf(out.shape) * bytesOf(program.inputs[0]));
      const result: View = { ...out, buffer, offset: 0, dtype: program.inputs[0] };
      run(inputs, [result, ...rest], attrs);
      backend.kernels.map(program, [result, ...others], params, out, false);
      backend.free(buffer);
    },
  });
  const fused = (name: "linear" | "layerNorm" | "layerNormBackward"): Epilogue => {
    const kernel = backend.fused?.[name] as FusedKernel | undefined;
    return ended((inputs, outputs, attrs) => kernel?.run(inputs, outputs, attrs));
  };
  const epilogues: Backend["epilogues"] = {
    matmul: ended(([a, b], [out]) => backend.kernels.matmul(a, b, out)),
    linear: fused("linear"),
    layerNorm: fused("layerNorm"),
    layerNormBackward: fused("layerNormBackward"),
  };
  return { backend: Object.assign(backend, { epilogues }), calls: () => calls };
}
