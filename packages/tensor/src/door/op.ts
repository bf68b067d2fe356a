import type { DType } from "../core/dtype.ts";
import type { Tensor } from "../core/tensor.ts";

/** What a result was like; enough to make a zero gradient. */
export type Result = Pick<Tensor, "shape" | "dtype" | "backend">;

/** What a gradient rule sees of the call it differentiates. */
export interface VjpContext<A extends object = object> {
  readonly attrs: A;
  /** What `save` returned, in that order. */
  readonly saved: readonly Tensor[];
  /** Shape and dtype of each input. */
  readonly shapes: readonly (readonly number[])[];
  readonly dtypes: readonly DType[];
  /** What each result was like. */
  readonly outputs: readonly Result[];
  /** Whether input i's gradient is wanted; the others may be null. */
  readonly needs: readonly boolean[];
}

/** An op's record in the graph, and its attributes there. */
export interface Recorded {
  readonly op: Op;
  readonly attrs: object;
  /** In place: whether the gradients that these inputs want read the value that is overwritten, a copy of which is the attribute `before`. */
  readsTarget?(inputs: readonly Tensor[]): boolean;
}

/**
 * All there is to know of one operation. `forward` runs with recording off, and what it makes besides its results is freed; `vjp` (vector-Jacobian product) is written in
 * differentiable ops, so that gradients of any order follow. An op without `vjp` has no gradient.
 */
export interface Op<A extends object = object> {
  /** Unique in the list of all ops (ops.ts). */
  readonly name: string;
  /** The name in messages and of graph nodes, where several ops are parts of one function. Default: `name`. */
  readonly title?: string | undefined;
  /**
   * The inputs that it writes, and gives back as its first results. In-place ops write the first; their graph is that of
   * {@link applyInPlace}. What others write (running statistics) is outside the graph: `save` and `vjp` see the other results only.
   */
  readonly writes?: readonly number[];
  /** `writes` where that depends on the call, which goes through {@link applyWrites}: a step writes as many as there are parameters. */
  writesOf?(inputs: readonly Tensor[], attrs: A): readonly number[];
  /** Pairs of a result and the input whose memory it shows; "each" where every result shows input 0. */
  readonly aliases?: readonly (readonly [output: number, input: number])[] | "each";
  /** True when it draws from the generator that `attrs.generator` names, which moves on. */
  readonly draws?: boolean;
  /**
   * How many of its results, from the first on, are rounded when inputs are half floats: those are stored numbers, so `forward` gets float32
   * in their place and each result is rounded once, unless a fast path of the device, or its `matmul`, takes halves as they are. The gradient rule
   * likewise sees what was saved, and the gradients, as float32.
   */
  readonly rounds?: number;
  /** How it goes through the door where `apply` is not the way: views and pointwise ops have shorter ones. */
  call?(inputs: readonly Tensor[], attrs: A): readonly Tensor[];
  /** What the graph gets of a call, where that is another record: pointwise ops are kernels for a pattern of tensors and numbers there. */
  recorded?(attrs: A): Recorded;
  forward(inputs: readonly Tensor[], attrs: A): Tensor | readonly Tensor[];
  /** The tensors that `vjp` reads. Default: none. */
  save?(inputs: readonly Tensor[], outputs: readonly Tensor[], attrs: A, needs: readonly boolean[]): readonly Tensor[];
  /**
   * The same in differentiable ops: what the door runs in the place of `forward` when a gradient of the result is wanted and there is no
   * `vjp` (gradient kernels have it, for gradients of gradients), and what an interpreter may run in the op's place.
   */
  decompose?(inputs: readonly Tensor[], attrs: A): Tensor | readonly Tensor[];
  /**
   * True for user code (a custom function): it may hold on to tensors that it makes, its attributes are no plain data, and it stands in no
   * list. Interpreters look through it: they are shown the ops that it calls, forward and backward, and not the op itself unless they ask
   * for it, as the levels of function transforms do.
   */
  readonly opaque?: boolean;
  /** In place: for element i of the target only element i of each input is read, so that an input may be the target's own window. */
  readonly elementwise?: boolean;
  /** In place: every element is given one value, so that several may share one place in memory. */
  readonly uniform?: boolean;
  /** How a call is made for a batch of samples at once (autograd's transforms/batch-level.ts), where another rule than theirs is wanted. */
  readonly batch?: unknown;
  /** The tangents of the results from those of the inputs (transforms/tangents/rules.ts), where another rule than the gradient's own is wanted. */
  readonly jvp?: unknown;
  /**
   * With a graph of the gradient wanted, the gradient depends on the inputs even where it is the same for all of them, as in PyTorch where
   * the kernel of the gradient takes the inputs; none comes back through it.
   */
  readonly tied?: boolean;
  /**
   * Gradients of the results to gradients of the inputs. `grads[i]` is null where result i did not take part. A gradient may
   * have the shape that the input was broadcast to, and another dtype: the engine sums and converts it.
   */
  readonly vjp?: ((ctx: VjpContext<A>, grads: readonly (Tensor | null)[]) => readonly (Tensor | null)[]) | undefined;
}
