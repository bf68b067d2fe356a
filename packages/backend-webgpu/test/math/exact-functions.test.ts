import { afterAll, describe, expect, test } from "vitest";
import { openRunner } from "./harness.ts";
import { pairs, samples, specials, words } from "./references.ts";

const runner = await openRunner();
afterAll(() => runner?.close());

const bitsOf = (x: Float32Array<ArrayBuffer>) => new Uint32Array(x.buffer);

/** Bits of float32 of a half's bits, by its definition. */
function halfValue(h: number): number {
  const fraction = h & 1023;
  const exponent = (h >> 10) & 31;
  const sign = h & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return exponent ? sign * (1 + fraction / 1024) * 2 ** (exponent - 15) : sign * fraction * 2 ** -24;
}

describe.skipIf(runner === null)("comparisons", () => {
  const { x, y } = pairs(5000);
  const operators: { readonly [name: string]: (x: number, y: number) => boolean } = {
    f_eq: (a, b) => a === b,
    f_ne: (a, b) => a !== b,
    f_lt: (a, b) => a < b,
    f_le: (a, b) => a <= b,
    f_gt: (a, b) => a > b,
    f_ge: (a, b) => a >= b,
    f_isnan: (a) => Number.isNaN(a),
  };
  // half of the pairs are of equals
  const second = y.map((v, i) => (i % 2 ? v : x[i]));
  test.each(Object.entries(operators))("%s", async (name, compare) => {
    const call = `u32(${name}(bitcast<f32>(x)${name === "f_isnan" ? "" : ", bitcast<f32>(y)"}))`;
    const got = await runner!.run([name], call, bitsOf(x), bitsOf(second));
    expect([...got]).toEqual([...x].map((a, i) => Number(compare(a, second[i]))));
  });

  test("f_nan and f_inf", async () => {
    const [nan, inf] = await runner!.run(
      ["f_nan", "f_inf"],
      "bitcast<u32>(select(f_nan(), f_inf(), x == 1u))",
      new Uint32Array([0, 1]),
    );
    expect([nan & 0x7fffffff, inf]).toEqual([0x7fc00000, 0x7f800000]);
  });
});

describe.skipIf(runner === null)("integers", () => {
  const next = words(3);
  const edges = [0, 1, -1, 2, -2, 3, -3, 7, 31, 32, 33, 100, 46341, 2 ** 31 - 1, -(2 ** 31), 2 ** 30];
  const a: number[] = [];
  const b: number[] = [];
  for (const i of edges) {
    for (const j of edges) {
      a.push(i);
      b.push(j);
    }
  }
  for (let i = 0; i < 2000; i++) {
    a.push(next() >> (next() % 32));
    b.push(next() >> (next() % 32));
  }
  const power = (x: bigint, n: bigint): bigint => {
    if (n < 0n) return x === 1n ? 1n : x === -1n ? 1n - 2n * (n & 1n) : 0n;
    let result = 1n;
    for (let square = x, left = n; left > 0n; left >>= 1n) {
      if (left & 1n) result = BigInt.asIntN(32, result * square);
      square = BigInt.asIntN(32, square * square);
    }
    return result;
  };
  const inside = (n: bigint) => n >= 0n && n < 32n;
  const references: { readonly [name: string]: (x: bigint, y: bigint) => bigint } = {
    i_abs: (x) => (x < 0n ? -x : x),
    i_sign: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
    i_min: (x, y) => (x < y ? x : y),
    i_max: (x, y) => (x > y ? x : y),
    i_idiv: (x, y) => (y === 0n ? 0n : x / y),
    i_rem: (x, y) => (y === 0n ? 0n : x % y),
    i_pow: power,
    i_shl: (x, y) => (inside(y) ? x << y : 0n),
    i_shr: (x, y) => (inside(y) ? x >> y : x < 0n ? -1n : 0n),
  };
  const [x, y] = [a, b].map((v) => new Uint32Array(new Int32Array(v).buffer));
  test.each(Object.entries(references))("%s", async (name, reference) => {
    const second = name === "i_abs" || name === "i_sign" ? "" : ", bitcast<i32>(y)";
    const got = await runner!.run([name], `bitcast<u32>(${name}(bitcast<i32>(x)${second}))`, x, y);
    const wanted = a.map((v, i) => Number(BigInt.asIntN(32, reference(BigInt(v), BigInt(b[i])))));
    expect([...new Int32Array(got.buffer)]).toEqual(wanted);
  });

  test("mul64", async () => {
    const product = (i: number) => BigInt(x[i]) * BigInt(y[i]);
    const low = await runner!.run(["mul64"], "mul64(x, y).x", x, y);
    const high = await runner!.run(["mul64"], "mul64(x, y).y", x, y);
    expect([...low]).toEqual(a.map((_, i) => Number(BigInt.asUintN(32, product(i)))));
    expect([...high]).toEqual(a.map((_, i) => Number(product(i) >> 32n)));
  });
});

