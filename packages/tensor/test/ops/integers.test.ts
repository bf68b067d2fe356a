import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import {
  bincount,
  bitwiseAnd,
  bitwiseLeftShift,
  bitwiseNot,
  bitwiseOr,
  bitwiseRightShift,
  bitwiseXor,
  type DType,
  DTypeError,
  frexp,
  gcd,
  lcm,
  registerBackend,
  tensor,
  tolist,
} from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});
const of = (values: readonly (number | bigint)[], dtype: DType) => tensor(values, { dtype });

// figures of PyTorch 2.13
describe("bits", () => {
  test("shifts of int32 lose what leaves the width, and count negative and wide distances as too far", () => {
    const x = of([5, -7, 2 ** 30], "int32");
    const n = of([33, 1, 3], "int32");
    expect(tolist(bitwiseLeftShift(x, n))).toEqual([0, -14, 0]);
    expect(tolist(bitwiseRightShift(x, n))).toEqual([0, -4, 134217728]);
    expect(tolist(bitwiseLeftShift(x, -1))).toEqual([0, 0, 0]);
    expect(tolist(bitwiseRightShift(x, -1))).toEqual([0, -1, 0]);
    expect(tolist(bitwiseNot(x))).toEqual([-6, 6, -1073741825]);
  });
  test("uint8 wraps at its own width", () => {
    const x = of([200, 3], "uint8");
    expect(tolist(bitwiseLeftShift(x, 1))).toEqual([144, 6]);
    expect(tolist(bitwiseRightShift(x, 1))).toEqual([100, 1]);
    expect(tolist(bitwiseNot(x))).toEqual([55, 252]);
    expect(tolist(bitwiseXor(x, of([3, 200], "uint8")))).toEqual([203, 203]);
  });
  test("on bools they are logic", () => {
    const [x, y] = [tensor([true, true, false]), tensor([true, false, false])];
    expect(tolist(bitwiseAnd(x, y))).toEqual([true, false, false]);
    expect(tolist(bitwiseOr(x, y))).toEqual([true, true, false]);
    expect(tolist(bitwiseXor(x, y))).toEqual([false, true, false]);
    expect(tolist(bitwiseNot(x))).toEqual([false, false, true]);
    expect(() => bitwiseLeftShift(x, y)).toThrow(DTypeError);
  });
  test("floats have none", () => {
    expect(() => bitwiseAnd(tensor([1]), 1)).toThrow("bitwiseAnd: is not defined for float32 tensors");
  });
});

describe("divisors", () => {
  test("of int32, also where Euclid's algorithm takes longest", () => {
    const x = of([12, -18, 0, 2147483647, 1836311903, 7], "int32");
    const y = of([8, 27, 0, 2, 1134903170, 0], "int32");
    expect(tolist(gcd(x, y))).toEqual([4, 9, 0, 1, 1, 7]);
    // the fourth and fifth wrap, as in PyTorch
    expect(tolist(lcm(x, y))).toEqual([24, 54, 0, 2, 846734530, 0]);
  });
  test("of int64", () => {
    const x = of([7540113804746346429n, 9007199254740993n, -6n], "int64");
    const y = of([4660046610375530309n, 3n, 4n], "int64");
    expect(tolist(gcd(x, y))).toEqual([1, 3, 2]);
    expect(tolist(lcm(x, y))).toEqual([expect.anything(), 9007199254740993n, 12]); // the first one leaves 64 bits
  });
});

describe("frexp", () => {
  test("takes floats apart, down to the subnormal ones", () => {
    const x = tensor([0, -0, 1, -3.5, 1e-45, 3e38, Infinity, Number.NaN, 0.75]);
    const { mantissa, exponent } = frexp(x);
    expect(exponent.dtype).toBe("int32");
    expect(tolist(exponent)).toEqual([0, 0, 1, 2, -148, 128, 0, 0, 0]);
    const expected = [0, -0, 0.5, -0.875, 0.5, 0.8816207647323608, Infinity, Number.NaN, 0.75];
    expect(tolist(mantissa)).toEqual(expected);
  });
  test("of float64", () => {
    const { mantissa, exponent } = frexp(of([5e-324, 1e308, -2.2250738585072014e-308], "float64"));
    expect(tolist(mantissa)).toEqual([0.5, 0.5562684646268004, -0.5]);
    expect(tolist(exponent)).toEqual([-1073, 1024, -1021]);
  });
});

describe("bincount", () => {
  test("counts, or sums weights", () => {
    const x = of([1, 3, 1, 0], "int32");
    expect(tolist(bincount(x, { minlength: 6 }))).toEqual([1, 2, 0, 1, 0, 0]);
    expect(tolist(bincount(x, { weights: tensor([0.5, 1, 2, 4]) }))).toEqual([4, 2.5, 0, 1]);
    expect(bincount(of([], "int32")).shape).toEqual([0]);
  });
  test("refuses what is not counted", () => {
    expect(() => bincount(tensor([1, 2]))).toThrow(
      "bincount: needs a 1-d tensor of integers, got float32 of shape [2]",
    );
    expect(() => bincount(of([1, -1], "int32"))).toThrow("bincount: elements must not be negative, got -1");
  });
});
