import type { FusedKernel } from "../contract/fused-kernel.ts";
import type { FusedOps } from "../contract/fused-ops.ts";
import { metaBackend } from "../contract/meta.ts";
import { ArgumentError, AutogradError, checkFunction, show } from "../core/errors.ts";
import { callback, checkOptions, type Kinds, object } from "../core/options.ts";
import { empty, hasStorage, isTensor, type Tensor, viewOf } from "../core/tensor.ts";
import { runFused } from "../lower/fused.ts";
import { registerKernel } from "../lower/register-kernel.ts";
import { encodeAttrs } from "./attrs.ts";
import type { Op, VjpContext } from "./op.ts";
import { apply } from "./run.ts";

// Ops of users: a function of tensors with plain attributes becomes a record like the library's own.

/** A call of a custom op under vmap. */
export interface CustomBatch {
  /** Number of samples. */
  readonly size: number;
  /** Of each input whether it has the samples along dimension 0; the others are the same for all. */
  readonly batched: readonly boolean[];
}

/** A call of a custom op under jvp. */
export interface CustomTangents<I extends readonly Tensor[]> {
  readonly primals: I;
  /** Null for zero. */
  readonly tangents: readonly (Tensor | null)[];
  readonly outputs: readonly Tensor[];
}

/** What a custom op is. `I` are its inputs, `A` its attributes, `R` its result. */
export interface CustomOpRule<I extends readonly Tensor[], A extends object, R extends Tensor | readonly Tensor[]> {
  /** Computes the results, unrecorded. What it makes beside them is freed. */
  readonly forward: (inputs: I, attrs: A) => R;
  /** The tensors that `vjp` reads: inputs and results. Default: none. */
  readonly save?: ((inputs: I, outputs: readonly Tensor[], attrs: A) => readonly Tensor[]) | undefined;
  /**
   * The gradients of the inputs, in their order, from those of the results (null where one took no part), in differentiable ops. Null for an input
   * without gradient.
   */
  readonly vjp?:
    | ((ctx: VjpContext<A>, grads: readonly (Tensor | null)[]) => readonly (Tensor | null | undefined)[])
    | undefined;
  /** The results' shapes and dtypes: `forward` in ops that run on "meta". Default: `forward` itself. */
  readonly meta?: ((inputs: I, attrs: A) => R) | undefined;
  /** Fast paths by device, which write results of the shapes that `meta` gives: `{ cpu: { supports, run } }`. */
  readonly kernels?: { readonly [device: string]: FusedKernel } | undefined;
  /** The op for many samples at once: results with the samples along dimension 0. Default: sample by sample. */
  readonly batch?: ((batch: CustomBatch, inputs: I, attrs: A) => R) | undefined;
  /** The tangents of the results from those of the inputs, null for zero. Default: what follows from `vjp`. */
  readonly jvp?: ((call: CustomTangents<I>, attrs: A) => readonly (Tensor | null | undefined)[]) | undefined;
}
const kinds: Kinds<CustomOpRule<readonly Tensor[], object, Tensor>> = {
  forward: callback,
  save: callback,
  vjp: callback,
  meta: callback,
  kernels: object,
  batch: callback,
  jvp: callback,
};

/** A custom op as a function: its tensors, then its attributes, if it has any. */
export interface CustomOp<I extends readonly Tensor[], A extends object, R extends Tensor | readonly Tensor[]> {
  (...args: CustomArguments<I, A>): R;
  /** The record that goes through the door. */
  readonly op: Op<A>;
}
export type CustomArguments<I extends readonly Tensor[], A extends object> = keyof A extends never
  ? I
  : readonly [...I, A];

const defined = new Map<string, Op>();
/** The custom op of a name, "namespace::name". */
export const customNamed = (name: string): Op | undefined => defined.get(name);

