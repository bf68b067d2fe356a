import { DTypeError } from "../core/errors.ts";
import { checkTensor, isTensor, type Tensor } from "../core/tensor.ts";
import type { Pointwise } from "./pointwise.ts";
import { beside } from "./together.ts";
import { applyVariant, type Operand, writePointwise } from "./variant.ts";

// Pointwise ops called with tensors and numbers.

const noParams: readonly number[] = [];

/** @throws ArgumentError for an operand that is neither a tensor nor, where those are taken, a number. */
function check(op: Pointwise, place: number, x: unknown): asserts x is Tensor {
  if (!isTensor(x)) checkTensor(op.title, `operand ${place}`, x);
}

export function unary(op: Pointwise, x: Tensor): Tensor {
  check(op, 1, x);
  return applyVariant(op.variant(1), [x], noParams);
}

export function binary(op: Pointwise, x: Operand, y: Operand): Tensor {
  if (typeof y === "number") {
    if (typeof x === "number") throw new DTypeError(op.title, "at least one operand must be a tensor, got two numbers");
    check(op, 1, x);
    return applyVariant(op.variant(1), [x], [y]);
  }
  check(op, 2, y);
  if (typeof x === "number") return applyVariant(op.variant(2), [y], [x]);
  check(op, 1, x);
  return applyVariant(op.variant(3), [x, y], noParams);
}

/** Any number of operands; at least one is a tensor. */
export function pointwiseCall(op: Pointwise, operands: readonly Operand[]): Tensor {
  let mask = 0;
  const tensors: Tensor[] = [];
  const params: number[] = [];
  for (let i = 0; i < operands.length; i++) {
    const x = operands[i];
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
    const x = rest[i];
    if (typeof x === "number") params.push(x);
    else {
      check(op, i + 2, x);
      mask |= 2 << i;
      tensors.push(beside(op.title, x, target));
    }
  }
  return writePointwise(op.variant(mask), tensors, params);
}
