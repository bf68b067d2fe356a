import type { PoolAttrs } from "@flambeau/tensor/plugin";
import type { Windows } from "../engine/windows.ts";

/** Windows of a kernel on planes, each giving a value of another plane: the sizes are the last two of the shapes. */
export function windowsOf(
  planes: readonly number[],
  kernel: readonly number[],
  values: readonly number[],
  { stride, padding, dilation }: Pick<PoolAttrs, "stride" | "padding" | "dilation">,
): Windows {
  return {
    height: planes[planes.length - 2],
    width: planes[planes.length - 1],
    outHeight: values[values.length - 2],
    outWidth: values[values.length - 1],
    kernelHeight: kernel[kernel.length - 2],
    kernelWidth: kernel[kernel.length - 1],
    strideY: stride[0],
    strideX: stride[1],
    paddingTop: padding[0],
    paddingLeft: padding[1],
    dilationY: dilation[0],
    dilationX: dilation[1],
  };
}
