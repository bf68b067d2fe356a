// Sizes that are known when a graph runs: affine in a named dimension of its inputs.

/** A size: a number, or `times * d + plus` where `d` is the size that a run's inputs have along the dimension called `dim`. */
export type Dim = number | AffineDim;
/** A size that follows that of a named dimension: `times * d + plus`. */
export interface AffineDim {
  readonly dim: string;
  readonly times: number;
  readonly plus: number;
}
/** Sizes by the names of dimensions. */
export type Sizes = ReadonlyMap<string, number>;

/** Whether a value among attributes or sizes is an {@link AffineDim}. */
export const isAffine = (x: unknown): x is AffineDim =>
  typeof x === "object" && x !== null && "dim" in x && "times" in x && "plus" in x && typeof x.dim === "string";

/** The number that a size is. */
export const sizeAt = (d: Dim, sizes: Sizes): number =>
  typeof d === "number" ? d : d.times * (sizes.get(d.dim) as number) + d.plus; // the graph's checks have seen its names
export const shapeAt = (shape: readonly Dim[], sizes: Sizes): number[] => shape.map((d) => sizeAt(d, sizes));

export function showDim(d: Dim): string {
  if (typeof d === "number") return String(d);
  const product = d.times === 1 ? d.dim : `${d.times}*${d.dim}`;
  return d.plus === 0 ? product : `${product}${d.plus < 0 ? "" : "+"}${d.plus}`;
}
export const showDims = (shape: readonly Dim[]): string => `[${shape.map(showDim).join(", ")}]`;

/** Attributes with the numbers that a run has; the same object where none depends on it. */
export function attrsAt(value: unknown, sizes: Sizes): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isAffine(value)) return sizeAt(value, sizes);
  if (Array.isArray(value))
    return changed(
      value,
      value.map((x) => attrsAt(x, sizes)),
    );
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value);
  const found = entries.map(([, x]) => attrsAt(x, sizes));
  return found.every((x, i) => x === entries[i][1])
    ? value
    : Object.fromEntries(entries.map(([key], i) => [key, found[i]]));
}
const changed = (before: readonly unknown[], after: readonly unknown[]): readonly unknown[] =>
  after.every((x, i) => x === before[i]) ? before : after;

/** Whether something in attributes depends on the sizes of a run. */
export function dependsOnSizes(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isAffine(value) || Object.values(value).some(dependsOnSizes);
}
