import { compileProgram, type Program } from "../contract/program.ts";
import type { View } from "../contract/view.ts";
import { context } from "../core/context.ts";
import { dtypes as allDTypes, type DType, dtypeCode, dtypeKey, isHalf, kindOf, scalarType } from "../core/dtype.ts";
import { AutogradError, DTypeError, ShapeError, showShape } from "../core/errors.ts";
import { boolean, callback, either, type Kinds, oneOf, string } from "../core/options.ts";
import { empty, emptyLike, type Tensor } from "../core/tensor.ts";
import { cast, type Expr, input, type ScalarType } from "../expr/expr.ts";
import { collectInputs, inputsOf, renumber, substitute } from "../expr/rewrite.ts";
import { canCast, floatType, resultType } from "../layout/promotion.ts";
import { broadcastShapes, sameShape } from "../layout/shapes.ts";
import { broadcastView } from "../layout/windows.ts";
import { runMap } from "../lower/machine.ts";
import { freshCopy } from "../lower/move.ts";
import { widened } from "./convert.ts";
import { derivatives, records, tracer } from "./interpreter.ts";
import type { Op, VjpContext } from "./op.ts";
import { interpret } from "./stack.ts";
import { together } from "./together.ts";
import { applyInPlace } from "./write.ts";

/** Which dtypes a pointwise op computes in and returns, from the promoted dtype of its operands. */
export type Category =
  // computes in and returns the promoted dtype
  | "promote"
  // integers become the default floating dtype first
  | "float"
  // compares in the promoted dtype, returns bool
  | "compare"
  // looks at each operand as a truth value, returns bool
  | "logical";

export interface PointwiseRule {
  /** The name in error messages, where several ops are parts of one function. Default: the op's. */
  readonly title?: string | undefined;
  readonly category?: Category | undefined;
  /** Dtypes that have no meaning for the op (`"bool"` for neg, floats for bit operations). */
  readonly refuses?: ((dtype: DType) => boolean) | undefined;
  /** Gradient expressions where the derived ones would be slower or less stable: cotangent, operands and result to gradients. */
  readonly grad?: ((g: Expr, operands: readonly Expr[], out: Expr) => readonly (Expr | null)[]) | undefined;
  /** False for ops whose results do not depend on their inputs as gradients go; "refused" for those that do, but have no gradient: backward throws. */
  readonly differentiable?: boolean | "refused" | undefined;
}
export const ruleKinds: Kinds<PointwiseRule> = {
  title: string,
  category: oneOf("promote", "float", "compare", "logical"),
  refuses: callback,
  grad: callback,
  differentiable: either(boolean, oneOf("refused")),
};

/** A tensor or a plain number; numbers are run-time parameters, never part of compiled code. Bigints are exact in int64. */
export type Operand = Tensor | number | bigint;

interface Params {
  readonly params: readonly number[];
  /** In place: the target's value before the write, where a gradient reads it. */
  readonly before?: Tensor;
}

const noTensors: readonly Tensor[] = [];

/** What a pointwise call is made with, as data: `"#"` where the next input stands, and the numbers. */
export interface Operands {
  readonly operands: readonly ("#" | number)[];
}
/** {@link Operands} of a gradient kernel: whose gradient of which operand it is, from the op itself down. */
export interface DerivativeOperands extends Operands {
  readonly wrt: readonly number[];
}

/** Of a pointwise op that which its variants know: the records that interpreters are shown. */
export interface Root extends Op<Operands> {
  readonly count: number;
  readonly rule: PointwiseRule;
  readonly derivative: Op<DerivativeOperands>;
  readonly inPlace: Op<Operands>;
}

export type Gradients = (g: Expr, out: Expr) => readonly (Expr | null)[];

/** Where an input of a gradient kernel comes from: an operand tensor, the result, or the cotangent. */
type Source = number | "out" | "g";

/** How one operand's gradient is computed. */
interface Gradient {
  readonly variant: Variant;
  readonly sources: readonly Source[];
}

/** A pointwise op for one pattern of tensors and numbers. It is the op record that the tracer sees. */
export class Variant implements Op<Params> {
  readonly root: Root;
  /** The pattern of the root's operands. */
  readonly mask: number;
  /** Empty for the op itself; for a gradient kernel, whose gradient it is, from the op down. */
  readonly wrt: readonly number[];
  readonly name: string;
  readonly expr: Expr;
  /** The name in error messages. */
  readonly title: string;
  readonly tensors: number;
  readonly params: number;
  readonly rule: PointwiseRule;
  readonly vjp: ((ctx: VjpContext<Params>, grads: readonly (Tensor | null)[]) => (Tensor | null)[]) | undefined;
  private readonly category: Category;
  private readonly programs = new Map<number, Program>();
  /** Those whose operands all have the dtype of that code, which needs no key. */
  private readonly alike: (Program | null)[] = allDTypes.map(() => null); // dense: engines read arrays with holes slowly
  private readonly buildGradients: Gradients | null;
  private gradients: (Gradient | null)[] | null = null;