describe.skipIf(runner === null)("conversions", () => {
  test("f_to_i truncates, saturates and has 0 for NaN", async () => {
    const x = samples(5000, 9);
    const got = await runner!.run(["f_to_i"], "bitcast<u32>(f_to_i(bitcast<f32>(x)))", bitsOf(x));
    const limit = (v: number) => Math.trunc(Math.min(Math.max(v, -(2 ** 31)), 2 ** 31 - 1));
    expect([...new Int32Array(got.buffer)]).toEqual([...x].map((v) => (Number.isNaN(v) ? 0 : limit(v) + 0)));
  });

  test("i_to_f", async () => {
    const x = new Int32Array([0, 1, -1, 16777217, 2 ** 31 - 1, -(2 ** 31)]);
    const got = await runner!.run(["i_to_f"], "bitcast<u32>(i_to_f(bitcast<i32>(x)))", new Uint32Array(x.buffer));
    expect([...new Float32Array(got.buffer)]).toEqual([...new Float32Array(x)]);
  });

  const halves = Uint32Array.from({ length: 65536 }, (_, h) => h);

  test("f16_to_f32 of every half", async () => {
    const got = await runner!.run(["f16_to_f32"], "bitcast<u32>(f16_to_f32(x))", halves);
    expect(new Float32Array(got.buffer)).toEqual(Float32Array.from(halves, halfValue));
  });

  test("f32_to_f16 of every half, of every middle between two, and of the middles' neighbours", async () => {
    const finite = [...halves].filter((h) => (h & 0x7fff) < 0x7c00);
    const x: number[] = [];
    const wanted: number[] = [];
    for (const h of finite) {
      const value = halfValue(h);
      const sign = h & 0x8000;
      // the next half outwards, as if the exponent went on beyond the largest one
      const above = (h & 0x7fff) === 0x7bff ? (sign ? -65536 : 65536) : halfValue(h + 1);
      const middle = (value + above) / 2;
      const step = Math.abs(above - value) / 4096;
      const outwards = sign ? -step : step;
      x.push(h === 0x8000 ? -0 : value, middle - outwards, middle, middle + outwards);
      wanted.push(h, h, h + (h & 1), h + 1);
    }
    const data = new Float32Array([...x, Number.NaN, Infinity, -Infinity, 1e30, -1e30, 1e-30]);
    const got = await runner!.run(["f32_to_f16"], "f32_to_f16(bitcast<f32>(x))", bitsOf(data));
    const special = [0x7e00, 0x7c00, 0xfc00, 0x7c00, 0xfc00, 0];
    expect(got).toEqual(Uint32Array.from([...wanted, ...special]));
  });

  test("bf16_to_f32", async () => {
    const got = await runner!.run(
      ["bf16_to_f32"],
      "bitcast<u32>(bf16_to_f32(x))",
      new Uint32Array([0x3f80, 0xc049, 0xff80]),
    );
    expect([...new Float32Array(got.buffer)]).toEqual([1, -3.140625, -Infinity]);
  });

  test("f32_to_bf16 is the nearest, the even one from halfway", async () => {
    // 1 and its bfloat16 neighbour 1.0078125; 1.01171875 is halfway to 1.015625; the largest float rounds to infinity
    const x = [1, 1.00390625, 1.0039064, 1.01171875, -1.00390625, 3.4028234663852886e38, ...specials.slice(14, 17)];
    const got = await runner!.run(["f32_to_bf16"], "f32_to_bf16(bitcast<f32>(x))", bitsOf(new Float32Array(x)));
    expect([...got]).toEqual([0x3f80, 0x3f80, 0x3f81, 0x3f82, 0xbf80, 0x7f80, 0x7f80, 0xff80, 0x7fc0]);
  });
});
