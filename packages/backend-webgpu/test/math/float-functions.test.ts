import { afterAll, describe, expect, test } from "vitest";
import { openRunner } from "./harness.ts";
import { cases, pairs, samples, ulpsApart } from "./references.ts";

const runner = await openRunner();
afterAll(() => runner?.close());

const bitsOf = (x: Float32Array<ArrayBuffer>) => new Uint32Array(x.buffer);
const isSubnormal = (x: number) => x !== 0 && Math.abs(x) < 2 ** -126;
const singles = samples(20_000, 5);
const doubles = pairs(20_000);

describe.skipIf(runner === null)("float functions against float64", () => {
  test.each(Object.entries(cases))("%s", async (name, { reference, ulps, absolute = 0, binary, subnormal }) => {
    const { x, y } = binary ? doubles : { x: singles, y: singles };
    const call = `bitcast<u32>(${name}(bitcast<f32>(x)${binary ? ", bitcast<f32>(y)" : ""}))`;
    const got = new Float32Array((await runner!.run([name], call, bitsOf(x), bitsOf(y))).buffer);
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
  });

  // signs of zero are differences that units in the last place do not see
  const odd =
    "f_sin f_tan f_asin f_atan f_sinh f_tanh f_asinh f_atanh f_expm1 f_log1p f_erf f_floor f_ceil f_round f_trunc";
  test.each(odd.split(" "))("%s keeps the sign of zero", async (name) => {
    const got = await runner!.run([name], `bitcast<u32>(${name}(bitcast<f32>(x)))`, new Uint32Array([0, 0x80000000]));
    expect([...got]).toEqual([0, 0x80000000]);
  });
});
