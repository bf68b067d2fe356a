import type { ReduceKind, ScalarType } from "@flambeau/tensor/plugin";
import { literal } from "../wgsl/scalar.ts";

/** Joins two results, given as WGSL expressions, into one. */
export type Join = (a: string, b: string) => string;

/** How a reduction joins two values of a scalar type. */
export function combination(kind: ReduceKind, type: ScalarType, uses: Set<string>): Join {
  if (type === "bool")
    return kind === "all" || kind === "min" || kind === "prod" ? (a, b) => `(${a} & ${b})` : (a, b) => `(${a} | ${b})`;
  switch (kind) {
    case "sum":
      return (a, b) => `(${a} + ${b})`;
    case "prod":
      return (a, b) => `(${a} * ${b})`;
    case "max":
    case "min": {
      if (type === "int32") return (a, b) => `${kind}(${a}, ${b})`;
      uses.add(`f_${kind}`);
      return (a, b) => `f_${kind}(${a}, ${b})`;
    }
    default:
      throw new Error(`webgpu: "${kind}" is of bools`);
  }
}

const neutrals: { readonly [K in ReduceKind]: number } = {
  sum: 0,
  prod: 1,
  max: Number.NEGATIVE_INFINITY,
  min: Number.POSITIVE_INFINITY,
  any: 0,
  all: 1,
};
/** The value that changes nothing when joined. */
export const neutral = (kind: ReduceKind, type: ScalarType, uses: Set<string>): string =>
  literal(kind === "max" && type === "bool" ? 0 : neutrals[kind], type, uses);

/**
 * Joins one value of each invocation of a workgroup (64 of them, or 256) in two rounds of 8 or 16: fewer barriers than a binary
 * tree has, and always in the same order. `result` is valid in every invocation when `everywhere`, else in the first. All
 * invocations must get there. A second use of the same cells needs a barrier before it.
 */
export function tree(
  cells: string,
  type: string,
  size: 64 | 256,
  value: string,
  join: Join,
  everywhere = false,
): { readonly declarations: string; readonly statements: string; readonly result: string } {
  const root = Math.sqrt(size);
  const serial = (target: string, first: string, step: string) => `var ${target} = ${cells}[${first}];
    for (var k = 1u; k < ${root}u; k++) { ${target} = ${join(target, `${cells}[${first} + k${step}]`)}; }`;
  const statements = `${cells}[local] = ${value};
  workgroupBarrier();
  if (local < ${root}u) {
    ${serial("part", "local", ` * ${root}u`)}
    ${cells}[local] = part;
  }
  workgroupBarrier();`;
  const end = everywhere
    ? `
  ${serial(`${cells}_all`, "0u", "")}`
    : `
  var ${cells}_all = ${cells}[0];
  if (local == 0u) {
    for (var k = 1u; k < ${root}u; k++) { ${cells}_all = ${join(`${cells}_all`, `${cells}[k]`)}; }
  }`;
  return {
    declarations: `var<workgroup> ${cells}: array<${type}, ${size}>;`,
    statements: statements + end,
    result: `${cells}_all`,
  };
}
