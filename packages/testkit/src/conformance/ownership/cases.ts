import type { DType } from "@flambeau/tensor";
import { cannotReplay, eachTensor } from "../encoded.ts";
import { notRecorded, type OpCase, type OpFile } from "../ops.ts";

const shapesOf = (c: OpCase): (readonly number[])[] => {
  const out: (readonly number[])[] = [];
  eachTensor([c.input, c.args, c.kwargs], ({ shape }) => out.push(shape));
  return out;
};
const sizeOf = (shape: readonly number[]): number => shape.reduce((n, s) => n * s, 1);
const cost = (shapes: readonly (readonly number[])[]): number => shapes.reduce((n, s) => n + sizeOf(s), 0);
/** Whether some tensor has two dimensions that a layout can tell apart. */
const isLaidOut = (shapes: readonly (readonly number[])[]): boolean =>
  shapes.some((shape) => shape.filter((s) => s > 1).length > 1);

/** Some of an op's cases: the cheapest with several elements (those with dimensions to lay out first), one of empty tensors, one of scalars. */
export interface Cases {
  readonly full: readonly OpCase[];
  readonly rest: readonly OpCase[];
}
export function casesOf(file: OpFile, count: number): Cases {
  const usable = file.cases
    .filter((c) => notRecorded(file, c) === null && cannotReplay([c.input, c.args, c.kwargs]) === null)
    .map((c) => ({ c, shapes: shapesOf(c) }));
  const isEmpty = (shapes: readonly (readonly number[])[]) => shapes.some((s) => s.includes(0));
  const isScalar = (shapes: readonly (readonly number[])[]) => !isEmpty(shapes) && shapes.every((s) => s.length === 0);
  const full = usable
    .filter(({ shapes }) => !isEmpty(shapes) && !isScalar(shapes))
    .sort((a, b) => Number(isLaidOut(b.shapes)) - Number(isLaidOut(a.shapes)) || cost(a.shapes) - cost(b.shapes));
  const rest = [usable.find(({ shapes }) => isEmpty(shapes)), usable.find(({ shapes }) => isScalar(shapes))];
  return { full: full.slice(0, count).map(({ c }) => c), rest: rest.flatMap((x) => (x ? [x.c] : [])) };
}

/** A dtype to replay an op's cases in, and the fixture folder and dtype that they come from. */
export interface Variant {
  readonly folder: string;
  readonly from: DType;
  readonly dtype: DType;
}
const variant = (folder: string, from: DType, dtype: DType = from): Variant => ({ folder, from, dtype });
/** Kinds of dtypes; a short run takes one of each kind. */
export const variants: readonly (readonly Variant[])[] = [
  [
    variant("ops", "float32"),
    variant("ops_float64", "float64"),
    variant("ops", "float32", "float16"),
    variant("ops", "float32", "bfloat16"),
  ],
  [
    variant("ops_int64", "int64"),
    variant("ops_int64", "int64", "int32"),
    variant("ops_int64", "int64", "int16"),
    variant("ops_int64", "int64", "int8"),
    variant("ops_int64", "int64", "uint8"),
  ],
  [variant("ops_bool", "bool")],
];
