import { onesLike, type Tensor } from "@flambeau/tensor/functional";
import { checkFunction, checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { type Argnums, argnumsKind, positionsOf } from "./arguments.ts";
import { freeing } from "./freeing.ts";
import { runForGradients, scalarOf } from "./reverse.ts";
import { type Like, rebuild, tensorsIn } from "./tree.ts";

export interface GradFunctionOptions<N extends Argnums = Argnums, Aux extends boolean = boolean> {
  /** The arguments whose gradients are wanted: a position, or several for a list of gradients. Default 0. */
  readonly argnums?: N | undefined;
  /** Whether the function returns `[output, aux]`; `aux` is handed on and has no part in the gradient. Default false. */
  readonly hasAux?: Aux | undefined;
}
export const gradFunctionKinds: Kinds<GradFunctionOptions> = { argnums: argnumsKind, hasAux: option.boolean };

/** The gradients of the arguments named by `argnums`: in the structure of the one, or a list. */
export type GradientsOf<A extends readonly unknown[], N extends Argnums> = N extends number
  ? N extends keyof A
    ? Like<A[N], Tensor>
    : Like<A[number], Tensor>
  : { readonly [K in keyof N]: N[K] extends keyof A ? Like<A[N[K]], Tensor> : Like<A[number], Tensor> };

/** What `grad(f)` gives: the gradient function. */
export type GradFunction<A extends readonly unknown[], N extends Argnums, Aux extends boolean, R> = (
  ...args: A
) => Aux extends true
  ? [gradients: GradientsOf<A, N>, aux: R extends readonly [unknown, infer X] ? X : never]
  : GradientsOf<A, N>;

interface Evaluated {
  readonly gradients: unknown;
  readonly value: Tensor;
  readonly aux: unknown;
}

function evaluate(
  op: string,
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  argnums: Argnums,
  hasAux: boolean,
): Evaluated {
  const at = positionsOf(op, argnums, args.length);
  const run = runForGradients(op, f, args, at, hasAux);
  const value = scalarOf(op, run.outputs);
  const found = run.pull([onesLike(value)], false);
  let next = 0;
  const gradients = at
    .slice()
    .sort((a, b) => a - b)
    .map((i) => {
      const count = tensorsIn(op, `argument ${i + 1}`, args[i]).length;
      const own = found.slice(next, (next += count));
      return [i, rebuild(args[i], own)] as const;
    });
  const of = (i: number) => gradients.find(([k]) => k === i)?.[1];
  return { gradients: typeof argnums === "number" ? of(at[0]) : at.map(of), value, aux: run.aux };
}

/** `grad` of a function (../grad.ts has its words). */
export function gradOf(
  f: (...args: never[]) => unknown,
  options: GradFunctionOptions = {},
): (...args: never[]) => unknown {
  checkOptions("grad", gradFunctionKinds, options);
  checkFunction("grad", "f", f);
  const { argnums = 0, hasAux = false } = options;
  return (...args) =>
    freeing(() => {
      const { gradients, aux } = evaluate("grad", f, args, argnums, hasAux);
      return hasAux ? [gradients, aux] : gradients;
    });
}

/** What {@link gradAndValue} gives. */
export type GradAndValueFunction<A extends readonly unknown[], N extends Argnums, Aux extends boolean, R> = (
  ...args: A
) => [
  gradients: GradientsOf<A, N>,
  value: Aux extends true ? (R extends readonly [infer V, infer X] ? [V, X] : never) : R,
];

/**
 * The function that gives the gradient of the scalar function `f` together with its value: `[df/dx, f(x)]`; with `hasAux`,
 * `[df/dx, [f(x), aux]]`. See {@link grad} of a function.
 *
 * Shapes and dtypes: a gradient has those of its argument, which may be a structure of tensors.
 *
 * @throws AutogradError when `f` returns no scalar, or changes a tensor from outside in place.
 * @throws ArgumentError for `argnums` that name no argument, or an argument that holds something else than tensors.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.func.grad_and_value.html
 * @example
 * import { gradAndValue, type Tensor, tensor } from "flambeau";
 * const [slope, value] = gradAndValue((x: Tensor) => x.pow(3).sum())(tensor([1, 2]));
 * slope.tolist(); // [3, 12]
 * value.item(); // 9
 */
export function gradAndValue<A extends readonly unknown[], R, const N extends Argnums = 0, Aux extends boolean = false>(
  f: (...args: A) => R,
  options: GradFunctionOptions<N, Aux> = {},
): GradAndValueFunction<A, N, Aux, R> {
  checkOptions("gradAndValue", gradFunctionKinds, options);
  checkFunction("gradAndValue", "f", f);
  const { argnums = 0, hasAux = false } = options;
  const made = (...args: A) =>
    freeing(() => {
      const { gradients, value, aux } = evaluate("gradAndValue", f, args, argnums, hasAux);
      return [gradients, hasAux ? [value, aux] : value];
    });
  return made as GradAndValueFunction<A, N, Aux, R>; // the structure is that of the arguments
}
