import { isFloat } from "../core/dtype.ts";
import { DTypeError } from "../core/errors.ts";
import type { Tensor } from "../core/tensor.ts";
import { resultType } from "../layout/promotion.ts";
import { wideOp } from "./convert.ts";
import type { Pointwise } from "./pointwise.ts";
import { create } from "./run.ts";
import { beside } from "./together.ts";
import { applyVariant, type Operand, writePointwise } from "./variant.ts";

// Pointwise ops called with tensors and numbers.

const noParams: readonly number[] = [];

export function unary(op: Pointwise, x: Tensor): Tensor {
  return applyVariant(op.variant(1), [x], noParams);
}

/**
 * A bigint as an operand beside `tensors`: a number where it is one or floats round it; narrow integers wrap, as in all arithmetic; and in
 * int64 a 0-d tensor, because parameters of kernels are numbers.
 */
function fromBigint(x: bigint, tensors: readonly Tensor[]): Tensor | number {
  if (Number.isSafeInteger(Number(x)) || tensors.length === 0) return Number(x);
  const dtype = resultType(tensors);
  if (isFloat(dtype)) return Number(x);
  if (dtype !== "int64" && dtype !== "bool") return Number(BigInt.asIntN(32, x));
  return create(wideOp, { value: x, device: tensors[0].device });
}
const isTensor = (x: Operand): x is Tensor => typeof x === "object";

export function binary(op: Pointwise, x: Operand, y: Operand): Tensor {
  if (typeof x === "bigint" || typeof y === "bigint") return pointwiseCall(op, [x, y]);
  if (typeof y === "number") {
    if (typeof x === "number") throw new DTypeError(op.title, "at least one operand must be a tensor, got two numbers");
    return applyVariant(op.variant(1), [x], [y]);
  }
  if (typeof x === "number") return applyVariant(op.variant(2), [y], [x]);
  return applyVariant(op.variant(3), [x, y], noParams);
}

/** Any number of operands; at least one is a tensor. */
export function pointwiseCall(op: Pointwise, operands: readonly Operand[]): Tensor {
  let mask = 0;
  const tensors: Tensor[] = [];
  const params: number[] = [];
  for (let i = 0; i < operands.length; i++) {
    const given = operands[i];
    const x = typeof given === "bigint" ? fromBigint(given, operands.filter(isTensor)) : given;
    if (typeof x === "number") params.push(x);
    else {
      mask |= 1 << i;
      tensors.push(x);
    }
  }
  if (mask === 0) throw new DTypeError(op.title, "at least one operand must be a tensor, got only numbers");
  return applyVariant(op.variant(mask), tensors, params);
}

/** `target = op(target, ...rest)`, written into the target's memory. */
export function inPlace(op: Pointwise, target: Tensor, ...rest: Operand[]): Tensor {
  let mask = 1;
  const tensors: Tensor[] = [target];
  const params: number[] = [];
  for (let i = 0; i < rest.length; i++) {
    const given = rest[i];
    const x = typeof given === "bigint" ? fromBigint(given, [target]) : given;
    if (typeof x === "number") params.push(x);
    else {
      mask |= 2 << i;
      tensors.push(beside(op.title, x, target));
    }
  }
  return writePointwise(op.variant(mask), tensors, params);
}
