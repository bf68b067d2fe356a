import { boolean, checkOptions, type Kinds, number, orNull } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { numbersFor } from "../../lower/host.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { filledLike, fromValues } from "../create/allocation.ts";
import { truePositions } from "../index/positions.ts";
import { setting, takeAt, writeAt } from "../index/scattering.ts";
import { add, sub } from "../pointwise/arithmetic.ts";
import { ne } from "../pointwise/comparison.ts";
import { cat } from "../shape/joining.ts";
import { expand, movedim, narrow, reshape } from "../shape/view.ts";
import { cumsum } from "./cumulative.ts";
import { sort } from "./sorting.ts";

export interface UniqueConsecutiveOptions {
  /** Also give, for each element of the input, the position of its value in the result (default false). */
  readonly returnInverse?: boolean | undefined;
  /** Also give how often each value occurs (default false). */
  readonly returnCounts?: boolean | undefined;
  /** Compare slices along this dimension instead of elements; null (the default) compares elements. */
  readonly dim?: number | null | undefined;
}
const consecutiveKinds: Kinds<UniqueConsecutiveOptions> = {
  returnInverse: boolean,
  returnCounts: boolean,
  dim: orNull(number),
};
export interface UniqueOptions extends UniqueConsecutiveOptions {
  /** The result is in ascending order either way. */
  readonly sorted?: boolean | undefined;
}
const uniqueKinds: Kinds<UniqueOptions> = { sorted: boolean, ...consecutiveKinds };
/** A tensor; with returnInverse or returnCounts a tuple of the values and those, in that order. */
export type Unique<O extends UniqueConsecutiveOptions> = O extends { readonly returnInverse: true }
  ? O extends { readonly returnCounts: true }
    ? [values: Tensor, inverse: Tensor, counts: Tensor]
    : [values: Tensor, inverse: Tensor]
  : O extends { readonly returnCounts: true }
    ? [values: Tensor, counts: Tensor]
    : Tensor;

/** Groups of what is equal, in order: the first member of each, to which group each belongs, and how many each has; int32. */
interface Groups {
  readonly firsts: Tensor;
  readonly inverse: () => Tensor;
  readonly counts: () => Tensor;
}

/** A few whole numbers beside others. */
const whole = ({ device }: Tensor, size: number, value: number): Tensor =>
  filledLike({ dtype: "int32", device }, [size], value);

/** Groups of equal neighbours; `order` says where each came from. */
function neighbours(name: string, line: Tensor, order: Tensor | null): Groups {
  const n = line.size;
  if (n === 0) return { firsts: whole(line, 0, 0), inverse: () => whole(line, 0, 0), counts: () => whole(line, 0, 0) };
  const changes = ne(narrow(line, 0, 1, n - 1), narrow(line, 0, 0, n - 1));
  const starts = cat([whole(line, 1, 0), add(truePositions(name, changes), 1)]);
  return {
    firsts: order ? takeAt(order, 0, starts) : starts,
    inverse() {
      const groups = cat([whole(line, 1, 0), cumsum(changes, 0, { dtype: "int32" })]);
      return order ? writeAt(setting, whole(line, n, 0), 0, order, groups) : groups;
    },
    counts: () => sub(cat([narrow(starts, 0, 1, starts.size - 1), whole(line, 1, n)]), starts),
  };
}

/** Groups of equal rows, found on the host. */
function rowGroups(name: string, lines: Tensor, ordered: boolean): Groups {
  const [count, width] = lines.shape;
  const values = numbersFor(name, lines, "the size of the result depends on the values");
  const compare = (i: number, j: number): number => {
    for (let k = 0; k < width; k++) {
      const [a, b] = [values[i * width + k], values[j * width + k]];
      if (a === b) continue;
      if (a < b) return -1;
      if (a > b) return 1;
      return (a !== a ? 1 : 0) - (b !== b ? 1 : 0); // a NaN is unlike itself, and last
    }
    return 0;
  };
  const same = (i: number, j: number): boolean => {
    for (let k = 0; k < width; k++) if (values[i * width + k] !== values[j * width + k]) return false;
    return true;
  };
  const order = Int32Array.from({ length: count }, (_, i) => i);
  if (ordered) order.sort((i, j) => compare(i, j) || i - j);
  const [firsts, sizes] = [new Int32Array(count), new Int32Array(count)];
  const inverse = new Int32Array(count);
  let groups = 0;
  for (let k = 0; k < count; k++) {
    const row = order[k];
    if (k === 0 || !same(row, order[k - 1])) firsts[groups++] = row;
    inverse[row] = groups - 1;
    sizes[groups - 1]++;
  }
  const integers = (list: Int32Array): Tensor =>
    fromValues(name, list, [list.length], { dtype: "int32", device: lines.device });
  return {
    firsts: integers(firsts.subarray(0, groups)),
    inverse: () => integers(inverse),
    counts: () => integers(sizes.subarray(0, groups)),
  };
}

