import { ArgumentError, ShapeError, show, showShape } from "../../core/errors.ts";
import { checkOptions, type Kinds, none, numbers } from "../../core/options.ts";
import { checkTensor, empty, type Tensor, viewOf } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { integersOf } from "../../layout/integers.ts";
import { copyInto, dense, fillInto } from "../../lower/move.ts";
import { squeezeFresh } from "../../lower/reduce.ts";
import { add_ } from "../pointwise/arithmetic.ts";
import { reshape, squeeze, unsqueeze } from "../shape/view.ts";

type Pair = readonly [number, number];
export interface Attrs {
  /** Height and width of the images. */
  readonly size: Pair;
  readonly kernel: Pair;
  readonly dilation: Pair;
  readonly padding: Pair;
  readonly stride: Pair;
  /** Blocks along height and width. */
  readonly blocks: Pair;
}

/** The blocks along one dimension whose kernel position `offset` falls inside the image: first block, how many, image position of the first. */
function inside(
  size: number,
  offset: number,
  stride: number,
  padding: number,
  blocks: number,
): { first: number; count: number; at: number } {
  const start = offset - padding;
  const first = Math.max(0, Math.ceil(-start / stride));
  const last = Math.min(blocks - 1, Math.floor((size - 1 - start) / stride));
  return { first, count: Math.max(0, last - first + 1), at: start + first * stride };
}
/** For each kernel position: its window of the images [N, C, H, W] and of the columns [N, C, kh, kw, bh, bw]. */
function eachPosition(
  image: Tensor,
  columns: Tensor,
  { size, kernel, dilation, padding, stride, blocks }: Attrs,
  visit: (image: Tensor, columns: Tensor) => void,
): void {
  const [n, c] = image.shape;
  const [s0, s1, s2, s3, s4, s5] = columns.strides;
  for (let i = 0; i < kernel[0]; i++)
    for (let j = 0; j < kernel[1]; j++) {
      const y = inside(size[0], i * dilation[0], stride[0], padding[0], blocks[0]);
      const x = inside(size[1], j * dilation[1], stride[1], padding[1], blocks[1]);
      if (y.count === 0 || x.count === 0) continue;
      const shape = [n, c, y.count, x.count];
      const [t0, t1, t2, t3] = image.strides;
      const part = viewOf(image, shape, [t0, t1, t2 * stride[0], t3 * stride[1]], image.offset + y.at * t2 + x.at * t3);
      const column = viewOf(
        columns,
        shape,
        [s0, s1, s4, s5],
        columns.offset + i * s2 + j * s3 + y.first * s4 + x.first * s5,
      );
      visit(part, column);
      part.dispose();
      column.dispose();
    }
}
const apart = ({ kernel, blocks }: Attrs, n: number, c: number): number[] => [n, c, ...kernel, ...blocks];

export const im2colOp: Op<Attrs> = {
  name: "im2col",
  forward([x], attrs) {
    const [n, c] = x.shape;
    const columns = fillInto(empty(x.backend, x.dtype, apart(attrs, n, c)), 0);
    eachPosition(x, columns, attrs, (part, column) => copyInto(column, part));
    return squeezeFresh(columns, [n, c * attrs.kernel[0] * attrs.kernel[1], attrs.blocks[0] * attrs.blocks[1]]);
  },
  vjp: ({ attrs }, [g]) => [g && applyOne(col2imOp, [g], attrs)],
};
export const col2imOp: Op<Attrs> = {
  name: "col2im",
  forward([g], attrs) {
    const n = g.shape[0];
    const c = g.shape[1] / (attrs.kernel[0] * attrs.kernel[1]);
    const out = fillInto(empty(g.backend, g.dtype, [n, c, ...attrs.size]), 0);
    const source = dense(g);
    const columns = reshape(source, apart(attrs, n, c));
    eachPosition(out, columns, attrs, (part, column) => add_(part, column));
    columns.dispose();
    if (source !== g) source.dispose();
    return out;
  },
  vjp: ({ attrs }, [g]) => [g && applyOne(im2colOp, [g], attrs)],
};

