import { ArgumentError } from "../core/errors.ts";
import { checkOptions } from "../core/options.ts";
import type { Tensor } from "../core/tensor.ts";
import { type Expr, input, param } from "../expr/expr.ts";
import { derivatives } from "./interpreter.ts";
import type { Op, Recorded } from "./op.ts";
import {
  applyVariant,
  type DerivativeOperands,
  type Gradients,
  type Operands,
  type PointwiseRule,
  type Root,
  ruleKinds,
  runPointwise,
  Variant,
  writePointwise,
} from "./variant.ts";

export type { Category, Operand, Operands, PointwiseRule } from "./variant.ts";

/** A pointwise op: its formula, from which kernels, in-place form and gradients of any order follow. */
export class Pointwise implements Root {
  readonly name: string;
  readonly count: number;
  readonly formula: (...operands: Expr[]) => Expr;
  readonly rule: PointwiseRule;
  /** The name in error messages. */
  readonly title: string;
  /** One per pattern of tensors and numbers among the operands; bit i says that operand i is a tensor. */
  private readonly variants: (Variant | null)[];

  constructor(name: string, count: number, formula: (...operands: Expr[]) => Expr, rule: PointwiseRule) {
    checkOptions("pointwise", ruleKinds, rule);
    this.name = name;
    this.count = count;
    this.formula = formula;
    this.rule = rule;
    this.title = rule.title ?? name;
    this.variants = Array.from({ length: 2 ** count }, () => null); // dense: engines read arrays with holes slowly
  }

  variant(mask: number): Variant {
    return (this.variants[mask] ??= this.build(mask));
  }

  private build(mask: number): Variant {
    const tensors: Expr[] = [];
    const operands: Expr[] = [];
    let params = 0;
    for (let i = 0; i < this.count; i++) {
      if (mask & (1 << i)) {
        const e = input(tensors.length);
        tensors.push(e);
        operands.push(e);
      } else operands.push(param(params++));
    }
    const expr = this.formula(...operands);
    const grad = this.rule.grad;
    const gradients: Gradients | null =
      (this.rule.differentiable ?? true) !== true
        ? null
        : grad
          ? (g, out) => {
              const all = grad(g, operands, out);
              return operands.flatMap((_, i) => (mask & (1 << i) ? [all[i] ?? null] : []));
            }
          : (g) => derivatives(expr, g, tensors);
    return new Variant(this, mask, [], this.name, expr, tensors.length, params, gradients);
  }

  /** The pattern, and the numbers, of a call. */
  variantOf({ operands }: Operands): Variant {
    let mask = 0;
    for (let i = 0; i < operands.length; i++) if (operands[i] === "#") mask |= 1 << i;
    return this.variant(mask);
  }
  forward(inputs: readonly Tensor[], attrs: Operands): Tensor {
    return runPointwise(this.variantOf(attrs), inputs, numbersOf(attrs));
  }
  call(inputs: readonly Tensor[], attrs: Operands): readonly Tensor[] {
    return [applyVariant(this.variantOf(attrs), inputs, numbersOf(attrs))];
  }

  recorded(attrs: Operands): Recorded {
    return { op: this.variantOf(attrs) as Op, attrs: { params: numbersOf(attrs) } };
  }

  private gradientRecord: Derivative | null = null;
  /** The op record of its gradients, of any order. */
  get derivative(): Derivative {
    return (this.gradientRecord ??= new Derivative(this));
  }
  private writing: Writing | null = null;
  /** The op record of the in-place form: the first operand receives the result. */
  get inPlace(): Writing {
    return (this.writing ??= new Writing(this));
  }
}

const numbersOf = ({ operands }: Operands): number[] => operands.filter((x) => x !== "#");

/** The kernels of a pointwise op's gradients, as one op: `wrt` says which. */
export class Derivative implements Op<DerivativeOperands> {
  readonly name: string;
  private readonly op: Pointwise;

  constructor(op: Pointwise) {
    this.op = op;
    this.name = `${op.name}Backward`;
  }
  variantOf(attrs: DerivativeOperands): Variant {
    let variant = this.op.variantOf(attrs);
    for (const i of attrs.wrt) {
      const gradient = variant.gradient(i);
      if (gradient === null) throw new ArgumentError(this.name, `there is no gradient of operand ${i}`);
      variant = gradient.variant;
    }
    return variant;
  }
  forward(inputs: readonly Tensor[], attrs: DerivativeOperands): Tensor {
    return runPointwise(this.variantOf(attrs), inputs, numbersOf(attrs));
  }
  call(inputs: readonly Tensor[], attrs: DerivativeOperands): readonly Tensor[] {
    return [applyVariant(this.variantOf(attrs), inputs, numbersOf(attrs))];
  }
  recorded(attrs: DerivativeOperands): Recorded {
    return { op: this.variantOf(attrs) as Op, attrs: { params: numbersOf(attrs) } };
  }
}

/** The in-place form of a pointwise op. */
export class Writing implements Op<Operands> {
  readonly name: string;
  readonly writes = [0];
  readonly elementwise = true;
  private readonly op: Pointwise;

  constructor(op: Pointwise) {
    this.op = op;
    this.name = `${op.name}_`;
  }
  forward(inputs: readonly Tensor[], attrs: Operands): Tensor {
    return runPointwise(this.op.variantOf(attrs), inputs, numbersOf(attrs), inputs[0]);
  }
  call(inputs: readonly Tensor[], attrs: Operands): readonly Tensor[] {
    return [writePointwise(this.op.variantOf(attrs), inputs, numbersOf(attrs))];
  }
  recorded(attrs: Operands): Recorded {
    const variant = this.op.variantOf(attrs);
    return {
      op: variant.inPlaceOp() as Op,
      attrs: { params: numbersOf(attrs) },
      readsTarget: (inputs) => variant.readsTarget(inputs),
    };
  }
}

/** Defines a pointwise op of `formula.length` operands. */
export const pointwise = (name: string, formula: (...operands: Expr[]) => Expr, rule: PointwiseRule = {}): Pointwise =>
  new Pointwise(name, formula.length, formula, rule);
