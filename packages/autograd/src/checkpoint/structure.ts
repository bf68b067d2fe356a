import { isTensor, type Tensor } from "@flambeau/tensor/functional";

/** `value` with other tensors in the place of its own, inside lists, plain objects, maps and sets; what holds none of them stays as it is. */
export function withTensors<T>(value: T, others: ReadonlyMap<Tensor, Tensor>): T {
  return swap(value, others) as T; // of the same form
}
function swap(value: unknown, others: ReadonlyMap<Tensor, Tensor>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isTensor(value)) return others.get(value) ?? value;
  const inside = (list: readonly unknown[]) => list.map((x) => swap(x, others));
  if (Array.isArray(value)) return unlessSame(value, value, inside(value), (all) => all);
  if (value instanceof Set) return unlessSame(value, [...value], inside([...value]), (all) => new Set(all));
  if (value instanceof Map) {
    const keys = [...value.keys()];
    const before = [...value.values()];
    return unlessSame(value, before, inside(before), (all) => new Map(all.map((x, i) => [keys[i], x])));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const names = Object.keys(value);
  const before = Object.values(value);
  return unlessSame(value, before, inside(before), (all) => Object.fromEntries(all.map((x, i) => [names[i], x])));
}
const unlessSame = (
  value: unknown,
  before: readonly unknown[],
  after: readonly unknown[],
  make: (all: readonly unknown[]) => unknown,
): unknown => (before.every((x, i) => x === after[i]) ? value : make(after));
