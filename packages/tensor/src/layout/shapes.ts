import { ArgumentError, IndexError, MemoryError, ShapeError, show, showShape } from "../core/errors.ts";

/** Most elements that a tensor or a view can have: kernels count them in 32-bit integers. */
export const maxElements = 2 ** 31 - 1;

/** Row-major strides, in elements. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i] || 1;
  }
  return strides;
}

export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i];
  return size;
}

/** {@link sizeOf} for a list that nobody has looked at: what is no size of a tensor is refused. */
export function countElements(shape: readonly number[], op = "tensor"): number {
  let size = 1;
  let sound = true;
  for (let i = 0; i < shape.length; i++) {
    const s = shape[i];
    if (typeof s !== "number" || s >>> 0 !== s) sound = false;
    else size *= s;
  }
  if (!sound || size > maxElements) throw badSizes(op, shape);
  return size;
}
export function tooManyElements(op: string, shape: readonly number[], most = maxElements): MemoryError {
  return new MemoryError(
    `${op}: a tensor has at most ${most} elements, shape ${showShape(shape)} asks for ${shape.reduce((n, s) => n * s, 1)}`,
    "work on parts: slices of the data, smaller batches",
  );
}
function badSizes(op: string, shape: readonly number[]): Error {
  if (shape.every((s) => Number.isInteger(s) && s >= 0)) return tooManyElements(op, shape);
  return new ShapeError(op, `sizes must be non-negative integers, got ${showShape(shape)}`, [shape]);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** True when the elements lie in row-major order without gaps. Strides of dimensions of size 1 do not matter. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const size = shape[i];
    if (size === 0) return true;
    if (size !== 1) {
      if (strides[i] !== step) return false;
      step *= size;
    }
  }
  return true;
}

/** The common shape of two shapes under NumPy's broadcasting rule. */
export function broadcastShapes(op: string, a: readonly number[], b: readonly number[]): readonly number[] {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = i <= a.length ? a[a.length - i] : 1;
    const n = i <= b.length ? b[b.length - i] : 1;
    if (m !== n && m !== 1 && n !== 1)
      throw new ShapeError(
        op,
        `shapes ${showShape(a)} and ${showShape(b)} do not broadcast: sizes ${m} and ${n} differ at dimension ${rank - i}`,
        [a, b],
        "dimensions are compared from the last one; each pair must be equal or hold a 1",
      );
    out[rank - i] = m === 1 ? n : m;
  }
  return out;
}

/** Strides that read a tensor of `shape` as if it had `target`'s shape: 0 where a dimension is repeated. */
export function broadcastStrides(
  shape: readonly number[],
  strides: readonly number[],
  target: readonly number[],
): number[] {
  const out = new Array<number>(target.length);
  const lead = target.length - shape.length;
  for (let i = 0; i < target.length; i++) {
    const j = i - lead;
    out[i] = j < 0 || (shape[j] === 1 && target[i] !== 1) ? 0 : strides[j];
  }
  return out;
}

/** A dimension index in 0..rank-1 from one that may count from the end. A 0-d tensor accepts 0 and -1, as in PyTorch. */
export function normalizeDim(op: string, dim: number, rank: number): number {
  const n = rank === 0 ? 1 : rank;
  if (Number.isInteger(dim) && dim >= -n && dim < n) return dim < 0 ? dim + n : dim;
  if (!Number.isInteger(dim)) throw new IndexError(op, `dim must be an integer, got ${show(dim)}`);
  throw new IndexError(
    op,
    `dim ${dim} is out of range for ${rank} dimension${rank === 1 ? "" : "s"} (expected ${-n}..${n - 1})`,
  );
}

/** Dimension indices, each in range and named once. */
export function normalizeDims(op: string, dims: number | readonly number[], rank: number): number[] {
  const list = typeof dims === "number" ? [dims] : dims;
  if (!Array.isArray(list)) throw new IndexError(op, `dim must be an integer or a list of them, got ${show(dims)}`);
  const out = list.map((d: number) => normalizeDim(op, d, rank));
  for (let i = 0; i < out.length; i++)
    if (out.indexOf(out[i]) !== i)
      throw new IndexError(op, `dim ${out[i]} appears more than once in [${list.join(",")}]`);
  return out;
}

/** Programs without types, and ports of PyTorch ones, write the sizes one after another. */
export function checkList(op: string, sizes: readonly number[]): void {
  if (!Array.isArray(sizes))
    throw new ArgumentError(op, `takes a list, got ${show(sizes)}`, "several numbers go in one list: zeros([2, 3])");
}

export function checkShape(op: string, shape: readonly number[]): readonly number[] {
  checkList(op, shape);
  countElements(shape, op);
  return shape;
}

/**
 * Fewest loops that visit every element of several views in row-major order of the first: dimensions of size 1 are dropped
 * and neighbours that every view steps through as one are joined. `strides[v][d]` is view v's step along loop d.
 */
export interface Loops {
  readonly shape: number[];
  readonly strides: number[][];
}
export function collapse(shape: readonly number[], viewStrides: readonly (readonly number[])[]): Loops {
  const outShape: number[] = [];
  const outStrides: number[][] = viewStrides.map(() => []);
  for (let d = 0; d < shape.length; d++) {
    const size = shape[d];
    if (size === 1) continue;
    const last = outShape.length - 1;
    let joins = last >= 0;
    for (let v = 0; joins && v < viewStrides.length; v++) joins = outStrides[v][last] === viewStrides[v][d] * size;
    if (joins) {
      outShape[last] *= size;
      for (let v = 0; v < viewStrides.length; v++) outStrides[v][last] = viewStrides[v][d];
    } else {
      outShape.push(size);
      for (let v = 0; v < viewStrides.length; v++) outStrides[v].push(viewStrides[v][d]);
    }
  }
  return { shape: outShape, strides: outStrides };
}
