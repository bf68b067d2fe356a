import { type DType, DTypeError } from "@flambeau/tensor/functional";
import type { ScalarType } from "@flambeau/tensor/plugin";

/** The dtypes that shaders can hold: 32 bits as they are, narrower ones packed into 32-bit words. */
export const gpuDTypes = [
  "bool",
  "uint8",
  "int8",
  "int16",
  "int32",
  "float16",
  "bfloat16",
  "float32",
] as const satisfies readonly DType[];
export type GpuDType = (typeof gpuDTypes)[number];

/** Bytes of an element in memory. */
export const bytesIn: { readonly [D in GpuDType]: 1 | 2 | 4 } = {
  bool: 1,
  uint8: 1,
  int8: 1,
  int16: 2,
  int32: 4,
  float16: 2,
  bfloat16: 2,
  float32: 4,
};

const types: { readonly [T in ScalarType]: string | null } = {
  bool: "bool",
  int32: "i32",
  int64: null,
  float32: "f32",
  float64: null,
};
/** The WGSL type of a scalar type. 64-bit types have none. */
export function wgslType(type: ScalarType): string {
  const name = types[type];
  if (name === null)
    throw new DTypeError("webgpu", `shaders cannot compute in ${type}`, "compute on the cpu, or in float32 or int32");
  return name;
}

/** A dtype that the backend holds; core has refused the others when their tensor was made. */
export function gpuDType(dtype: DType): GpuDType {
  if (dtype === "int64" || dtype === "float64")
    throw new DTypeError("webgpu", `tensors cannot be ${dtype}`, "use float32 or int32, or keep the tensor on the cpu");
  return dtype;
}