  constructor(
    root: Root,
    mask: number,
    wrt: readonly number[],
    name: string,
    expr: Expr,
    tensors: number,
    params: number,
    gradients: Gradients | null,
  ) {
    const rule: PointwiseRule = wrt.length > 0 ? {} : root.rule;
    this.root = root;
    this.mask = mask;
    this.wrt = wrt;
    this.name = name;
    this.title = rule.title ?? name;
    this.expr = expr;
    this.tensors = tensors;
    this.params = params;
    this.rule = rule;
    this.category = rule.category ?? "promote";
    this.buildGradients = gradients;
    const recorded = gradients !== null && this.category !== "compare" && this.category !== "logical";
    this.vjp = recorded
      ? (ctx, grads) => this.backward(ctx, grads)
      : rule.differentiable === "refused"
        ? () => {
            throw new AutogradError(`${this.title}: there is no gradient of it`);
          }
        : undefined;
  }

  /** {@link program} for operands that all are of dtype `common`. */
  programAlike(tensors: readonly Tensor[], common: DType): Program {
    const code = dtypeCode(common);
    return this.alike[code] ?? (this.alike[code] = this.program(tensors, common));
  }

  /** The computation for these operand dtypes, when they promote to `common`. */
  program(dtypes: readonly Tensor[], common: DType): Program {
    let key = dtypeKey(0, common);
    for (let i = 0; i < dtypes.length; i++) key = dtypeKey(key, dtypes[i].dtype);
    const found = this.programs.get(key);
    if (found !== undefined) return found;
    if (this.rule.refuses?.(common)) throw new DTypeError(this.title, `is not defined for ${common} tensors`);
    const made = this.typed(
      dtypes.map((t) => t.dtype),
      common,
    );
    this.programs.set(key, made);
    return made;
  }

  private typed(inputs: readonly DType[], common: DType): Program {
    let compute: ScalarType = scalarType(common);
    let output = common;
    if (this.category === "float") compute = scalarType((output = floatType(common)));
    else if (this.category === "compare" || this.category === "logical") output = "bool";
    return compileProgram(this.expr, inputs, this.params, compute, output);
  }

  /** {@link program} with the result stored as another dtype of the same or a higher kind. */
  inPlaceProgram(tensors: readonly Tensor[], common: DType, target: DType): Program {
    let key = dtypeKey(dtypeKey(0, common), target);
    for (let i = 0; i < tensors.length; i++) key = dtypeKey(key, tensors[i].dtype);
    let made = this.programs.get(-key);
    if (made === undefined) {
      const direct = this.program(tensors, common);
      const type = scalarType(direct.output);
      made = compileProgram(cast(this.expr, type), direct.inputs, this.params, scalarType(common), target);
      this.programs.set(-key, made);
    }
    return made;
  }

  forward(inputs: readonly Tensor[], attrs: Params): Tensor {
    return runPointwise(this, inputs, attrs.params);
  }

  private writing: Op<Params> | null = null;
  /** What the graph gets of a call of {@link Writing}. */
  inPlaceOp(): Op<Params> {
    return (this.writing ??= {
      name: `${this.title}_`,
      elementwise: true,
      forward: (inputs, attrs) => runPointwise(this, inputs, attrs.params, inputs[0]),
      save: (inputs, outputs, attrs, needs) =>
        this.save(attrs.before ? [attrs.before, ...inputs.slice(1)] : inputs, outputs, attrs, needs),
      ...(this.vjp ? { vjp: this.vjp } : {}),
    });
  }
  /** Whether a gradient wanted of these operands reads the first one, which the in-place form overwrites. */
  readsTarget(tensors: readonly Tensor[]): boolean {
    if (this.vjp === undefined || !records(tensors)) return false;
    const needs = tensors.map((t) => t.requiresGrad);
    return this.saves(needs, isHalf(tensors[0].dtype)).includes(0); // the result has the target's dtype
  }

  gradient(i: number): Gradient | null {
    if (this.buildGradients === null) return null;
    this.gradients ??= this.deriveAll();
    return this.gradients[i];
  }

