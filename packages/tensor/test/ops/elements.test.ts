import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import * as f from "../../src/index.ts";
import {
  ArgumentError,
  type DType,
  DTypeError,
  FlambeauError,
  registerBackend,
  type Tensor,
  tensor,
  tolist,
} from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});

type Value = number | bigint;
const first = (x: Tensor): unknown => f.flatten(x).at(0).tolist();
const zero = (dtype: DType): Tensor => f.zeros([2], { dtype });
const at0 = (): Tensor => tensor([0], { dtype: "int32" });
const mask = (): Tensor => tensor([true, false]);
/** All that writes one value, and the element that it wrote. */
const writers: { readonly [name: string]: (value: Value, dtype: DType) => unknown } = {
  tensor: (v, dtype) => first(tensor([v, 0], { dtype })),
  full: (v, dtype) => first(f.full([2], v, { dtype })),
  fullLike: (v, dtype) => first(f.fullLike(zero(dtype), v)),
  scalarTensor: (v, dtype) => first(f.scalarTensor(v, { dtype })),
  fill: (v, dtype) => first(f.fill(zero(dtype), v)),
  fill_: (v, dtype) => first(f.fill_(zero(dtype), v)),
  maskedFill: (v, dtype) => first(f.maskedFill(zero(dtype), mask(), v)),
  maskedFill_: (v, dtype) => first(f.maskedFill_(zero(dtype), mask(), v)),
  "setAt_ a place": (v, dtype) => first(f.setAt_(zero(dtype), v, 0)),
  "setAt_ a list": (v, dtype) => first(f.setAt_(zero(dtype), v, [0])),
  "setAt_ a mask": (v, dtype) => first(f.setAt_(zero(dtype), v, mask())),
  indexFill: (v, dtype) => first(f.indexFill(zero(dtype), 0, at0(), v)),
  scatter: (v, dtype) => first(f.scatter(zero(dtype), 0, at0(), v)),
  scatter_: (v, dtype) => first(f.scatter_(zero(dtype), 0, at0(), v)),
  constantPadNd: (v, dtype) => first(f.constantPadNd(zero(dtype), [1, 0], v)),
  pad: (v, dtype) => first(f.pad(zero(dtype), [1, 0], { value: v })),
};
const ends: [DType, bigint, bigint][] = [
  ["uint8", 0n, 255n],
  ["int8", -128n, 127n],
  ["int16", -32768n, 32767n],
  ["int32", -(2n ** 31n), 2n ** 31n - 1n],
  ["int64", -(2n ** 63n), 2n ** 63n - 1n],
];

describe.each(Object.entries(writers))("one value through %s", (_, write) => {
  test.each(ends)("is exact in %s from %s to %s, and refused beyond", (dtype, low, high) => {
    for (const v of [low, low + 1n, 0n, 5n, high - 1n, high]) {
      expect(BigInt(write(v, dtype) as Value)).toBe(v);
      if (Number.isSafeInteger(Number(v))) expect(write(Number(v), dtype)).toBe(Number(v));
    }
    // -1 to -255 are PyTorch's way to write uint8 modulo 256
    if (dtype === "uint8") expect(write(-1, dtype)).toBe(255);
    const below = dtype === "uint8" ? -256n : low - 1n;
    for (const v of [below, high + 1n, NaN, Infinity, -Infinity, 1e300]) {
      expect(() => write(v, dtype)).toThrow(ArgumentError);
      expect(() => write(v, dtype)).toThrow(`does not fit ${dtype}`);
    }
    expect(write(2.7, dtype)).toBe(2);
  });
  test("is true in bool for what is not 0", () => {
    for (const v of [1, -3, 0.5, 7n, NaN]) expect(write(v, "bool")).toBe(true);
    for (const v of [0, -0, 0n]) expect(write(v, "bool")).toBe(false);
  });
  test("is no text, and nothing", () => {
    for (const v of ["x", "1", {}]) expect(() => write(v as number, "float32")).toThrow();
  });
});

