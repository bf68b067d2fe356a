import { AutogradError, keep, noGrad, Tensor, zeros } from "@flambeau/tensor/functional";
import { apply, context, type Op, type Result } from "@flambeau/tensor/plugin";

/**
 * What a custom {@link Function}'s forward leaves for its backward: tensors by `saveForBackward`, anything else in fields of its own.
 *
 * @throws AutogradError from the backward when a saved tensor was changed in place since, or was freed by a backward before.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.function.FunctionCtx.save_for_backward.html
 * @example
 * import { Function, type FunctionContext, type Tensor, tensor } from "flambeau";
 * class Scale extends Function {
 *   static forward(ctx: FunctionContext, x: Tensor, factor: number): Tensor {
 *     ctx.factor = factor;
 *     return x.mul(factor);
 *   }
 *   static backward(ctx: FunctionContext, grad: Tensor) {
 *     return [grad.mul(ctx.factor as number), null]; // one for each argument of apply
 *   }
 * }
 * const x = tensor(2, { requiresGrad: true });
 * Scale.apply(x, 3).backward();
 * x.grad?.item(); // 3
 */
export class FunctionContext {
  /** Whether the gradient of each argument (in the order of `apply`) is wanted. */
  needsInputGrad: readonly boolean[] = [];
  private toSave: readonly Tensor[] = [];
  private restored: readonly Tensor[] | null = null;
  private held: readonly Tensor[] = [];
  [field: string]: unknown;

  /** Keeps tensors (inputs or results) for backward; they are checked for in-place changes. */
  saveForBackward(...tensors: readonly Tensor[]): void {
    this.toSave = tensors;
  }
  /** What was saved. */
  get savedTensors(): readonly Tensor[] {
    return this.restored ?? this.toSave;
  }
  /** @internal */
  static saved(ctx: FunctionContext): readonly Tensor[] {
    return ctx.toSave;
  }
  /**
   * What forward made and saved, beside its results, lives on until backward is done with it.
   * @internal
   */
  static hold(ctx: FunctionContext, results: Tensor | readonly Tensor[]): void {
    const others = ctx.toSave.filter((t) => t.owner !== null && t.owner === context.scope && !among(results, t));
    ctx.held = others.map((t) => keep(t));
  }
  /** @internal */
  static letGo(ctx: FunctionContext): void {
    for (const t of ctx.held) t.dispose(); // a graph that goes on has the memory
    ctx.held = [];
  }
  /** @internal */
  static restore(ctx: FunctionContext, tensors: readonly Tensor[]): void {
    ctx.restored = tensors;
    ctx.toSave = [];
  }
  /** What forward left in fields of its own. @internal */
  static fields({ needsInputGrad: _, toSave: __, restored: ___, held: ____, ...fields }: FunctionContext): object {
    return fields;
  }
}

const among = (results: Tensor | readonly Tensor[], t: Tensor): boolean =>
  Array.isArray(results) ? results.includes(t) : results === t;

type Grads = Tensor | null | readonly (Tensor | null)[];

/** The static side of a custom function class. */
export interface FunctionClass<Args extends readonly unknown[], Out extends Tensor | readonly Tensor[]> {
  readonly name: string;
  /** Computes the result. Recording is off. */
  forward(ctx: FunctionContext, ...args: Args): Out;
  /** The gradients of the arguments, in their order, from those of the results; null for those without one. */
  backward(ctx: FunctionContext, ...grads: Tensor[]): Grads;
}

/** A call of a custom function: the attributes of its op. Each level of a transform makes it with a context of its own. */
export interface CustomCall {
  readonly ctx: FunctionContext;
  readonly forward: (ctx: FunctionContext, inputs: readonly Tensor[]) => Tensor | readonly Tensor[];
  /** A result that took no part has no gradient; user code is given zeros. */
  readonly backward: (
    ctx: FunctionContext,
    grads: readonly (Tensor | null)[],
    outputs: readonly Result[],
  ) => readonly (Tensor | null)[];
  /** Position among the arguments of each tensor. */
  readonly places: readonly number[];
  readonly arity: number;
}

