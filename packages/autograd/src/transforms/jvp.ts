import {
  ArgumentError,
  DTypeError,
  isFloat,
  onesLike,
  ShapeError,
  type Tensor,
  zerosLike,
} from "@flambeau/tensor/functional";
import {
  checkFunction,
  checkOptions,
  checkSameDevice,
  hasStorage,
  sameShape,
  showShape,
} from "@flambeau/tensor/plugin";
import { gradients } from "../gradients.ts";
import { DualLevel } from "./dual-level.ts";
import { freeing } from "./freeing.ts";
import { GradLevel } from "./grad-level.ts";
import { runForGradients, splitAux } from "./reverse.ts";
import { type Like, mapTree, rebuild, tensorsIn } from "./tree.ts";
import { type AuxOf, type AuxOptions, auxKinds, listed, type OutputOf, type Spread } from "./vjp.ts";

/** The tangents of `primals`, in order. @throws ArgumentError, ShapeError, DTypeError for what is no direction in their space. */
export function directions(op: string, primals: readonly unknown[], tangents: unknown): Tensor[] {
  const values = tensorsIn(op, "the primals", primals);
  const list = tensorsIn(op, "the tangents", listed(tangents));
  if (list.length !== values.length)
    throw new ArgumentError(op, `there must be one tangent for each primal, got ${list.length} for ${values.length}`);
  list.forEach((t, i) => {
    const x = values[i];
    if (!isFloat(x.dtype))
      throw new DTypeError(op, `primal ${i + 1} is ${x.dtype}: only floating-point tensors have tangents`);
    if (!sameShape(t.shape, x.shape))
      throw new ShapeError(op, `tangent ${i + 1} has shape ${showShape(t.shape)}, its primal ${showShape(x.shape)}`, [
        t.shape,
        x.shape,
      ]);
    if (t.dtype !== x.dtype) throw new DTypeError(op, `tangent ${i + 1} is ${t.dtype}, its primal ${x.dtype}`);
    checkSameDevice(op, x, t);
  });
  return list;
}

/**
 * Runs `f(...primals)` in forward mode: its output with the output's derivative along `tangents`, `J v`, in one pass and without a graph.
 *
 * `primals` is one tensor or structure, or the list of the arguments of `f`; `tangents` has the same structure. With `hasAux`, `f` returns
 * `[output, aux]` and the result is `[output, tangent, aux]`. An op without a rule of its own for tangents uses its gradient rule twice.
 *
 * Shapes and dtypes: a tangent has those of its primal, and the output's those of the output.
 *
 * @throws ArgumentError, ShapeError, DTypeError when the tangents do not fit the primals.
 * @throws AutogradError when `f` changes a tensor from outside in place.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.func.jvp.html
 * @example
 * import { jvp, type Tensor, tensor } from "flambeau";
 * const [y, dy] = jvp((x: Tensor) => x.mul(x), tensor([1, 2]), tensor([1, 0.5]));
 * y.tolist(); // [1, 4]
 * dy.tolist(); // [2, 2]
 */
export function jvp<P, R, Aux extends boolean = false>(
  f: (...primals: Spread<P>) => R,
  primals: P,
  tangents: Like<P, Tensor>,
  options: AuxOptions<Aux> = {},
): Aux extends true
  ? [output: OutputOf<R, true>, tangent: Like<OutputOf<R, true>, Tensor>, aux: AuxOf<R>]
  : [output: R, tangent: Like<R, Tensor>] {
  checkOptions("jvp", auxKinds, options);
  checkFunction("jvp", "f", f);
  const { hasAux = false } = options;
  const list = listed(primals);
  const along = directions("jvp", list, tangents);
  // the structures are those of the arguments and of the output
  return freeing(() => {
    const level = new DualLevel();
    let next = 0;
    const duals = list.map((primal) => mapTree(primal, (leaf) => level.dual(leaf as Tensor, along[next++])));
    const [inside, aux] = level.run(() => splitAux("jvp", f(...(duals as Spread<P>)), hasAux));
    const results = tensorsIn("jvp", "what the function returns", inside).map((t) => level.out(t));
    const output = rebuild(
      inside,
      results.map(([value]) => value),
    );
    const tangent = rebuild(
      inside,
      results.map(([value, moved]) => moved ?? zerosLike(value)),
    );
    return hasAux
      ? [output, tangent, mapTree(aux, (leaf) => (hasStorage(leaf) ? level.out(leaf)[0] : leaf))]
      : [output, tangent];
  }) as never;
}

/**
 * Runs `f(...primals)` once and gives its output with the linear function `v -> J v` at that place, which may be called any number of times
 * without running `f` again.
 *
 * Structures and shapes as of {@link jvp}.
 *
 * @throws ArgumentError, ShapeError, DTypeError when tangents do not fit the primals.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.func.linearize.html
 * @example
 * import { linearize, type Tensor, tensor } from "flambeau";
 * const [y, push] = linearize((x: Tensor) => x.pow(3), tensor([1, 2]));
 * y.tolist(); // [1, 8]
 * push(tensor([1, 1])).tolist(); // [3, 12]
 */
export function linearize<P, R>(
  f: (...primals: Spread<P>) => R,
  primals: P,
): [output: R, push: (tangents: Like<P, Tensor>) => Like<R, Tensor>] {
  const list = listed(primals);
  const everywhere = list.map((_, i) => i);
  const run = runForGradients("linearize", f as (...primals: never[]) => unknown, list, everywhere, false);
  // the graph of the gradients, as a function of the cotangents that they are linear in
  const level = new GradLevel("linearize");
  const leaves = run.outputs.map((t) => (isFloat(t.dtype) ? level.leaf(onesLike(t)) : null));
  const pulled = level.run(() => run.pull(leaves, true));
  const push = (tangents: unknown): unknown => {
    const along = directions("linearize", list, tangents);
    const at = pulled.flatMap((g, i) => (g.requiresGrad ? [i] : []));
    const wanted = leaves.filter((t) => t !== null);
    const found =
      at.length === 0 || wanted.length === 0
        ? wanted.map(() => null)
        : level.walk((createGraph) =>
            gradients(
              at.map((i) => pulled[i]),
              wanted,
              {
                gradOutputs: at.map((i) => level.observe(along[i])),
                retainGraph: true,
                createGraph,
                allowUnused: true,
              },
            ),
          );
    return rebuild(
      run.output,
      run.outputs.map((out, i) => {
        const leaf = leaves[i];
        const g = leaf === null ? null : found[wanted.indexOf(leaf)];
        return g ? level.out(g) : zerosLike(out);
      }),
    );
  };
  return [run.output, push] as never; // the structures are those of the arguments and of the output
}