  private deriveAll(): (Gradient | null)[] {
    // while deriving, the result and the cotangent are further inputs behind the operands
    const out = input(this.tensors);
    const g = input(this.tensors + 1);
    return (this.buildGradients as Gradients)(g, out).map((raw, i) => {
      if (raw === null) return null;
      // a derivative that mentions the whole formula reads the saved result instead of computing it again
      const e = substitute(raw, this.expr, out);
      const used = inputsOf(e);
      if (used.size === 0) used.add(this.tensors + 1); // a constant: the cotangent lends its shape
      const sources: Source[] = [];
      const numbering = new Map<number, number>();
      for (let k = 0; k < this.tensors + 2; k++) {
        if (!used.has(k)) continue;
        numbering.set(k, sources.length);
        sources.push(k < this.tensors ? k : k === this.tensors ? "out" : "g");
      }
      const renumbered = renumber(e, numbering);
      const tensors: Expr[] = [];
      collectInputs(renumbered, tensors);
      const gradients: Gradients = (g2) => {
        const found = derivatives(renumbered, g2, tensors);
        return sources.map((_, k) => found[tensors.findIndex((t) => t.value === k)] ?? null);
      };
      const name = `${this.name}Backward${i}`;
      const wrt = [...this.wrt, i];
      const variant = new Variant(this.root, this.mask, wrt, name, renumbered, sources.length, this.params, gradients);
      return { variant, sources };
    });
  }

  /**
   * What the gradients of the wanted operands read, each once. A result that is a half float is rounded: what reads it computes it again
   * from the operands, in float32.
   */
  save(inputs: readonly Tensor[], outputs: readonly Tensor[], _: Params, needs: readonly boolean[]): readonly Tensor[] {
    const list = this.saves(needs, isHalf(outputs[0].dtype));
    if (list.length === 0) return noTensors;
    const saved: Tensor[] = [];
    for (let k = 0; k < list.length; k++) {
      const source = list[k];
      saved.push(source === "out" ? outputs[0] : inputs[source as number]); // "g" is never in the list
    }
    return saved;
  }

  private saveLists: (readonly Source[] | null)[] = [];
  private saves(needs: readonly boolean[], half: boolean): readonly Source[] {
    if (this.saveLists.length === 0) this.saveLists = Array.from({ length: 2 << this.tensors }, () => null);
    let mask = Number(half);
    for (let i = 0; i < needs.length; i++) if (needs[i]) mask |= 2 << i;
    let list = this.saveLists[mask];
    if (list === null) {
      const found = new Set<Source>();
      for (let i = 0; i < needs.length; i++)
        if (needs[i]) for (const s of this.gradient(i)?.sources ?? []) if (s !== "g") found.add(s);
      if (half && found.delete("out")) for (let i = 0; i < this.tensors; i++) found.add(i);
      this.saveLists[mask] = list = [...found];
    }
    return list;
  }

  private backward(ctx: VjpContext<Params>, grads: readonly (Tensor | null)[]): (Tensor | null)[] {
    const g = grads[0] as Tensor; // a pointwise op has one result, and backward runs only when it took part
    if (isHalf(ctx.outputs[0].dtype)) return this.backwardHalf(ctx, g);
    const saves = this.saves(ctx.needs, false);
    return ctx.needs.map((needed, i) => {
      const gradient = needed ? this.gradient(i) : null;
      if (gradient === null) return null;
      const { variant, sources } = gradient;
      if (variant.expr.op === "input" && sources[0] === "g") return g;
      const operands = sources.map((s) => (s === "g" ? g : ctx.saved[saves.indexOf(s)]));
      return applyVariant(variant, operands, ctx.attrs.params);
    });
  }

  /** The same where the result was rounded: it is computed again in float32, as are the terms of sums over what was broadcast. */
  private backwardHalf(ctx: VjpContext<Params>, g: Tensor): (Tensor | null)[] {
    const saves = this.saves(ctx.needs, true);
    const saved = (s: Source): Tensor => ctx.saved[saves.indexOf(s)];
    let wide: Tensor | null = null;
    let result: Tensor | null = null;
    return ctx.needs.map((needed, i) => {
      const gradient = needed ? this.gradient(i) : null;
      if (gradient === null) return null;
      const { variant, sources } = gradient;
      if (variant.expr.op === "input" && sources[0] === "g") return g;
      const operands = sources.map((s) => {
        if (s === "g") return sameShape(ctx.shapes[i], g.shape) ? g : (wide ??= widened(g));
        if (s !== "out") return saved(s);
        const again = Array.from({ length: this.tensors }, (_, k) => widened(saved(k)));
        return (result ??= applyVariant(this, again, ctx.attrs.params));
      });
      return applyVariant(variant, operands, ctx.attrs.params);
    });
  }
}

