import "@flambeau/autograd"; // which records
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, expect, test } from "vitest";
import {
  DTypeError,
  finfo,
  iinfo,
  isGradEnabled,
  mul,
  noGrad,
  registerBackend,
  setGradEnabled,
  tensor,
} from "../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});

// figures of PyTorch 2.13
test.each([
  ["float16", 16, 2 ** -10, 65504, 2 ** -14, 1e-3],
  ["bfloat16", 16, 2 ** -7, 3.3895313892515355e38, 2 ** -126, 1e-2],
  ["float32", 32, 2 ** -23, 3.4028234663852886e38, 2 ** -126, 1e-6],
  ["float64", 64, 2 ** -52, Number.MAX_VALUE, 2.2250738585072014e-308, 1e-15],
] as const)("finfo of %s", (dtype, bits, eps, max, tiny, resolution) => {
  expect(finfo(dtype)).toEqual({ dtype, bits, eps, max, min: -max, tiny, smallestNormal: tiny, resolution });
  expect(() => iinfo(dtype)).toThrow(DTypeError);
});
test.each([
  ["uint8", 8, 0, 255],
  ["int8", 8, -128, 127],
  ["int16", 16, -32768, 32767],
  ["int32", 32, -2147483648, 2147483647],
  ["int64", 64, -(2n ** 63n), 2n ** 63n - 1n],
] as const)("iinfo of %s", (dtype, bits, min, max) => {
  expect(iinfo(dtype)).toEqual({ dtype, bits, min, max });
  expect(() => finfo(dtype as never)).toThrow(DTypeError);
});

test("setGradEnabled holds for a function, or until it is set again", () => {
  const w = tensor([1], { requiresGrad: true });
  expect(setGradEnabled(false, () => mul(w, 2)).requiresGrad).toBe(false);
  expect(noGrad(() => setGradEnabled(true, () => mul(w, 2))).requiresGrad).toBe(true);
  expect(isGradEnabled()).toBe(true);
  setGradEnabled(false);
  try {
    expect(mul(w, 2).requiresGrad).toBe(false);
  } finally {
    setGradEnabled(true);
  }
  noGrad(() => setGradEnabled(true));
  expect(isGradEnabled()).toBe(true);
  expect(() => setGradEnabled(false, (async () => 1) as never)).toThrow("synchronous");
});
