import { ArgumentError, isTensor, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { type Pulled, runForGradients } from "./reverse.ts";
import { type Like, rebuild, tensorsIn } from "./tree.ts";

export interface AuxOptions<Aux extends boolean = boolean> {
  /** Whether the function returns `[output, aux]`; `aux` is handed on and not differentiated. Default false. */
  readonly hasAux?: Aux | undefined;
}
export const auxKinds: Kinds<AuxOptions> = { hasAux: option.boolean };

/** Primals as a list: one that is no list stands for itself. */
export const listed = (primals: unknown): readonly unknown[] => (Array.isArray(primals) ? primals : [primals]);

/** What a function of primals is called with. */
export type Spread<P> = P extends readonly unknown[] ? P : [P];
/** The output of a function, and what came with it. */
export type OutputOf<R, Aux extends boolean> = Aux extends true
  ? R extends readonly [infer V, unknown]
    ? V
    : never
  : R;
export type AuxOf<R> = R extends readonly [unknown, infer X] ? X : never;

/** The cotangents of the outputs, in order. @throws ArgumentError for another structure than that of the output. */
export function cotangentsFor(op: string, run: Pulled, given: unknown): Tensor[] {
  const list = tensorsIn(op, "the cotangent", given);
  if (isTensor(given) !== isTensor(run.output) || list.length !== run.outputs.length)
    throw new ArgumentError(
      op,
      `the cotangent must have the structure of the output, ${describe(run.output, run.outputs.length)}, got ${describe(given, list.length)}`,
    );
  return list;
}
const describe = (x: unknown, count: number): string =>
  isTensor(x) ? "a tensor" : `${Array.isArray(x) ? "a list" : show(x)} of ${count} tensor${count === 1 ? "" : "s"}`;

/**
 * Runs `f(...primals)` and gives its output with the function that takes a cotangent of the output (a tensor, or the structure of several)
 * back to those of the primals: `v -> v^T J`. It may be called any number of times, also inside `vmap`.
 *
 * `primals` is one tensor or structure, or the list of the arguments of `f`; the gradients come likewise. With `hasAux`, `f` returns
 * `[output, aux]` and the result is `[output, pullback, aux]`.
 *
 * Shapes and dtypes: a cotangent has the shape of its output, a gradient that of its primal.
 *
 * @throws ArgumentError for a cotangent of another structure than the output; ShapeError for one of another shape.
 * @throws AutogradError when `f` changes a tensor from outside in place.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.func.vjp.html
 * @example
 * import { tensor, vjp } from "flambeau";
 * const [y, pullback] = vjp((x) => x.mul(x), tensor([1, 2, 3]));
 * y.tolist(); // [1, 4, 9]
 * pullback(tensor([1, 0, 1])).tolist(); // [2, 0, 6]
 */
export function vjp<P, R, Aux extends boolean = false>(
  f: (...primals: Spread<P>) => R,
  primals: P,
  options: AuxOptions<Aux> = {},
): Aux extends true
  ? [
      output: OutputOf<R, true>,
      pullback: (cotangent: Like<OutputOf<R, true>, Tensor>) => Like<P, Tensor>,
      aux: AuxOf<R>,
    ]
  : [output: R, pullback: (cotangent: Like<R, Tensor>) => Like<P, Tensor>] {
  checkOptions("vjp", auxKinds, options);
  const { hasAux = false } = options;
  const list = listed(primals);
  const run = runForGradients(
    "vjp",
    f as (...primals: never[]) => unknown,
    list,
    list.map((_, i) => i),
    hasAux,
  );
  const pullback = (cotangent: unknown) => {
    const found = run.pull(cotangentsFor("vjp", run, cotangent), true);
    return rebuild(primals, found);
  };
  // the structures are those of the arguments
  return (hasAux ? [run.output, pullback, run.aux] : [run.output, pullback]) as never;
}