/**
 * An op of your own: a function of tensors and plain attributes that is recorded, shown to interpreters and replayed by its name as the
 * library's ops are.
 *
 * `forward` gives the results, `vjp` the gradients of the inputs from those of the results (`x_i' = sum_k (d y_k / d x_i)^T y_k'`), `meta` the results'
 * shapes where `forward` reads values, `kernels` fast paths of devices, `batch` the op under `vmap`, `jvp` its tangents. A name that is defined again means the new op.
 *
 * Shapes and dtypes: those that `forward` gives.
 *
 * @throws ArgumentError when the name is not of the form "namespace::name" or a part is missing or no function; from a call whose arguments
 * are no tensors followed by an object of plain data, and when `forward` gives no tensors.
 * @throws AutogradError from backward when there is no `vjp`, or it gives another number of gradients than there are inputs; likewise from jvp.
 * @see https://docs.pytorch.org/docs/stable/library.html#torch.library.custom_op
 * @example
 * import { customOp, type Tensor, tensor } from "flambeau";
 * const scaledSine = customOp("mine::scaledSine", {
 *   forward: ([x]: readonly [Tensor], { by }: { by: number }) => x.sin().mul(by),
 *   save: ([x]) => [x],
 *   vjp: ({ saved: [x], attrs: { by } }, [g]) => [g?.mul(x.cos()).mul(by)],
 * });
 * const x = tensor(0, { requiresGrad: true });
 * const y = scaledSine(x, { by: 3 });
 * console.log(y.gradFn?.name); // "Mine::scaledSineBackward"
 * y.backward();
 * x.grad?.item(); // 3
 */
export function customOp<
  I extends readonly Tensor[],
  A extends object = Record<never, never>,
  R extends Tensor | readonly Tensor[] = Tensor,
>(name: string, rule: CustomOpRule<I, A, R>): CustomOp<I, A, R> {
  if (typeof name !== "string" || !/^[A-Za-z_]\w*::[A-Za-z_]\w*$/.test(name))
    throw new ArgumentError("customOp", `a name is of the form "namespace::name", got ${show(name)}`);
  checkOptions("customOp", kinds, rule as unknown as CustomOpRule<readonly Tensor[], object, Tensor>);
  checkFunction("customOp", "forward", rule.forward);
  if (rule.kernels !== undefined && rule.meta === undefined)
    throw new ArgumentError(
      "customOp",
      `"${name}" has kernels and no meta`,
      "they write results whose shapes meta gives",
    );
  const op = record(name, rule);
  defined.set(name, op as unknown as Op);
  const call = (...args: CustomArguments<I, A>): R => {
    const { inputs, attrs } = split<A>(name, args);
    return apply(op, inputs, attrs) as R; // forward's own result
  };
  return Object.assign(call, { op });
}

/** The tensors among the arguments, and the attributes behind them. @throws ArgumentError for anything else. */
function split<A extends object>(name: string, args: readonly unknown[]): { inputs: readonly Tensor[]; attrs: A } {
  const last = args.at(-1);
  const with_ = args.length > 0 && !hasStorage(last);
  const inputs = with_ ? args.slice(0, -1) : args;
  for (const [i, x] of inputs.entries())
    if (!isTensor(x)) throw new ArgumentError(name, `argument ${i + 1} must be a tensor, got ${show(x)}`);
  if (!with_) return { inputs: inputs as readonly Tensor[], attrs: {} as A };
  if (typeof last !== "object" || last === null || Array.isArray(last))
    throw new ArgumentError(name, `takes tensors and then an object of attributes, got ${show(last)}`);
  try {
    encodeAttrs(last);
  } catch (error) {
    throw new ArgumentError(name, `attributes are plain data: ${error instanceof Error ? error.message : error}`);
  }
  return { inputs: inputs as readonly Tensor[], attrs: last as A };
}

