import { boolean, checkOptions, type Kinds, number, orNull } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { numbersFor, valuesFor } from "../../lower/host.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { fromValues } from "../create/allocation.ts";
import { takeAt } from "../index/scattering.ts";
import { expand, movedim, reshape } from "../shape/view.ts";
import { argsort } from "./sorting.ts";

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

type Value = number | bigint;

/** Groups what is equal: elements, or slices along `dim`. How many groups there are is only known on the host. */
function grouped(name: string, x: Tensor, ordered: boolean, options: UniqueConsecutiveOptions): Tensor | Tensor[] {
  if (unscoped()) return scoped(grouped, name, x, ordered, options);
  const dim = options.dim ?? null;
  const whole = dim === null || x.ndim === 0;
  const lines = whole ? reshape(x, [x.size, 1]) : rowsOf(x, normalizeDim(name, dim, x.ndim));
  const [count, width] = lines.shape;
  const values: ArrayLike<Value> = numbersFor(name, lines, "the size of the result depends on the values");
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
  // single elements are in the order of the device's own sort, which is stable as well
  const order =
    ordered && width === 1
      ? (valuesFor(
          name,
          argsort(reshape(lines, [count])),
          "the size of the result depends on the values",
        ) as Int32Array)
      : Int32Array.from({ length: count }, (_, i) => i);
  if (ordered && width !== 1) order.sort((i, j) => compare(i, j) || i - j);
  const [firsts, sizes] = [new Int32Array(count), new Int32Array(count)];
  const inverse = new Int32Array(count);
  let groups = 0;
  for (let k = 0; k < count; k++) {
    const row = order[k];
    if (k === 0 || !same(row, order[k - 1])) firsts[groups++] = row;
    inverse[row] = groups - 1;
    sizes[groups - 1]++;
  }
  const [first, counts] = [firsts.subarray(0, groups), sizes.subarray(0, groups)];
  const integers = (list: ArrayLike<number>, shape: readonly number[]): Tensor =>
    fromValues(name, list, shape, { dtype: "int32", device: x.device });
  const d = whole ? 0 : normalizeDim(name, dim, x.ndim);
  const along = whole ? reshape(x, [x.size]) : x;
  const picks = integers(first, [first.length]);
  const shape = along.shape.map((s, i) => (i === d ? first.length : s));
  const out = [
    takeAt(
      along,
      d,
      expand(
        reshape(
          picks,
          shape.map((s, i) => (i === d ? s : 1)),
        ),
        shape,
      ),
    ),
  ];
  if (options.returnInverse) out.push(integers(inverse, whole && dim === null ? x.shape : [count]));
  if (options.returnCounts) out.push(integers(counts, [counts.length]));
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
