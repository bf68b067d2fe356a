import { DTypeError } from "../core/errors.ts";
import { checkTensor, hasStorage, type Tensor } from "../core/tensor.ts";
import { resultType } from "../layout/promotion.ts";
import { encode } from "../lower/host.ts";
import { constantOp } from "./constant.ts";
import type { Pointwise } from "./pointwise.ts";
import { create } from "./run.ts";
import { beside } from "./together.ts";
import { applyVariant, type Operand, writePointwise } from "./variant.ts";

// Pointwise ops called with tensors and numbers.

const noParams: readonly number[] = [];

/** @throws ArgumentError for an operand that is neither a tensor nor, where those are taken, a number. */
function check(op: Pointwise, place: number, x: unknown): asserts x is Tensor {
  if (!hasStorage(x)) checkTensor(op.title, `operand ${place}`, x);
}

export function unary(op: Pointwise, x: Tensor): Tensor {
  check(op, 1, x);
  return applyVariant(op.variant(1), [x], noParams);
}

/** A bigint as an operand: a number, but for int64 beyond 2^53, which is a 0-d tensor, because parameters of kernels are numbers. */
function fromBigint(value: bigint, operands: readonly Operand[]): Tensor | number {
  const tensors = operands.filter(hasStorage); // what else is no number is told in its turn
  if (tensors.length === 0) return Number(value);
  const dtype = resultType(tensors);
  if (dtype !== "int64" || Number.isSafeInteger(Number(value))) return Number(value);
  return create(constantOp, { shape: [], dtype, device: tensors[0].device, bytes: encode([value], dtype) });
}

export function binary(op: Pointwise, x: Operand, y: Operand): Tensor {
  if (hasStorage(x)) {
    if (hasStorage(y)) return applyVariant(op.variant(3), [x, y], noParams);
    if (typeof y === "number") return applyVariant(op.variant(1), [x], [y]);
  } else if (typeof x === "number" && hasStorage(y)) return applyVariant(op.variant(2), [y], [x]);
  return pointwiseCall(op, [x, y]);
}

/** Any number of operands; at least one is a tensor. */
export function pointwiseCall(op: Pointwise, operands: readonly Operand[]): Tensor {
  let mask = 0;
  const tensors: Tensor[] = [];
  const params: number[] = [];
  for (let i = 0; i < operands.length; i++) {
    const given = operands[i];
    const x = typeof given === "bigint" ? fromBigint(given, operands) : given;
    if (typeof x === "number") params.push(x);
    else {
      check(op, i + 1, x);
      mask |= 1 << i;
      tensors.push(x);
    }
  }
  if (mask === 0) throw new DTypeError(op.title, "at least one operand must be a tensor, got only numbers");
  return applyVariant(op.variant(mask), tensors, params);
}

/** `target = op(target, ...rest)`, written into the target's memory. */
export function inPlace(op: Pointwise, target: Tensor, ...rest: Operand[]): Tensor {
  check(op, 1, target);
  let mask = 1;
  const tensors: Tensor[] = [target];
  const params: number[] = [];
  for (let i = 0; i < rest.length; i++) {
    const given = rest[i];
    const x = typeof given === "bigint" ? fromBigint(given, [target]) : given;
    if (typeof x === "number") params.push(x);
    else {
      check(op, i + 2, x);
      mask |= 2 << i;
      tensors.push(beside(op.title, x, target));
    }
  }
  return writePointwise(op.variant(mask), tensors, params);
}