export interface PatchOptions {
  /** Distance between a block's elements (default 1). */
  readonly dilation?: number | readonly number[] | undefined;
  /** Zeros on each side of the images (default 0). */
  readonly padding?: number | readonly number[] | undefined;
  /** Steps between blocks (default 1). */
  readonly stride?: number | readonly number[] | undefined;
}
export const patchKinds: Kinds<PatchOptions> = { dilation: numbers, padding: numbers, stride: numbers };
function pair(op: string, name: string, value: number | readonly number[], least: number): Pair {
  const list = integersOf(op, name, value, least);
  if (list.length !== 1 && list.length !== 2)
    throw new ArgumentError(op, `${name} must be one or two integers of at least ${least}, got ${show(value)}`);
  return [list[0], list[list.length - 1]];
}
function attrsOf(op: string, size: Pair, kernelSize: number | readonly number[], options: PatchOptions): Attrs {
  const { dilation: apart = 1, padding: around = 0, stride: by = 1 } = options;
  const kernel = pair(op, "kernelSize", kernelSize, 1);
  const dilation = pair(op, "dilation", apart, 1);
  const padding = pair(op, "padding", around, 0);
  const stride = pair(op, "stride", by, 1);
  const count = (i: 0 | 1) =>
    Math.floor((size[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i]) + 1;
  const blocks: Pair = [count(0), count(1)];
  if (blocks[0] < 1 || blocks[1] < 1)
    throw new ShapeError(
      op,
      `a kernel of ${kernel.join(" x ")} with dilation ${dilation.join(" x ")} does not fit ${size.join(" x ")} with padding ${padding.join(" x ")}`,
      [size],
    );
  return { size, kernel, dilation, padding, stride, blocks };
}

/**
 * Sliding blocks of images as columns, PyTorch's nn.functional.unfold:
 * `y[n, c * kh * kw + i * kw + j, l] = x[n, c, h * stride + i * dilation - padding, w * stride + j * dilation - padding]`, where l counts
 * the blocks (h, w) row by row.
 *
 * Shape: [N, C, H, W] or [C, H, W] -> [N, C * kh * kw, L] or [C * kh * kw, L] with L blocks,
 * `floor((H + 2 * padding - dilation * (kh - 1) - 1) / stride) + 1` along H and likewise along W. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has another rank or the kernel does not fit the padded images.
 * @throws ArgumentError when `kernelSize`, `dilation` or `stride` is not positive, `padding` is negative, or one has more than two entries.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.unfold.html
 * @example
 * import { im2col, tensor } from "@flambeau/tensor";
 * im2col(tensor([[[1, 2], [3, 4]]]), [1, 2]).tolist(); // [[1, 3], [2, 4]]
 */
export function im2col(x: Tensor, kernelSize: number | readonly number[], options: PatchOptions = none): Tensor {
  checkOptions("im2col", patchKinds, options);
  checkTensor("im2col", "x", x);
  if (x.ndim === 3) return squeeze(im2col(unsqueeze(x, 0), kernelSize, options), 0);
  if (x.ndim !== 4)
    throw new ShapeError("im2col", `needs [N, C, H, W] or [C, H, W], got ${showShape(x.shape)}`, [x.shape]);
  return applyOne(im2colOp, [x], attrsOf("im2col", [x.shape[2], x.shape[3]], kernelSize, options));
}
/**
 * Columns of blocks added up into images, PyTorch's nn.functional.fold:
 * `y[n, c, h * stride + i * dilation - padding, w * stride + j * dilation - padding] += x[n, c * kh * kw + i * kw + j, l]`. It is
 * {@link im2col} transposed: elements that lie in several blocks come out as sums.
 *
 * Shape: [N, C * kh * kw, L] or [C * kh * kw, L] -> [N, C, ...outputSize] or [C, ...outputSize]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has another rank, its sizes are not those of blocks of such images, or the kernel does not fit them.
 * @throws ArgumentError when `outputSize`, `kernelSize`, `dilation` or `stride` is not positive, `padding` is negative, or one has more
 * than two entries.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.fold.html
 * @example
 * col2im(tensor([[1, 3], [2, 4]]), [2, 2], [1, 2]).tolist(); // [[[1, 2], [3, 4]]]
 * col2im(tensor([[1, 2], [10, 20]]), [1, 3], [1, 2]).tolist(); // [[[1, 12, 20]]]
 */
export function col2im(
  x: Tensor,
  outputSize: number | readonly number[],
  kernelSize: number | readonly number[],
  options: PatchOptions = none,
): Tensor {
  checkOptions("col2im", patchKinds, options);
  checkTensor("col2im", "x", x);
  if (x.ndim === 2) return squeeze(col2im(unsqueeze(x, 0), outputSize, kernelSize, options), 0);
  if (x.ndim !== 3)
    throw new ShapeError("col2im", `needs [N, C kh kw, L] or [C kh kw, L], got ${showShape(x.shape)}`, [x.shape]);
  const attrs = attrsOf("col2im", pair("col2im", "outputSize", outputSize, 1), kernelSize, options);
  const [area, count] = [attrs.kernel[0] * attrs.kernel[1], attrs.blocks[0] * attrs.blocks[1]];
  if (x.shape[1] % area !== 0 || x.shape[2] !== count)
    throw new ShapeError(
      "col2im",
      `expected [N, C ${area}, ${count}] for output ${attrs.size.join(" x ")}, got ${showShape(x.shape)}`,
      [x.shape],
    );
  return applyOne(col2imOp, [x], attrs);
}