test("finite numbers beyond a float's range are refused by what fills, and infinities are not", () => {
  for (const [dtype, most] of [
    ["float16", 65504],
    ["float32", 3.4028234663852886e38],
  ] as const) {
    expect(f.full([1], most, { dtype }).item()).toBe(most);
    expect(f.full([1], -Infinity, { dtype }).item()).toBe(-Infinity);
    expect(() => f.full([1], most * 2, { dtype })).toThrow(`does not fit ${dtype}`);
    expect(() => f.fill_(f.zeros([1], { dtype }), -2 * most)).toThrow(ArgumentError);
    expect(tensor([most * 2], { dtype }).item()).toBe(Infinity); // a list is read as if it were an array of the dtype
  }
});

test("fill_ takes a 0-d tensor, whose gradient is the sum, and no other", () => {
  expect(tolist(f.fill_(f.ones([2]), tensor(3)))).toEqual([3, 3]);
  expect(() => f.fill_(f.ones([2]), tensor([3]))).toThrow("fill_: a tensor value must be 0-d, got shape [1]");
  expect(() => f.fill_(f.ones([2]), "x" as never)).toThrow(DTypeError);
});

describe("ranges whose elements do not fit", () => {
  test.each([
    ["arange", () => f.arange(2147483646, 2147483650)],
    ["arange", () => f.arange(250, 260, 1, { dtype: "uint8" })],
    ["linspace", () => f.linspace(0, 3e9, 3, { dtype: "int32" })],
    ["logspace", () => f.logspace(0, 3, 4, { dtype: "int8" })],
    ["where", () => f.where(mask(), zero("int32"), 3e9)],
    ["where", () => f.where(mask(), 300, zero("uint8"))],
  ])("are refused by %s", (op, run) => {
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow(new RegExp(`^${op}: .* does not fit`));
  });
});

describe("bigints in arithmetic", () => {
  const big = 9007199254740993n;
  const wide = (...values: bigint[]): Tensor => tensor(values);
  test("are exact in int64", () => {
    expect(tensor([big]).item()).toBe(big);
    expect(tolist(f.add(wide(1n), big))).toEqual([big + 1n]);
    expect(tolist(f.sub(big, wide(1n)))).toEqual(
      [Number(big - 1n)].map((v) => (Number.isSafeInteger(v) ? v : big - 1n)),
    );
    expect(tolist(f.mul_(wide(3n), big))).toEqual([3n * big]);
    expect(tolist(f.eq(wide(big, big - 1n), big))).toEqual([true, false]);
    expect(tolist(f.where(mask(), big, wide(0n, 7n)))).toEqual([big, 7]);
    expect(tolist(f.clamp(wide(0n, 2n ** 62n), big, 2n ** 61n + 1n))).toEqual([big, 2n ** 61n + 1n]);
    expect(() => f.add(wide(1n), 2n ** 63n)).toThrow("does not fit int64");
  });
  test("are numbers where they are safe integers, with the dtype of one", () => {
    for (const dtype of ["int32", "uint8", "float32", "float16"] as const) {
      const y = f.add(f.ones([1], { dtype }), 5n);
      expect([y.dtype, y.item()]).toEqual([dtype, 6]);
    }
  });
  test("are rounded in floats", () => {
    expect(f.add(tensor([1], { dtype: "float64" }), big).item()).toBe(9007199254740992);
  });
});

test("bounds beyond an integer's range are its ends", () => {
  const x = () => tensor([5, 6], { dtype: "int32" });
  expect(tolist(f.clamp(x(), null, 3e9))).toEqual([5, 6]);
  expect(tolist(f.clamp(x(), -3e9))).toEqual([5, 6]);
  expect(tolist(f.clamp_(x(), -3e9, 3e9))).toEqual([5, 6]);
  expect(tolist(f.clampMin(x(), 3e9))).toEqual([2147483647, 2147483647]);
  expect(tolist(f.clampMax_(x(), 3e9))).toEqual([5, 6]);
  expect(tolist(f.clamp(tensor([5, 6], { dtype: "uint8" }), -1, 300))).toEqual([5, 6]);
  expect(tolist(f.clamp(tensor([5n, 6n]), null, 2 ** 70))).toEqual([5, 6]);
  expect(f.clamp(x(), null, Infinity).dtype).toBe("float32");
  const mixed = f.clamp(x(), tensor([2n ** 40n]), 2 ** 41);
  expect([mixed.dtype, ...(tolist(mixed) as number[])]).toEqual(["int64", 2 ** 40, 2 ** 40]);
});

