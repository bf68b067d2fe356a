import type { ScatterMode } from "@flambeau/tensor/plugin";
import { naturalType } from "../wgsl/elements.ts";
import type { GpuDType } from "../wgsl/types.ts";

export const scatterModes: readonly ScatterMode[] = ["set", "add", "mul", "max", "min"];

/** `a` and `b` of a dtype's natural type, combined: the WGSL expression. Bools add by or, multiply by and. */
export function combined(mode: ScatterMode, dtype: GpuDType, a: string, b: string, uses: Set<string>): string {
  if (mode === "set") return b;
  const type = naturalType[dtype];
  if (type === "bool") return mode === "add" || mode === "max" ? `(${a} || ${b})` : `(${a} && ${b})`;
  if (mode === "add") return `(${a} + ${b})`;
  if (mode === "mul") return `(${a} * ${b})`;
  if (type === "int32") return `${mode}(${a}, ${b})`;
  uses.add(`f_${mode}`);
  return `f_${mode}(${a}, ${b})`;
}

/** A value as it would come back from memory, which narrow floats round. Integers may wait: their wrapping commutes with all that is done here. */
export function rounded(dtype: GpuDType, value: string, uses: Set<string>): string {
  if (dtype === "float16") {
    uses.add("f32_to_f16").add("f16_to_f32");
    return `f16_to_f32(f32_to_f16(${value}))`;
  }
  if (dtype === "bfloat16") {
    uses.add("f32_to_bf16").add("bf16_to_f32");
    return `bf16_to_f32(f32_to_bf16(${value}))`;
  }
  return value;
}