function record<I extends readonly Tensor[], A extends object, R extends Tensor | readonly Tensor[]>(
  name: string,
  { forward, save, vjp, meta, kernels, batch, jvp }: CustomOpRule<I, A, R>,
): Op<A> {
  const shapes = (inputs: I, attrs: A): readonly Tensor[] =>
    results(name, (meta as NonNullable<typeof meta>)(inputs.map(onMeta) as unknown as I, attrs));
  const fast = withKernels(name, kernels);
  return {
    name,
    forward(given, attrs) {
      const inputs = given as unknown as I; // the call's types
      const first = given[0] as Tensor | undefined;
      if (meta !== undefined && first !== undefined) {
        if (first.device === "meta") return checked(name, meta(inputs, attrs));
        fast(first);
        const room = () => shapes(inputs, attrs).map(({ shape, dtype }) => empty(first.backend, dtype, shape));
        const made = runFused(name as keyof FusedOps, given as never, room, attrs as never); // of an op that is in no table of types
        if (made !== null) return made.length === 1 ? made[0] : made;
      }
      return checked(name, forward(inputs, attrs));
    },
    ...(save && { save: (inputs, outputs, attrs) => save(inputs as unknown as I, outputs, attrs) }),
    vjp(ctx, grads) {
      if (vjp === undefined)
        throw new AutogradError(`${name} has no gradient`, "give customOp a vjp, or detach() what it is given");
      const found: unknown = vjp(ctx, grads);
      if (!Array.isArray(found) || found.length !== ctx.shapes.length)
        throw new AutogradError(
          `the vjp of ${name} gave ${Array.isArray(found) ? `${found.length} gradients` : show(found)} for ${ctx.shapes.length} inputs`,
          "return a list with one for each, null for those without gradient",
        );
      return found.map((g) => g ?? null);
    },
    ...(jvp && {
      jvp: ({ attrs, primals, tangents, outputs }: TangentCall<A>) => {
        const found: unknown = jvp({ primals: primals as unknown as I, tangents, outputs }, attrs);
        if (!Array.isArray(found) || found.length !== outputs.length)
          throw new AutogradError(
            `the jvp of ${name} gave ${Array.isArray(found) ? `${found.length} tangents` : show(found)} for ${outputs.length} results`,
            "return a list with one for each, null for zero",
          );
        return found.map((t) => t ?? null);
      },
    }),
    ...(batch && {
      batch: (call: BatchedCall<A>) =>
        results(
          name,
          batch(
            { size: call.size, batched: call.lanes.map((lane) => lane.batched) },
            call.lanes.map((lane) => lane.value) as unknown as I,
            call.attrs,
          ),
        ),
    }),
  };
}

/** A call under jvp, as rules for tangents get it. */
interface TangentCall<A> {
  readonly attrs: A;
  readonly primals: readonly Tensor[];
  readonly tangents: readonly (Tensor | null)[];
  readonly outputs: readonly Tensor[];
}
/** A call under vmap, as rules for batches get it. */
interface BatchedCall<A> {
  readonly attrs: A;
  readonly lanes: readonly { readonly value: Tensor; readonly batched: boolean }[];
  readonly size: number;
}

/** Registers the kernels of a device when the op is first called there. */
function withKernels(
  name: string,
  kernels: CustomOpRule<readonly Tensor[], object, Tensor>["kernels"],
): (x: Tensor) => void {
  if (kernels === undefined) return () => {};
  const known = new WeakSet<object>();
  return ({ backend, device }) => {
    if (known.has(backend)) return;
    known.add(backend);
    const kernel = kernels[device] ?? kernels[device.split(":")[0]];
    if (kernel !== undefined) registerKernel(device, name as keyof FusedOps, kernel);
  };
}

/** A tensor on "meta" like `x`, with its strides. */
function onMeta(x: Tensor): Tensor {
  const whole = empty(metaBackend, x.dtype, [x.storage.byteLength]);
  return viewOf(whole, x.shape, x.strides, x.offset);
}

const results = (name: string, out: unknown): readonly Tensor[] => {
  const list: readonly unknown[] = Array.isArray(out) ? out : [out];
  for (const x of list) if (!isTensor(x)) throw new ArgumentError(name, `forward must give tensors, got ${show(x)}`);
  return list as readonly Tensor[];
};
const checked = <R extends Tensor | readonly Tensor[]>(name: string, out: R): R => {
  results(name, out);
  return out;
};
