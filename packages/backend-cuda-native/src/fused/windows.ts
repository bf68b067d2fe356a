import type { Words } from "../engine/words.ts";

/** Writes what kernels read as Windows (native/kernels/window.cuh). */
export const writeWindows = (
  words: Words,
  planes: readonly number[],
  results: readonly number[],
  kernel: readonly number[],
  {
    stride,
    padding,
    dilation,
  }: { readonly stride: readonly number[]; readonly padding: readonly number[]; readonly dilation: readonly number[] },
): Words => words.ints(planes).ints(results).ints(kernel).ints(stride).ints(padding).ints(dilation);
