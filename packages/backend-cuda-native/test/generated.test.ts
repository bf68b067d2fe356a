// What stands in two languages is the same in both, and the PTX is that of the sources.
import { readFileSync } from "node:fs";
import { dtypes } from "@flambeau/tensor";
import { arity, dtypeCode } from "@flambeau/tensor/plugin";
import { expect, test } from "vitest";
import { kernelsHash, modules } from "../scripts/sources.mjs";
import { operations } from "../src/program.ts";
import { kernelsPtx } from "../src/ptx.ts";

const source = (name: string) => readFileSync(new URL(`../native/kernels/${name}`, import.meta.url), "utf8");
const listed = (text: string, name: string) => {
  const list = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(text)?.[1] ?? "";
  return [...list.matchAll(/\w+/g)].map(([word]) => word);
};

test("operations have the numbers that the kernels know", () => {
  expect(listed(source("scalar.cuh"), "Op")).toEqual(operations.map((op) => `op_${op}`));
  expect(operations).toEqual([...Object.keys(arity), "input", "param", "const", "index", "cast"]);
});
test("dtypes have the codes that the kernels know", () => {
  const known = listed(source("elements.cuh"), "DType").map((name) => name.toLowerCase());
  expect(known).toEqual(dtypes.map(String));
  expect(dtypes.map(dtypeCode)).toEqual(known.map((_, code) => code));
});
test("the PTX was made of these sources: node packages/backend-cuda-native/scripts/ptx.mjs", () => {
  expect(/^\/\/ sources (\w+)/.exec(kernelsPtx()[0].ptx)?.[1]).toBe(kernelsHash());
});
test("the PTX is of a version that drivers from CUDA 11.7 on read, and has every kernel", () => {
  for (const { ptx, capability } of kernelsPtx()) {
    expect(/^\.version (.*)$/m.exec(ptx)?.[1]).toBe("7.7");
    expect(/^\.target (.*)$/m.exec(ptx)?.[1]).toBe(`sm_${capability}`);
  }
  expect(kernelsPtx().map(({ capability }) => capability)).toEqual(modules.map(({ capability }) => capability));
  const entries = [...new Set(kernelsPtx().flatMap(({ kernels }) => kernels))];
  const floats = ["float32", "float64"];
  const each = (types: readonly string[], names: readonly string[]) =>
    names.flatMap((name) => types.map((type) => `${name}_${type}`));
  const ofScalars = ["arg_reduce", "arg_reduce_long", "matmul", "merge_pass"];
  const reducing = ["reduce_long", "reduce_short", "scan", "scan_long", "scatter", "scatter_parts", "scatter_runs"];
  const rows = ["softmax", "log_softmax", "softmax_backward", "log_softmax_backward"];
  const otherRows = ["norm", "norm_backward", "cross_entropy", "attention_dots", "norm_mapped"];
  // those that take halves
  const ofHalves = [
    ...["softmax", "softmax_alone", "log_softmax", "log_softmax_alone", "norm", "norm_alone", "attention"],
    ...["conv", "conv_transpose", "max_pool", "max_pool_backward", "adam_step", "sgd_step"],
  ];
  const ofFloats = [
    ...[
      "adam_step",
      "sgd_step",
      "attention",
      "attention_keys",
      "attention_queries",
      "attention_values",
      "product_mapped",
      "batch_norm",
      "batch_norm_backward",
    ],
    ...["conv", "conv_transpose", "conv_weight_grad", "cross_entropy_backward", "cross_entropy_total"],
    ...["first_state", "gru_step", "gru_step_back", "lstm_step", "lstm_step_back", "projected_step"],
    ...["projected_step_back", "rnn_step", "rnn_step_back", "steps"],
    ...["max_pool", "max_pool_backward", "norm_column_sums", "norm_columns", "sum_pool", "sum_pool_backward"],
  ];
  const expected = [
    ...["map", "gather", "check_indices", "philox", "matmul_float16", "matmul_bfloat16"],
    ...["matmul_large_float32", "product_mapped_large_float32"],
    ...each(["int32", "int64", ...floats], [...ofScalars, ...reducing]),
    ...each(
      floats,
      [...rows, ...otherRows, "norm_backward_mapped"].flatMap((name) => [name, `${name}_alone`]),
    ),
    ...each(floats, ofFloats),
    ...each(["float16", "bfloat16"], ofHalves),
  ];
  expect(entries.sort()).toEqual(expected.sort());
});
