import type { Backend } from "../contract/backend.ts";
import type { Buffer, View } from "../contract/view.ts";
import { contiguousStrides, countElements, maxElements, tooManyElements } from "../layout/shapes.ts";
import { adopt } from "../memory/scope.ts";
import { context, type Owned, type Owner } from "./context.ts";
import { bytesOf, type DType } from "./dtype.ts";
import { ArgumentError, brand, IndexError, show, showShape } from "./errors.ts";
import { requireGrad } from "./modes.ts";
import { disposedError, Storage } from "./storage.ts";

/** A recorded call. What it holds is the tracer's business. */
export interface GraphNode {
  readonly name: string;
  /** For each input of the call the node that its gradient goes to, and which of that node's results it was; null where none is wanted. */
  readonly nextFunctions: readonly (readonly [node: GraphNode | null, index: number])[];
  /** For notes of the user's. */
  readonly metadata: Record<string, unknown>;
  /**
   * Calls `hook` with the gradients of the node's results before it runs in a backward; the list that it returns, if any, takes their place. Gives a
   * function that removes it.
   */
  registerPrehook(hook: (gradOutputs: readonly (Tensor | null)[]) => readonly (Tensor | null)[] | void): () => void;
  /**
   * Calls `hook` with what the node has made of the gradients of its results, and with these; the list that it returns, if any, takes the place of the
   * first. Gives a function that removes it.
   */
  registerHook(
    hook: (
      gradInputs: readonly (Tensor | null)[],
      gradOutputs: readonly (Tensor | null)[],
    ) => readonly (Tensor | null)[] | void,
  ): () => void;
}

/** A place in the graph: a recorded call, or the end at a leaf, and which of its results. */
export interface GradientEdge {
  readonly node: GraphNode;
  readonly outputNr: number;
}

// a tensor's flags: disposed; made in inference mode; a leaf that requires its gradient
const gone = 1;
const inferred = 2;
const wanted = 4;
const flags = 3;

/**
 * An n-dimensional array on a device: a strided window on a storage, plus its place in the autograd graph. The operations are
 * functions (`add(a, b)`); the package's main entry also installs them as methods (`a.add(b)`).
 */
export class Tensor implements View, Owned {
  /** @internal */
  readonly storage: Storage;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Elements to step along each dimension. */
  readonly strides: readonly number[];
  /** First element's position in the storage. */
  readonly offset: number;
  /** True when elements lie in row-major order without gaps. */
  readonly rowMajor: boolean;
  readonly size: number;

  /** The gradient of the last backward passes, summed; null before any. */
  grad: Tensor | null = null;
  /** The scope that will free this handle; null for the garbage collector. @internal */
  owner: Owner | null = null;
  /** The tensor this one is a view of, when in-place writes must reach its graph. */
  base: Tensor | null = null;
  /** Counts recorded in-place writes to a base; a view whose count lags behind has an outdated `gradFn`. @internal */
  graphVersion = 0;
  /** In one field, since there are many tensors: the flags below, and above them which of the op's results this is. */
  private bits = context.inference ? inferred : 0;
  private node: GraphNode | null = null;

  /** @internal */
  constructor(
    storage: Storage,
    dtype: DType,
    shape: readonly number[],
    strides: readonly number[],
    offset: number,
    rowMajor: boolean,
    size: number,
  ) {
    this.storage = storage;
    this.dtype = dtype;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.rowMajor = rowMajor;
    this.size = size;
    storage.refs++;
    adopt(this);
    context.noteSite?.(this.storage as never); // it is memory/report.ts's
  }

