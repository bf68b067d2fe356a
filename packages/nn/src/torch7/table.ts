import { ArgumentError, IndexError, isTensor, type Tensor } from "@flambeau/tensor/functional";
import { checkNumber, checkTensor, scoped, show, unscoped } from "@flambeau/tensor/plugin";
import { isModule, type Module } from "../module.ts";

/** What goes through a net of Torch7's: a tensor, or a table (a list, or an object of names) of such. */
export type Table = Tensor | readonly Table[] | { readonly [name: string]: Table };

/** Runs the several ops of a layer; outside of scopes nothing is left of them but the result. */
export const whole = <R>(run: () => R): R => (unscoped() ? scoped(run) : run());

export function checkModule(op: string, name: string, x: unknown): asserts x is Module {
  if (!isModule(x)) throw new ArgumentError(op, `${name} must be a module, got ${show(x)}`);
}
/** Holds an input to a list, of `length` entries where that is given. */
export function checkList(op: string, x: unknown, length?: number): asserts x is readonly Table[] {
  if (!Array.isArray(x) || (length !== undefined && x.length !== length))
    throw new ArgumentError(
      op,
      `takes a list${length === undefined ? "" : ` of ${length}`}, got ${Array.isArray(x) ? `one of ${x.length}` : show(x)}`,
      "tables are arrays: forward([a, b])",
    );
}
/** Holds an input to a list of tensors, not an empty one, of `length` where that is given. */
export function checkTensorList(op: string, x: unknown, length?: number): asserts x is readonly Tensor[] {
  checkList(op, x, length);
  if (x.length === 0) throw new ArgumentError(op, "takes a list of tensors, got an empty one");
  for (const [i, t] of x.entries()) checkTensor(op, `entry ${i}`, t as Tensor);
}
/** A place in a list; negative counts from the end. */
export function position(op: string, index: number, length: number): number {
  const i = index < 0 ? index + length : index;
  if (!Number.isInteger(index) || i < 0 || i >= length)
    throw new IndexError(op, `index ${show(index)} is out of range for ${length} entries`);
  return i;
}
/** The dimension that is meant: `dim` of an example, which a batch has one dimension before. */
export const batchDim = (dim: number, nInputDims: number | undefined, x: Tensor): number =>
  dim >= 0 && nInputDims !== undefined && x.ndim === nInputDims + 1 ? dim + 1 : dim;

export function checkFlag(op: string, name: string, value: unknown): void {
  if (typeof value !== "boolean") throw new ArgumentError(op, `${name} must be a boolean, got ${show(value)}`);
}
export function checkPositive(op: string, name: string, value: unknown): void {
  if (!(checkNumber(op, name, value) > 0)) throw new ArgumentError(op, `${name} must be positive, got ${show(value)}`);
}

/** Visits the tensors of a table in order. */
export function* tensorsOf(table: Table): Generator<Tensor> {
  if (isTensor(table)) yield table;
  else if (typeof table === "object" && table !== null) for (const each of Object.values(table)) yield* tensorsOf(each);
  else throw new ArgumentError("table", `holds tensors and tables, got ${show(table)}`);
}
