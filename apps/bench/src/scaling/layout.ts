// What moves elements: concatenation, transposition, padding, pooling, resizing.
import { avgPool2d, cat, interpolate, maxPool2d, outer, pad, randn, roll, stack, type Tensor } from "flambeau";
import { op, type ScalingRow } from "./row.ts";

function joins(count: number): ScalingRow[] {
  const rows = Math.floor(100_000 / count);
  const make = (call: (parts: Tensor[]) => unknown) => () => {
    const parts = Array.from({ length: count }, () => randn([rows, 10]));
    return () => call(parts);
  };
  const of = `${count} of ${rows}×10`;
  return [
    op(
      `cat_${count}`,
      `${of} one below the other`,
      make((parts) => cat(parts, 0)),
    ),
    op(
      `cat1_${count}`,
      `${of} side by side`,
      make((parts) => cat(parts, 1)),
    ),
    op(
      `stack_${count}`,
      `${of} stacked`,
      make((parts) => stack(parts, 0)),
    ),
  ];
}

const on = (shape: number[], name: string, title: string, call: (x: Tensor) => unknown) =>
  op(name, title, () => {
    const x = randn(shape);
    return () => call(x);
  });
const square = (name: string, title: string, call: (x: Tensor) => unknown) =>
  on([1000, 1000], name, `${title}, 1000×1000`, call);
const images = (name: string, title: string, call: (x: Tensor) => unknown) =>
  on([16, 16, 64, 64], name, `${title}, 16×16×64×64`, call);

export const layout: readonly ScalingRow[] = [
  ...[2, 10, 100, 1000].flatMap(joins),
  square("transpose_contig", "transpose, made contiguous", (x) => x.t().contiguous()),
  square("add_bcast_row", "x + its first row", (x) => x.add(x.select(0, 0))),
  square("add_T", "x + xᵀ", (x) => x.add(x.t())),
  square("flip", "flip of the last", (x) => x.flip([1])),
  square("roll", "roll of the last", (x) => roll(x, [3], [1])),
  square("tril", "lower triangle", (x) => x.tril()),
  images("pad_const", "padding with zeros", (x) => pad(x, [1, 1, 1, 1])),
  images("pad_reflect", "padding by reflection", (x) => pad(x, [1, 1, 1, 1], { mode: "reflect" })),
  images("maxpool", "max pooling by 2", (x) => maxPool2d(x, 2)),
  images("avgpool", "mean pooling by 2", (x) => avgPool2d(x, 2)),
  images("interp2", "bilinear resizing by 2", (x) => interpolate(x, { scaleFactor: 2, mode: "bilinear" })),
  images("permute", "channels last, made contiguous", (x) => x.permute(0, 2, 3, 1).contiguous()),
  on([1000], "outer", "outer product of 1000 and 1000", (x) => outer(x, x)),
];
