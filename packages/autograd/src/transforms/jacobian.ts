import { ArgumentError, eye, isTensor, movedim, reshape, slice, type Tensor, zeros } from "@flambeau/tensor/functional";
import { checkFunction, checkInteger, checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { type Argnums, argnumsKind, positionsOf } from "./arguments.ts";
import type { Randomness } from "./batch-level.ts";
import { freeing } from "./freeing.ts";
import { jvp } from "./jvp.ts";
import { runForGradients, splitAux } from "./reverse.ts";
import { type Like, mapTree, tensorsIn } from "./tree.ts";
import type { AuxOf, OutputOf } from "./vjp.ts";
import { vmap } from "./vmap.ts";

export interface JacobianOptions<N extends Argnums = Argnums, Aux extends boolean = boolean> {
  /** The arguments that are differentiated: a position, or several for a list of Jacobians. Default 0. */
  readonly argnums?: N | undefined;
  /** Whether the function returns `[output, aux]`; the result is `[jacobian, aux]` then. Default false. */
  readonly hasAux?: Aux | undefined;
  /** At most so many rows (`jacrev`) or columns (`jacfwd`) at a time, to bound memory. Default: all at once. */
  readonly chunkSize?: number | null | undefined;
  /** What random draws do in `jacfwd`, which runs the function for a batch of directions. Default "error". */
  readonly randomness?: Randomness | undefined;
}
const kinds: Kinds<JacobianOptions> = {
  argnums: argnumsKind,
  hasAux: option.boolean,
  chunkSize: option.orNull(option.number),
  randomness: option.oneOf("error", "same", "different"),
};

/** The Jacobian of an output of structure R: for each of its tensors, one for each tensor of the arguments. */
export type JacobianOf<A extends readonly unknown[], R, N extends Argnums> = Like<
  R,
  N extends number
    ? N extends keyof A
      ? Like<A[N], Tensor>
      : Like<A[number], Tensor>
    : { readonly [K in keyof N]: N[K] extends keyof A ? Like<A[N[K]], Tensor> : Like<A[number], Tensor> }
>;
/** What `jacrev(f)` and `jacfwd(f)` give. */
export type JacobianFunction<A extends readonly unknown[], R, N extends Argnums, Aux extends boolean> = (
  ...args: A
) => Aux extends true ? [jacobian: JacobianOf<A, OutputOf<R, true>, N>, aux: AuxOf<R>] : JacobianOf<A, R, N>;

type Anything = (...args: never[]) => unknown;

function read(op: string, f: unknown, options: JacobianOptions): Required<JacobianOptions> {
  checkOptions(op, kinds, options);
  checkFunction(op, "f", f);
  const { argnums = 0, hasAux = false, chunkSize = null, randomness = "error" } = options;
  if (chunkSize !== null) checkInteger(op, "chunkSize", chunkSize, 1);
  return { argnums, hasAux, chunkSize, randomness };
}

const sizeOf = (tensors: readonly Tensor[]): number => tensors.reduce((n, t) => n + t.size, 0);

/** One direction for each element of the tensors, as a batch: zeros, and a one at the element. */
function unitDirections(tensors: readonly Tensor[]): Tensor[] {
  const total = sizeOf(tensors);
  let at = 0;
  return tensors.map((t) => {
    const unit = slice(eye(total, { dtype: t.dtype, device: t.device }), 1, at, at + t.size);
    at += t.size;
    return reshape(unit, [total, ...t.shape]);
  });
}

/** The rows of each of `tensors` in a batch of rows for all of their elements. */
function split(batch: Tensor, tensors: readonly Tensor[]): Tensor[] {
  let at = 0;
  return tensors.map((t) => slice(batch, 0, at, (at += t.size)));
}

/** For each tensor of the output, the structure of the arguments that are differentiated. */
function assemble(
  output: unknown,
  args: readonly unknown[],
  argnums: Argnums,
  at: readonly number[],
  jacobian: (out: number, input: number) => Tensor,
): unknown {
  let k = 0;
  return mapTree(output, () => {
    const out = k++;
    let input = 0;
    // the inputs are numbered in the order of `at`
    const parts = at.map((i) => mapTree(args[i], () => jacobian(out, input++)));
    return typeof argnums === "number" ? parts[0] : parts;
  });
}

/**
 * The function that gives the Jacobian of `f` by reverse mode: `J[i, j] = df_i/dx_j`, one row for each element of the output, all rows in one
 * batched pass. For functions with fewer outputs than inputs; {@link jacfwd} is for the others.
 *
 * Shapes: an output [...out] and an argument [...in] give [...out, ...in]; structures of tensors give structures of Jacobians. Dtype: that of
 * the argument.
 *
 * @throws ArgumentError for `argnums` that name no argument, or for what holds something else than tensors.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.func.jacrev.html
 * @example
 * import { jacrev, type Tensor, tensor } from "flambeau";
 * jacrev((x: Tensor) => x.pow(2))(tensor([1, 2])).tolist(); // [[2, 0], [0, 4]]
 */
export function jacrev<A extends readonly unknown[], R, const N extends Argnums = 0, Aux extends boolean = false>(
  f: (...args: A) => R,
  options: JacobianOptions<N, Aux> = {},
): JacobianFunction<A, R, N, Aux> {
  const { argnums, hasAux, chunkSize } = read("jacrev", f, options);
  const made = (...args: unknown[]): unknown => {
    const at = positionsOf("jacrev", argnums, args.length);
    return freeing(() => {
      const run = runForGradients("jacrev", f as Anything, args, at, hasAux);
      const inputs = inputsAt(args, at);
      const found =
        sizeOf(run.outputs) === 0
          ? inputs.map((x) => zeros([0, ...x.shape], { dtype: x.dtype, device: x.device }))
          : vmap((cotangents: Tensor[]) => run.pull(cotangents, true), { chunkSize })(unitDirections(run.outputs));
      // pull gives gradients in the order of the arguments
      const place = placesOf(args, at);
      const rows = found.map((g) => split(g, run.outputs));
      const jacobian = assemble(run.output, args, argnums, at, (out, input) => {
        const x = inputs[input];
        return reshape(rows[place[input]][out], [...run.outputs[out].shape, ...x.shape]);
      });
      return hasAux ? [jacobian, run.aux] : jacobian;
    });
  };
  return made as never; // the structures are those of the arguments and of the output
}

/** The tensors of the arguments named, in the order of `at`. */
const inputsAt = (args: readonly unknown[], at: readonly number[]): Tensor[] =>
  at.flatMap((i) => tensorsIn("jacobian", `argument ${i + 1}`, args[i]));
/** Where the tensors of {@link inputsAt} stand when the arguments are taken in their own order. */
function placesOf(args: readonly unknown[], at: readonly number[]): number[] {
  const first = new Map<number, number>();
  let next = 0;
  for (const i of [...at].sort((a, b) => a - b)) {
    first.set(i, next);
    next += tensorsIn("jacobian", "", args[i]).length;
  }
  return at.flatMap((i) => tensorsIn("jacobian", "", args[i]).map((_, k) => (first.get(i) ?? 0) + k));
}

/**
 * The function that gives the Jacobian of `f` by forward mode: as {@link jacrev}, one column for each element of the input, all columns in one
 * batched pass. For functions with more outputs than inputs.
 *
 * Shapes and dtypes: as of {@link jacrev}.
 *
 * @throws ArgumentError for `argnums` that name no argument, or for what holds something else than tensors.
 * @throws AutogradError for a random draw where `randomness` is "error".
 * @see https://docs.pytorch.org/docs/stable/generated/torch.func.jacfwd.html
 * @example
 * import { jacfwd, type Tensor, tensor } from "flambeau";
 * jacfwd((x: Tensor) => x.pow(2))(tensor([1, 2])).tolist(); // [[2, 0], [0, 4]]
 */
export function jacfwd<A extends readonly unknown[], R, const N extends Argnums = 0, Aux extends boolean = false>(
  f: (...args: A) => R,
  options: JacobianOptions<N, Aux> = {},
): JacobianFunction<A, R, N, Aux> {
  const { argnums, hasAux, chunkSize, randomness } = read("jacfwd", f, options);
  const made = (...args: unknown[]): unknown => {
    const at = positionsOf("jacfwd", argnums, args.length);
    return freeing(() => {
      const inputs = inputsAt(args, at);
      const called = (...moved: Tensor[]): unknown => {
        let next = 0;
        const whole = [...args];
        for (const i of at) whole[i] = mapTree(args[i], () => moved[next++]);
        return (f as Anything)(...(whole as never[]));
      };
      const along = (tangents: Tensor[]): unknown => {
        const made = jvp(called as Anything, inputs as never, tangents as never, { hasAux }) as unknown[];
        return [made[1], made[0], hasAux ? made[2] : []];
      };
      const options = { chunkSize, randomness, outDims: [0, null, null] as const };
      if (sizeOf(inputs) === 0) {
        const [output, own] = splitAux("jacfwd", called(...inputs), hasAux);
        const jacobian = assemble(output, args, argnums, at, (out, input) => {
          const y = tensorsIn("jacfwd", "", output)[out];
          return zeros([...y.shape, ...inputs[input].shape], { dtype: y.dtype, device: y.device });
        });
        return hasAux ? [jacobian, own] : jacobian;
      }
      const [moved, output, own] = vmap(
        along as (tangents: Tensor[]) => [unknown, unknown, unknown],
        options,
      )(unitDirections(inputs));
      const columns = tensorsIn("jacfwd", "", moved).map((t) => split(t, inputs));
      const jacobian = assemble(output, args, argnums, at, (out, input) => {
        const x = inputs[input];
        const column = columns[out][input]; // [elements of x, ...out]
        return reshape(movedim(column, 0, -1), [...column.shape.slice(1), ...x.shape]);
      });
      return hasAux ? [jacobian, own] : jacobian;
    });
  };
  return made as never; // the structures are those of the arguments and of the output
}

/**
 * The function that gives the Hessian of the scalar function `f`, its second derivatives: `H[i, j] = d^2 f / dx_i dx_j`, by forward over
 * reverse mode.
 *
 * Shapes: an argument [...in] gives [...in, ...in] (behind the shape of an output that is no scalar); several arguments give a list of lists.
 *
 * @throws ArgumentError for `argnums` that name no argument, or for what holds something else than tensors.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.func.hessian.html
 * @example
 * import { hessian, type Tensor, tensor } from "flambeau";
 * hessian((x: Tensor) => x.pow(3).sum())(tensor([1, 2])).tolist(); // [[6, 0], [0, 12]]
 */
export function hessian<A extends readonly unknown[], R, const N extends Argnums = 0>(
  f: (...args: A) => R,
  options: { readonly argnums?: N | undefined } = {},
): (...args: A) => JacobianOf<A, JacobianOf<A, R, N>, N> {
  checkOptions("hessian", { argnums: argnumsKind }, options);
  checkFunction("hessian", "f", f);
  return jacfwd(jacrev(f, options) as (...args: A) => JacobianOf<A, R, N>, options) as never; // the same structures
}

/**
 * The Jacobian of `f` at `inputs`, of one tensor or the list of the arguments of `f`: `torch.autograd.functional.jacobian`, for which
 * {@link jacrev} and {@link jacfwd} give functions.
 *
 * Shapes: [...out, ...in]; a list of inputs gives a list of Jacobians, and so does a list of outputs.
 *
 * @throws ArgumentError for an input that is no tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.functional.jacobian.html
 * @example
 * import { jacobian, type Tensor, tensor } from "flambeau";
 * jacobian((x: Tensor) => x.exp(), tensor([0, 0])).tolist(); // [[1, 0], [0, 1]]
 */
export function jacobian<R>(
  f: (...inputs: Tensor[]) => R,
  inputs: Tensor,
  options?: { readonly strategy?: "reverse" | "forward" | undefined },
): Like<R, Tensor>;
export function jacobian<R>(
  f: (...inputs: Tensor[]) => R,
  inputs: readonly Tensor[],
  options?: { readonly strategy?: "reverse" | "forward" | undefined },
): Like<R, Tensor[]>;
export function jacobian(
  f: (...inputs: Tensor[]) => unknown,
  inputs: Tensor | readonly Tensor[],
  options: { readonly strategy?: "reverse" | "forward" | undefined } = {},
): unknown {
  checkOptions("jacobian", { strategy: option.oneOf("reverse", "forward") }, options);
  checkFunction("jacobian", "f", f);
  const made = options.strategy === "forward" ? jacfwd : jacrev;
  if (isTensor(inputs)) return made(f)(inputs);
  if (!Array.isArray(inputs)) throw new ArgumentError("jacobian", "inputs must be a tensor or a list of tensors");
  return made(f, { argnums: inputs.map((_, i) => i) })(...(inputs as Tensor[]));
}