describe("int32 and int64 meet as PyTorch's int64 do", () => {
  const narrow = (values: number[], shape = [values.length]): Tensor => tensor(values, { dtype: "int32", shape });
  const wide = (values: number[], shape = [values.length]): Tensor => tensor(values, { dtype: "int64", shape });
  const index = (): Tensor => narrow([1, 0]);
  const m = (make: typeof narrow) => make([1, 2, 3, 4], [2, 2]);
  const ops: { readonly [name: string]: (x: typeof narrow, y: typeof narrow) => Tensor } = {
    matmul: (x, y) => f.matmul(m(x), m(y)),
    bmm: (x, y) => f.bmm(x([1, 2, 3, 4], [1, 2, 2]), y([1, 2, 3, 4], [1, 2, 2])),
    linear: (x, y) => f.linear(m(x), m(y), x([1, 2])),
    addmm: (x, y) => f.addmm(m(y), m(x), m(x)),
    scatter: (x, y) => f.scatter(x([1, 2]), 0, index(), y([3, 4])),
    scatterAdd: (x, y) => f.scatterAdd(x([1, 2]), 0, index(), y([3, 4])),
    scatterReduce: (x, y) => f.scatterReduce(x([1, 2]), 0, index(), y([3, 4]), "amax"),
    indexAdd: (x, y) => f.indexAdd(x([1, 2]), 0, index(), y([3, 4])),
    indexCopy: (x, y) => f.indexCopy(x([1, 2]), 0, index(), y([3, 4])),
    indexReduce: (x, y) => f.indexReduce(x([1, 2]), 0, index(), y([3, 4]), "prod"),
    indexPut: (x, y) => f.indexPut(x([1, 2]), [index()], y([3, 4]), { accumulate: true }),
    put: (x, y) => f.put(x([1, 2]), index(), y([3, 4])),
    maskedScatter: (x, y) => f.maskedScatter(x([1, 2]), mask(), y([3, 4])),
    selectScatter: (x, y) => f.selectScatter(m(x), y([3, 4]), 0, 1),
  };
  test.each(Object.entries(ops))("in %s", (_, op) => {
    const wanted = tolist(op(wide, wide));
    for (const y of [op(narrow, wide), op(wide, narrow)]) {
      expect(y.dtype).toBe("int64");
      expect(tolist(y)).toEqual(wanted);
    }
  });
  test("in place the target keeps its dtype", () => {
    const x = narrow([1, 2]);
    expect(tolist(f.scatterAdd_(x, 0, index(), wide([3, 4])))).toEqual([5, 5]);
    expect(tolist(f.indexAdd_(x, 0, index(), wide([3, 4])))).toEqual([9, 8]);
    expect(tolist(f.put_(x, index(), wide([3, 4])))).toEqual([4, 3]);
    expect(x.dtype).toBe("int32");
  });
  test("and no other two", () => {
    const y = tensor([1, 2], { dtype: "int16" });
    expect(() => f.matmul(narrow([1, 2]), y)).toThrow(DTypeError);
    expect(() => f.scatter(narrow([1, 2]), 0, index(), y)).toThrow(DTypeError);
    expect(() => f.scatter(tensor([1, 2]), 0, index(), wide([1, 2]))).toThrow(DTypeError);
  });
});

// a bigint looks at the other operands for its dtype: what is none must be told all the same
describe.each(
  Object.entries({
    add: f.add,
    sub: f.sub,
    mul: f.mul,
    div: f.div,
    pow: f.pow,
    eq: f.eq,
    maximum: f.maximum,
    atan2: f.atan2,
  }),
)("a bigint beside what is no operand: %s", (_, function_) => {
  const op = function_ as (...operands: unknown[]) => unknown;
  test.each([undefined, null, "x", {}, [], () => {}])("%o", (junk) => {
    expect(() => op(5n, junk)).toThrow(FlambeauError);
    expect(() => op(junk, 5n)).toThrow(FlambeauError);
    expect(() => op(5n, 2n)).toThrow(FlambeauError);
  });
});