/** Groups what is equal: elements, or slices along `dim`. */
function grouped(name: string, x: Tensor, ordered: boolean, options: UniqueConsecutiveOptions): Tensor | Tensor[] {
  if (unscoped()) return scoped(grouped, name, x, ordered, options);
  const dim = options.dim ?? null;
  const all = dim === null || x.ndim === 0;
  const along = all ? reshape(x, [x.size]) : x;
  const d = all ? 0 : normalizeDim(name, dim, x.ndim);
  const lines = all ? reshape(x, [x.size, 1]) : rowsOf(x, d);
  let groups: Groups;
  if (lines.shape[1] === 1) {
    // stable, so that the first of equal elements comes first
    const line = reshape(lines, [lines.shape[0]]);
    const { values, indices } = ordered ? sort(line) : { values: line, indices: null };
    groups = neighbours(name, values, indices);
  } else groups = rowGroups(name, lines, ordered);
  const { firsts } = groups;
  const shape = along.shape.map((s, i) => (i === d ? firsts.size : s));
  const picks = reshape(
    firsts,
    shape.map((s, i) => (i === d ? s : 1)),
  );
  const out = [takeAt(along, d, expand(picks, shape))];
  if (options.returnInverse) out.push(all && dim === null ? reshape(groups.inverse(), x.shape) : groups.inverse());
  if (options.returnCounts) out.push(groups.counts());
  return out.length === 1 ? out[0] : out;
}
/** Each slice along `dim` as a row. */
function rowsOf(x: Tensor, dim: number): Tensor {
  const n = x.shape[dim];
  return reshape(movedim(x, dim, 0), [n, n === 0 ? 0 : x.size / n]);
}

/**
 * The distinct elements, in ascending order: `[3, 1, 3] -> [1, 3]`, or with `dim` the distinct slices along it. With `returnInverse` also
 * where each element went, `x[i] = values[inverse[i]]`, with `returnCounts` also how often each occurs.
 * Shapes: values [K], with `dim` as `x` with K there; inverse as `x`, with `dim` [N]; counts [K]. Dtype: that of `x`; inverse and counts
 * are int32 (PyTorch: int64).
 *
 * @throws UnavailableError where the device cannot be read synchronously (WebGPU): how many there are depends on the values.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.unique.html
 * @example
 * import { tensor } from "flambeau";
 * tensor([[3, 1], [3, 2]]).unique().tolist(); // [1, 2, 3]
 * const [values, inverse, counts] = tensor([3, 1, 3]).unique({ returnInverse: true, returnCounts: true });
 * values.tolist(); // [1, 3]
 * inverse.tolist(); // [1, 0, 1]
 * counts.tolist(); // [1, 2]
 */
export function unique<const O extends UniqueOptions = object>(x: Tensor, options?: O): Unique<O> {
  if (options !== undefined) checkOptions<UniqueOptions>("unique", uniqueKinds, options);
  checkTensor("unique", "x", x);
  return grouped("unique", x, true, options ?? {}) as Unique<O>; // the options say which
}
/**
 * The elements (or slices along `dim`) without those that equal the one before them: `[1, 1, 2, 1] -> [1, 2, 1]`.
 * Shapes: as of {@link unique}, as are the options, dtypes and errors.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.unique_consecutive.html
 * @example
 * const [values, counts] = tensor([1, 1, 2, 1]).uniqueConsecutive({ returnCounts: true });
 * values.tolist(); // [1, 2, 1]
 * counts.tolist(); // [2, 1, 1]
 */
export function uniqueConsecutive<const O extends UniqueConsecutiveOptions = object>(
  x: Tensor,
  options?: O,
): Unique<O> {
  if (options !== undefined) checkOptions<UniqueConsecutiveOptions>("uniqueConsecutive", consecutiveKinds, options);
  checkTensor("uniqueConsecutive", "x", x);
  return grouped("uniqueConsecutive", x, false, options ?? {}) as Unique<O>; // as above
}