/** Computes a variant into a new tensor, or into `target`. */
export function runPointwise(
  v: Variant,
  tensors: readonly Tensor[],
  params: readonly number[],
  target?: Tensor,
): Tensor {
  const first = tensors[0];
  let shape = first.shape;
  let flat = first.rowMajor;
  let common = first.dtype;
  let mixed = params.length > 0 && kindOf(common) !== "float";
  let broadcast = false;
  for (let i = 1; i < tensors.length; i++) {
    const t = tensors[i];
    if (t.storage.backend !== first.storage.backend) return runPointwise(v, together(v.title, tensors), params, target);
    if (t.dtype !== common) mixed = true;
    if (!sameShape(t.shape, shape)) {
      shape = broadcastShapes(v.title, shape, t.shape);
      broadcast = true;
    } else flat = flat && t.rowMajor;
  }
  let program: Program;
  if (mixed) {
    common = resultType(tensors, params);
    program = v.program(tensors, common);
  } else program = v.programAlike(tensors, common);
  if (target !== undefined) program = inPlace(v, tensors, common, program, shape, target);
  const out =
    target ??
    (shape === first.shape ? emptyLike(first, program.output) : empty(first.storage.backend, program.output, shape));
  try {
    if (broadcast) runMap(program, broadcastViews(tensors, shape), params, out, false);
    else runMap(program, tensors, params, out, flat && out.rowMajor);
  } catch (error) {
    if (target === undefined) out.dispose();
    throw error;
  }
  return out;
}

const broadcastViews = (tensors: readonly Tensor[], shape: readonly number[]): View[] =>
  tensors.map((t) => broadcastView(t, shape));

/** The program that writes the result into `target`. */
function inPlace(
  v: Variant,
  tensors: readonly Tensor[],
  common: DType,
  program: Program,
  shape: readonly number[],
  target: Tensor,
): Program {
  if (!sameShape(shape, target.shape))
    throw new ShapeError(
      v.title,
      `the result has shape ${showShape(shape)}, which does not fit in place into ${showShape(target.shape)}`,
      [shape, target.shape],
    );
  if (!canCast(program.output, target.dtype))
    throw new DTypeError(
      v.title,
      `a ${program.output} result cannot be written in place into a ${target.dtype} tensor`,
    );
  return program.output === target.dtype ? program : v.inPlaceProgram(tensors, common, target.dtype);
}

/** Runs a variant on its tensors through the door: `apply`, spelled out because this is the hottest path there is. */
export function applyVariant(v: Variant, tensors: readonly Tensor[], params: readonly number[]): Tensor {
  if (context.stack !== null) return interpretVariant(v, tensors, params);
  const out = runPointwise(v, tensors, params);
  const recorder = tracer();
  if (recorder !== null && v.vjp !== undefined && records(tensors)) recorder.record(v, tensors, { params }, [out]);
  return out;
}

/** A call as interpreters see it: by the op's name, its numbers in their places. */
function interpretVariant(v: Variant, tensors: readonly Tensor[], params: readonly number[]): Tensor {
  const operands = operandsOf(v, params);
  const [out] =
    v.wrt.length > 0
      ? interpret(v.root.derivative, tensors, { operands, wrt: v.wrt }, callItself)
      : interpret<Operands>(v.root, tensors, { operands }, callItself);
  return out;
}
const callItself = <A extends object>(op: Op<A>, inputs: readonly Tensor[], attrs: A): readonly Tensor[] =>
  (op.call as NonNullable<Op<A>["call"]>).call(op, inputs, attrs); // each op here has one

function operandsOf(v: Variant, params: readonly number[]): ("#" | number)[] {
  const operands: ("#" | number)[] = [];
  for (let i = 0, next = 0; i < v.root.count; i++) operands.push(v.mask & (1 << i) ? "#" : params[next++]);
  return operands;
}

/** Computes a variant into its first operand. */
export function writePointwise(v: Variant, tensors: readonly Tensor[], params: readonly number[]): Tensor {
  const target = tensors[0];
  if (context.stack !== null)
    return interpret<Operands>(v.root.inPlace, tensors, { operands: operandsOf(v, params) }, callItself)[0];
  const op = v.inPlaceOp();
  if (!v.readsTarget(tensors)) return applyInPlace(op, target, tensors, { params });
  const before = freshCopy(target);
  before.gradFn = target.gradFn;
  before.outputIndex = target.outputIndex;
  try {
    return applyInPlace(op, target, tensors, { params, before });
  } finally {
    before.dispose(); // the graph has saved it
  }
}