  /** True once its memory was given back. */
  get disposed(): boolean {
    return (this.bits & gone) !== 0;
  }
  /** Made in inference mode: can never be recorded. */
  get inference(): boolean {
    return (this.bits & inferred) !== 0;
  }
  /** Which of the op's results this is. @internal */
  get outputIndex(): number {
    return this.bits >>> flags;
  }
  set outputIndex(index: number) {
    this.bits = (this.bits & (2 ** flags - 1)) | (index << flags);
  }
  get buffer(): Buffer {
    if (this.disposed) throw disposedError();
    return this.storage.buffer;
  }
  get backend(): Backend {
    return this.storage.backend;
  }
  /** The device's name: "cpu", "webgpu"... */
  get device(): string {
    return this.storage.backend.name;
  }
  /** Number of dimensions. */
  get ndim(): number {
    return this.shape.length;
  }
  /** Bytes of the elements, were they stored densely. */
  get nbytes(): number {
    return this.size * bytesOf(this.dtype);
  }

  /** The recorded call that made this tensor; null for leaves and outside graphs. */
  get gradFn(): GraphNode | null {
    if (this.base !== null && this.base.graphVersion !== this.graphVersion)
      context.tracer?.refreshView(this, this.base);
    return this.node;
  }
  set gradFn(node: GraphNode | null) {
    this.node = node;
  }
  /** True when operations on this tensor are recorded for backward. */
  get requiresGrad(): boolean {
    if ((this.bits & wanted) !== 0) return true;
    return this.base === null ? this.node !== null : this.gradFn !== null;
  }
  set requiresGrad(value: boolean) {
    requireGrad(this, value);
    this.bits = value ? this.bits | wanted : this.bits & ~wanted;
  }
  /** True when no recorded op made this tensor. */
  get isLeaf(): boolean {
    return this.gradFn === null;
  }

  /**
   * Makes this handle show `source`'s memory from now on (PyTorch's `x.data = source`): shape, dtype and device may change, the
   * identity that optimizers and graphs know does not.
   */
  setData(source: Tensor): void {
    checkTensor("setData", "source", source);
    void source.buffer;
    source.storage.refs++;
    if (this.owner === null) source.storage.watch();
    const old = this.storage;
    const { storage, dtype, shape, strides, offset, rowMajor, size } = source;
    Object.assign(this, { storage, dtype, shape, strides, offset, rowMajor, size }); // the one place that rebinds a handle
    if (!this.disposed && --old.refs === 0 && old.saves === 0) old.free();
    this.bits &= ~gone;
  }

