import type { ScalarType } from "@flambeau/tensor/plugin";
import { bytesIn, type GpuDType } from "./types.ts";

/**
 * How a kernel sees a buffer: as 32-bit words. `atomic` slots hold narrow elements that several invocations may write into one
 * word.
 */
export interface Slot {
  readonly name: string;
  readonly atomic: boolean;
}

const word = ({ name, atomic }: Slot, at: string): string =>
  atomic ? `atomicLoad(&${name}[${at}])` : `${name}[${at}]`;

/** An expression for the element's value in the natural scalar type of `dtype`; `at` counts elements. Names what it uses of the library. */
export function load(slot: Slot, dtype: GpuDType, at: string, uses: Set<string>): string {
  switch (dtype) {
    case "float32":
      return `bitcast<f32>(${word(slot, at)})`;
    case "int32":
      return `bitcast<i32>(${word(slot, at)})`;
    case "bool":
      return `(((${word(slot, `(${at}) >> 2u`)} >> (((${at}) & 3u) * 8u)) & 0xffu) != 0u)`;
    case "uint8":
      return `i32((${word(slot, `(${at}) >> 2u`)} >> (((${at}) & 3u) * 8u)) & 0xffu)`;
    case "int8":
      return `(bitcast<i32>(${word(slot, `(${at}) >> 2u`)} << (24u - ((${at}) & 3u) * 8u)) >> 24u)`;
    case "int16":
      return `(bitcast<i32>(${word(slot, `(${at}) >> 1u`)} << (16u - ((${at}) & 1u) * 16u)) >> 16u)`;
    case "float16":
      uses.add("f16_to_f32");
      return `f16_to_f32((${word(slot, `(${at}) >> 1u`)} >> (((${at}) & 1u) * 16u)) & 0xffffu)`;
    case "bfloat16":
      return `bitcast<f32>((${word(slot, `(${at}) >> 1u`)} >> (((${at}) & 1u) * 16u)) << 16u)`;
  }
}

/** The scalar type that {@link load} gives and {@link bits} takes. */
export const naturalType: { readonly [D in GpuDType]: ScalarType } = {
  bool: "bool",
  uint8: "int32",
  int8: "int32",
  int16: "int32",
  int32: "int32",
  float16: "float32",
  bfloat16: "float32",
  float32: "float32",
};

/** The bits of a value as they stand in memory, in the low end of a u32. */
export function bits(dtype: GpuDType, value: string, uses: Set<string>): string {
  switch (dtype) {
    case "float32":
    case "int32":
      return `bitcast<u32>(${value})`;
    case "bool":
      return `select(0u, 1u, ${value})`;
    case "uint8":
    case "int8":
      return `(bitcast<u32>(${value}) & 0xffu)`;
    case "int16":
      return `(bitcast<u32>(${value}) & 0xffffu)`;
    case "float16":
      uses.add("f32_to_f16");
      return `f32_to_f16(${value})`;
    case "bfloat16":
      uses.add("f32_to_bf16");
      return `f32_to_bf16(${value})`;
  }
}

/** Statements that store one element. Narrow ones change their part of the word and no other: two atomic steps on bits that only they touch. */
export function store(slot: Slot, dtype: GpuDType, at: string, value: string, uses: Set<string>): string {
  const packed = bits(dtype, value, uses);
  if (bytesIn[dtype] === 4) return `${slot.name}[${at}] = ${packed};`;
  const shift = bytesIn[dtype] === 1 ? 2 : 1;
  const width = 8 * bytesIn[dtype];
  const mask = bytesIn[dtype] === 1 ? "0xffu" : "0xffffu";
  return `{
    let place = ${at};
    let shift = (place & ${(1 << shift) - 1}u) * ${width}u;
    atomicAnd(&${slot.name}[place >> ${shift}u], ~(${mask} << shift));
    atomicOr(&${slot.name}[place >> ${shift}u], (${packed}) << shift);
  }`;
}

/** Elements that share a 32-bit word. */
export const perWord = (dtype: GpuDType): 1 | 2 | 4 => (4 / bytesIn[dtype]) as 1 | 2 | 4; // of 1, 2 and 4
