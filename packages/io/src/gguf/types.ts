import type { DType } from "@flambeau/tensor/functional";
import { bytesOf } from "@flambeau/tensor/plugin";
import { type Block, blocks } from "./dequantize.ts";

/** What the numbers of a tensor are. */
export interface GgufType {
  readonly name: string;
  /** Elements that lie together in a block, and its bytes; undefined for a type that came after this reader. */
  readonly block: readonly [elements: number, bytes: number] | undefined;
  /** Our dtype, or how blocks become float32, or undefined for what Flambeau does not read. */
  readonly holds: DType | Block | undefined;
}

const plain = (name: string, dtype: DType): GgufType => ({ name, block: [1, bytesOf(dtype)], holds: dtype });
const quantized = (name: string, elements: number, bytes: number): GgufType => ({
  name,
  block: [elements, bytes],
  holds: blocks[name],
});

/** By the numbers that files hold. Source: ggml.h, enum ggml_type, and gguf-py's GGML_QUANT_SIZES. */
const types: ReadonlyMap<number, GgufType> = new Map([
  [0, plain("F32", "float32")],
  [1, plain("F16", "float16")],
  [2, quantized("Q4_0", 32, 18)],
  [3, quantized("Q4_1", 32, 20)],
  [6, quantized("Q5_0", 32, 22)],
  [7, quantized("Q5_1", 32, 24)],
  [8, quantized("Q8_0", 32, 34)],
  [9, quantized("Q8_1", 32, 40)],
  [10, quantized("Q2_K", 256, 84)],
  [11, quantized("Q3_K", 256, 110)],
  [12, quantized("Q4_K", 256, 144)],
  [13, quantized("Q5_K", 256, 176)],
  [14, quantized("Q6_K", 256, 210)],
  [15, quantized("Q8_K", 256, 292)],
  [16, quantized("IQ2_XXS", 256, 66)],
  [17, quantized("IQ2_XS", 256, 74)],
  [18, quantized("IQ3_XXS", 256, 98)],
  [19, quantized("IQ1_S", 256, 50)],
  [20, quantized("IQ4_NL", 32, 18)],
  [21, quantized("IQ3_S", 256, 110)],
  [22, quantized("IQ2_S", 256, 82)],
  [23, quantized("IQ4_XS", 256, 136)],
  [24, plain("I8", "int8")],
  [25, plain("I16", "int16")],
  [26, plain("I32", "int32")],
  [27, plain("I64", "int64")],
  [28, plain("F64", "float64")],
  [29, quantized("IQ1_M", 256, 56)],
  [30, plain("BF16", "bfloat16")],
  [34, quantized("TQ1_0", 256, 54)],
  [35, quantized("TQ2_0", 256, 66)],
  [39, quantized("MXFP4", 32, 17)],
]);

export const typeOf = (id: number): GgufType =>
  types.get(id) ?? { name: `type ${id}`, block: undefined, holds: undefined };