  /** Gives the memory back now, unless another handle (a view, the graph) still shares it. Using the tensor afterwards throws MemoryError. */
  dispose(): void {
    if (this.disposed) return;
    this.bits |= gone;
    const storage = this.storage;
    if (--storage.refs === 0 && storage.saves === 0) storage.free();
  }
  /** Ends this handle with its scope: what a graph saved dies too, for no graph that outlives the scope saved it. @internal */
  endWithScope(): void {
    if (!this.disposed) {
      this.bits |= gone;
      this.storage.refs--;
    }
    if (this.storage.refs === 0) this.storage.free();
  }
  /** Ends this handle with its scope where one that outlives the scope did save it. @internal */
  endSparing(): void {
    if (this.disposed) return;
    this.bits |= gone;
    this.storage.refs--;
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal */
  get [brand](): true {
    return true;
  }
  /** `x instanceof Tensor` holds for the tensors of another copy of this package too. */
  static [Symbol.hasInstance](x: unknown): boolean {
    if (this !== Tensor) return Function.prototype[Symbol.hasInstance].call(this, x);
    return typeof x === "object" && x !== null && brand in x;
  }
}

/**
 * Whether `x` is a tensor, of whichever copy of the package.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.is_tensor.html
 * @example
 * import { isTensor, tensor } from "flambeau";
 * isTensor(tensor([1])); // true
 * isTensor([1]); // false
 */
export const isTensor = (x: unknown): x is Tensor => x instanceof Tensor;
/** {@link isTensor} at a glance, for where each call looks: nothing else that comes as an argument has a storage. */
export const hasStorage = (x: unknown): x is Tensor => (x as Tensor | null | undefined)?.storage !== undefined;
/** @throws ArgumentError when an argument that must be a tensor is none. */
export function checkTensor(op: string, name: string, x: unknown): asserts x is Tensor {
  if (!hasStorage(x)) throw new ArgumentError(op, `${name} must be a tensor, got ${show(x)}`);
}

/** @throws ArgumentError when an argument that must be a list of tensors is none. */
export function checkTensors(op: string, name: string, list: unknown): asserts list is readonly Tensor[] {
  if (!Array.isArray(list)) throw new ArgumentError(op, `${name} must be a list of tensors, got ${show(list)}`);
  for (let i = 0; i < list.length; i++) if (!hasStorage(list[i])) checkTensor(op, `${name}[${i}]`, list[i]);
}

/** A new contiguous tensor whose elements are not set. `strides` may be given where row-major ones are at hand. */
export function empty(backend: Backend, dtype: DType, shape: readonly number[], strides?: readonly number[]): Tensor {
  const size = countElements(shape);
  if (size > 2 ** 20) checkLimit("tensor", backend, shape, size);
  const storage = new Storage(backend, size * bytesOf(dtype));
  return new Tensor(storage, dtype, shape, strides ?? contiguousStrides(shape), 0, true, size);
}

/** @throws MemoryError for more elements than the device counts; what is small does not come here. */
function checkLimit(op: string, { limits }: Backend, shape: readonly number[], size: number): void {
  const most = Math.min(limits?.maxElements ?? maxElements, maxElements);
  if (size > most) throw tooManyElements(op, shape, most);
}

/** {@link empty} of the shape of `t`, whose size is known and, where it is row-major, whose strides. */
export function emptyLike(t: Tensor, dtype: DType): Tensor {
  if (!t.rowMajor) return empty(t.storage.backend, dtype, t.shape);
  const storage = new Storage(t.storage.backend, t.size * bytesOf(dtype));
  return new Tensor(storage, dtype, t.shape, t.strides, 0, true, t.size);
}

/**
 * A handle on the same storage with another layout. It knows nothing of graphs. Here, where every view is made, its numbers are held
 * to be integers and its window to lie inside the storage: kernels trust both.
 */
export function viewOf(
  t: Tensor,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  op = "view",
): Tensor {
  let size = 1;
  let last = offset;
  let rowMajor = true;
  let sound = offset >>> 0 === offset && strides.length === shape.length;
  for (let d = shape.length - 1; d >= 0; d--) {
    const length = shape[d];
    const stride = strides[d];
    if (length >>> 0 !== length || stride >>> 0 !== stride) sound = false;
    if (length === 1) continue;
    if (stride !== size) rowMajor = false;
    last += (length - 1) * stride;
    size *= length;
  }
  if (!(sound && t.rowMajor && last < t.offset + t.size)) checkWindow(op, t, shape, strides, offset, size, last);
  if (size > 2 ** 20) checkLimit(op, t.storage.backend, shape, size);
  return new Tensor(t.storage, t.dtype, shape, strides, offset, rowMajor || size === 0, size);
}
/**
 * Whether a window lies in the memory behind `t`, for what {@link viewOf} does not see at a glance, which is the case inside a
 * row-major `t`.
 *
 * @throws ShapeError, IndexError when it does not.
 */
function checkWindow(
  op: string,
  t: Tensor,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  size: number,
  last: number,
): void {
  const held = t.storage.byteLength / bytesOf(t.dtype);
  // strides of empty tensors may pass 2^32, since sizes of 0 count as 1 in them
  const whole = (list: readonly number[]) => list.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (
    whole([offset]) &&
    whole(shape) &&
    whole(strides) &&
    strides.length === shape.length &&
    (size === 0 || last < held)
  )
    return;
  countElements(shape, op); // has its own words for sizes
  throw new IndexError(
    op,
    `a view of shape ${showShape(shape)}, strides ${showShape(strides)} and offset ${show(offset)} is no window on a memory of ` +
      `${held} elements`,
    "sizes, positions and steps are non-negative integers",
  );
}
