import { type DType, dtypes, type Tensor } from "../../src/index.ts";
import { PointwiseFamily } from "../../src/ops/pointwise/special/family.ts";
import { ops } from "../../src/ops.ts";
import {
  arity,
  compileProgram,
  type Expr,
  input,
  Pointwise,
  type Program,
  type ScalarOp,
  scalar,
  scalarType,
} from "../../src/plugin.ts";

/** Each scalar op but `where`, on inputs of each dtype, with results of the same dtype. */
export function scalarPrograms(): Program[] {
  const builders = scalar as unknown as { readonly [op: string]: (...args: Expr[]) => Expr }; // of any arity
  return (Object.keys(arity) as ScalarOp[])
    .filter((op) => op !== "where")
    .flatMap((op) =>
      dtypes.map((dtype) => {
        const operands = Array.from({ length: arity[op] }, (_, i) => input(i));
        const inputs = operands.map(() => dtype);
        return compileProgram(builders[op](...operands), inputs, 0, scalarType(dtype), dtype);
      }),
    );
}

/** The programs of each pointwise op on tensors of one dtype, with a number for its last operand, and of its gradients. */
export function pointwisePrograms(): Program[] {
  const found = new Set<Program>();
  const members = (op: unknown): Pointwise[] =>
    op instanceof PointwiseFamily ? [0, 3].map((n) => op.member(n)) : op instanceof Pointwise ? [op] : [];
  for (const op of Object.values(ops).flatMap(members)) {
    const all = (1 << op.count) - 1;
    for (const mask of op.count > 1 ? [all, all >> 1] : [all]) {
      const variant = op.variant(mask);
      for (const dtype of dtypes) add(variant, dtype);
      if (!variant.vjp) continue;
      for (let i = 0; i < variant.tensors; i++) {
        const gradient = variant.gradient(i);
        if (gradient) for (const dtype of ["float32", "float64"] as const) add(gradient.variant, dtype);
      }
    }
  }
  return [...found];

  function add(variant: ReturnType<Pointwise["variant"]>, dtype: DType): void {
    if (variant.rule.refuses?.(dtype)) return;
    const operands = Array.from({ length: variant.tensors }, () => ({ dtype }) as Tensor); // it looks at no more
    found.add(variant.program(operands, dtype));
  }
}
