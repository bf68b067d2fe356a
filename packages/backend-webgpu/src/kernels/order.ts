import type { ScalarType } from "@flambeau/tensor/plugin";

/** An i32 that orders as the value does, NaN above all numbers, the zeros equal. */
export function sortKey(value: string, type: ScalarType): string {
  if (type === "bool") return `i32(${value})`;
  return type === "int32" ? value : `f_key(${value})`;
}

/** The same for an order from large to small: equal ones stay equal, and unlike the negative, the complement always exists. */
export const reversedKey = (key: string): string => `(~${key})`;

/** {@link reversedKey} of numbers, but NaN above all: largest for the minimum that a NaN is. */
export const lowKey = (value: string, type: ScalarType): string =>
  type === "float32" ? `f_low_key(${value})` : reversedKey(sortKey(value, type));

/** What the keys' text calls. */
export const keyUses: readonly string[] = ["order", "f_isnan"];
export const keyDeclaration = `fn f_key(x: f32) -> i32 { return select(order(x), 0x7fffffff, f_isnan(x)); }
fn f_low_key(x: f32) -> i32 { return select(~order(x), 0x7fffffff, f_isnan(x)); }`;
