import { afterAll, describe, expect, test } from "vitest";
import { librarySource } from "../../src/wgsl/math/index.ts";
import { openRunner } from "./harness.ts";
import { type Case, cases, pairs, samples, ulpsApart } from "./references.ts";

const runner = await openRunner();
afterAll(() => runner?.close());

const bitsOf = (x: Float32Array<ArrayBuffer>) => new Uint32Array(x.buffer);
const isSubnormal = (x: number) => x !== 0 && Math.abs(x) < 2 ** -126;
const singles = samples(20_000, 5);
const doubles = pairs(20_000);

/**
 * WGSL leaves open whether `fma` rounds the product. Each of these does one of the two for certain: the first rounds it, the
 * second finds its rounding error with products of halves that are exact (Dekker) and the sum's (Knuth), and adds them.
 */
const products = {
  rounded: "fn product_sum(x: f32, y: f32, z: f32) -> f32 { return x * y + z; }",
  fused: `fn product_sum(x: f32, y: f32, z: f32) -> f32 {
  let p = x * y;
  let s = p + z;
  if (abs(p) < 1e-30f || abs(x) > 1e18f || abs(y) > 1e18f) { return s; }
  let xh = bitcast<f32>(bitcast<u32>(x) & 0xfffff000u);
  let yh = bitcast<f32>(bitcast<u32>(y) & 0xfffff000u);
  let low = ((xh * yh - p) + xh * (y - yh) + (x - xh) * yh) + (x - xh) * (y - yh);
  let b = s - p;
  return s + (((p - (s - b)) + (z - b)) + low);
}`,
};
const sourceWith = (product: keyof typeof products, names: readonly string[]): string =>
  `${products[product]}\n${librarySource(names).replaceAll("fma(", "product_sum(")}`;

async function compare(name: string, { reference, ulps, absolute = 0, binary, subnormal }: Case, source: string) {
  const { x, y } = binary ? doubles : { x: singles, y: singles };
  const call = `bitcast<u32>(${name}(bitcast<f32>(x)${binary ? ", bitcast<f32>(y)" : ""}))`;
  const got = new Float32Array((await runner!.run([name], call, bitsOf(x), bitsOf(y), source)).buffer);
  let compared = 0;
  const wrong: string[] = [];
  for (let i = 0; i < x.length; i++) {
    if (!subnormal && (isSubnormal(x[i]) || (binary && isSubnormal(y[i])))) continue;
    const wanted = reference(x[i], y[i]);
    const close = ulpsApart(got[i], wanted) <= ulps || (x[i] < 0 && Math.abs(got[i] - wanted) <= absolute);
    compared++;
    if (!close) wrong.push(`${name}(${x[i]}, ${y[i]}) is ${got[i]}, not ${wanted}`);
  }
  expect(wrong.slice(0, 10)).toEqual([]);
  expect(compared).toBeGreaterThan(15_000);
}

describe.skipIf(runner === null)("float functions against float64", () => {
  test.each(Object.entries(cases))("%s", (name, c) => compare(name, c, librarySource([name])));

  const withProducts = Object.entries(cases).filter(([name]) => librarySource([name]).includes("fma("));
  for (const product of ["rounded", "fused"] as const)
    test.each(withProducts)(`%s, the products in fma ${product}`, (name, c) =>
      compare(name, c, sourceWith(product, [name])),
    );

  test("the two products", async () => {
    const x = new Float32Array([1 + 2 ** -23]);
    const y = new Float32Array([1 + 2 ** -22]);
    for (const [product, wanted] of [
      ["rounded", 0],
      ["fused", 2 ** -46],
    ] as const) {
      const call = "bitcast<u32>(product_sum(bitcast<f32>(x), bitcast<f32>(x), -bitcast<f32>(y)))";
      const got = await runner!.run([], call, bitsOf(x), bitsOf(y), products[product]);
      expect(new Float32Array(got.buffer)[0]).toBe(wanted);
    }
  });

  // signs of zero are differences that units in the last place do not see
  const odd =
    "f_sin f_tan f_asin f_atan f_sinh f_tanh f_asinh f_atanh f_expm1 f_log1p f_erf f_floor f_ceil f_round f_trunc";
  test.each(odd.split(" "))("%s keeps the sign of zero", async (name) => {
    const got = await runner!.run([name], `bitcast<u32>(${name}(bitcast<f32>(x)))`, new Uint32Array([0, 0x80000000]));
    expect([...got]).toEqual([0, 0x80000000]);
  });
});