const zerosOf = ({ backend, dtype, shape }: Result): Tensor =>
  noGrad(() => zeros(shape, { dtype, device: backend.name }));

const ops = new WeakMap<object, Op<CustomCall>>();
const opOf = (owner: { readonly name: string }): Op<CustomCall> => {
  let op = ops.get(owner);
  if (!op) {
    op = {
      name: owner.name,
      opaque: true,
      forward: (inputs, { ctx, forward }) => forward(ctx, inputs),
      save: (_, __, { ctx, places, arity }, needs) => {
        const wanted = new Array<boolean>(arity).fill(false);
        places.forEach((p, i) => {
          wanted[p] = needs[i];
        });
        ctx.needsInputGrad = wanted;
        return FunctionContext.saved(ctx);
      },
      vjp({ attrs: { ctx, backward, places }, saved, outputs }, grads) {
        FunctionContext.restore(ctx, saved);
        try {
          const list = backward(ctx, grads, outputs);
          return places.map((p) => list[p] ?? null);
        } finally {
          FunctionContext.letGo(ctx);
        }
      },
    };
    ops.set(owner, op);
  }
  return op;
};

/** What a backward gave, one for each argument. @throws AutogradError for another number. */
function checked(name: string, given: Grads, arity: number): readonly (Tensor | null)[] {
  const list = Array.isArray(given) ? given : [given as Tensor | null];
  if (list.length !== arity)
    throw new AutogradError(
      `${name}.backward returned ${list.length} gradients for ${arity} arguments`,
      "return one per argument of apply, null for those without gradient",
    );
  return list;
}

/**
 * A custom differentiable operation: a class with static `forward` and `backward`, called through `apply`. The backward is
 * differentiated in turn when it is written in differentiable operations.
 *
 * @throws AutogradError when backward returns another number of gradients than apply got arguments, or one whose shape does not fit its
 * argument.
 * @see https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.Function
 * @example
 * import { Function, type FunctionContext, type Tensor, tensor } from "flambeau";
 * class Cube extends Function {
 *   static forward(ctx: FunctionContext, x: Tensor): Tensor {
 *     ctx.saveForBackward(x);
 *     return x.mul(x).mul(x);
 *   }
 *   static backward(ctx: FunctionContext, grad: Tensor): Tensor {
 *     const [x] = ctx.savedTensors;
 *     return grad.mul(x.mul(x).mul(3));
 *   }
 * }
 * const x = tensor(2, { requiresGrad: true });
 * Cube.apply(x).backward();
 * console.log(x.grad?.item()); // 12
 */
export abstract class Function {
  /** Runs `forward` and records the call. Arguments that are no tensors are handed over as they are. */
  static apply<Args extends readonly unknown[], Out extends Tensor | readonly Tensor[]>(
    this: FunctionClass<Args, Out>,
    ...args: Args
  ): Out {
    const ctx = new FunctionContext();
    const places = args.flatMap((a, i) => (a instanceof Tensor ? [i] : []));
    const inputs = places.map((p) => args[p] as Tensor); // places holds those that are
    const call: CustomCall = {
      ctx,
      places,
      arity: args.length,
      forward: (own, tensors) => {
        const given = [...args];
        places.forEach((p, i) => {
          given[p] = tensors[i];
        });
        const out = this.forward(own, ...(given as unknown as Args)); // tensors where tensors were
        FunctionContext.hold(own, out);
        return out;
      },
      backward: (own, grads, outputs) =>
        checked(this.name, this.backward(own, ...grads.map((g, i) => g ?? zerosOf(outputs[i]))), args.length),
    };
    return apply(opOf(this), inputs, call) as Out; // forward's own result
  }
}
