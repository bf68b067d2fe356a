import type { Backend, DType } from "@flambeau/tensor";
import { expect } from "vitest";
import type { Lab } from "./lab.ts";
import { agrees, type Scalar } from "./numbers.ts";

/** What each group of tests works on. The backend is there when tests are declared, so that they are those it needs. */
export interface Subject {
  readonly backend: Backend;
  readonly lab: Lab;
  /** Factor on every tolerance of floating-point results. */
  readonly accuracy: number;
  /** Bytes of the largest buffer that a test may ask for. */
  readonly maxBytes: number;
}

/** Asserts equality of elements, naming the first that differs. */
export function expectValues(
  actual: readonly Scalar[],
  expected: readonly Scalar[],
  dtype: DType,
  ulps: number,
  about: (i: number) => string,
  floor = 0,
): void {
  expect(actual.length, about(0)).toBe(expected.length);
  for (let i = 0; i < expected.length; i++)
    if (!agrees(actual[i], expected[i], dtype, ulps, floor))
      expect(`${about(i)} = ${actual[i]}`).toBe(`${about(i)} = ${expected[i]}`);
}
