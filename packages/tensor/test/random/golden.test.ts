import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import * as random from "../../src/random/index.ts";
import { Generator } from "../../src/random/index.ts";

// golden.py says what each field is; figures made by PyTorch 2.13.
type Step = {
  op: string;
  dtype: keyof typeof arrays;
  n: number;
  args: never[];
  hash?: string;
  at?: string;
  normal: number;
  state: string;
};
type Golden = {
  runs: { seed: string; initialSeed: string; steps: Step[] }[];
  resume: { state: string; randn_5: number[]; rand_700: string };
};
const golden: Golden = JSON.parse(gunzipSync(readFileSync(new URL("golden.json.gz", import.meta.url))).toString());

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
} as const;

function weights(n: number, dtype: Step["dtype"]): random.FloatArray {
  const out = dtype === "float32" ? new Float32Array(n) : new Float64Array(n);
  return out.map((_, i) => (((i * 7919) % 64) + 1) / 64);
}

function draw(g: Generator, { op, dtype, n, args }: Step): random.NumberArray {
  const out = new arrays[dtype](n);
  const [a, b, c] = args as unknown[];
  if (op === "randint") return random.fillRandint(out, g, BigInt(a as string), BigInt(b as string));
  if (op === "random") return random.fillRandom(out, g);
  if (op === "randperm") return random.fillRandperm(out, g);
  if (op === "bernoulli") return random.fillBernoulli(out, g, ...args);
  if (op === "geometric") return random.fillGeometric(out, g, a as number);
  if (op === "multinomial") {
    const options = { categories: n / (a as number), samples: b as number, replacement: c as boolean };
    return random.multinomial(g, weights(n, dtype), options);
  }
  if (!(out instanceof Float32Array || out instanceof Float64Array)) throw new Error(`${op} of ${dtype}`);
  if (op === "uniform") return random.fillUniform(out, g, ...args);
  if (op === "normal") return random.fillNormal(out, g, ...args);
  if (op === "normalOneByOne") return random.fillNormalOneByOne(out, g, ...args);
  if (op === "logNormal") return random.fillLogNormal(out, g, ...args);
  if (op === "bernoulliEach") return random.fillBernoulliEach(out, g, weights(n, dtype));
  if (op === "dropout") return random.fillDropout(out, g, ...args);
  if (op === "exponential") return random.fillExponential(out, g, ...args);
  if (op === "cauchy") return random.fillCauchy(out, g, ...args);
  if (op === "truncNormal") return random.fillTruncNormal(out, g, ...args);
  throw new Error(`unknown op ${op}`);
}

function sha(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}

function bytesOf(x: random.NumberArray): Uint8Array {
  return new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
}

function doubles(base64: string): Float64Array {
  return new Float64Array(new Uint8Array(Buffer.from(base64, "base64")).buffer);
}

// float32 values within 1e-6 of PyTorch's; relative where values are large (exp, log and tan of both sides round once)
function expectClose(got: random.NumberArray, expected: Float64Array, dtype: string): void {
  const n = got.length;
  const picked = Array.from(got as ArrayLike<number | bigint>, (value, i) => [i, Number(value)]).filter(
    ([i]) => i < 8 || i >= n - 8 || i % 97 === 0,
  );
  expect(picked.length).toBe(expected.length);
  const tolerance = dtype === "float64" ? 1e-13 : 1e-6;
  picked.forEach(([i, value], k) => {
    const difference = Math.abs(value - expected[k]) / Math.max(1, Math.abs(expected[k]));
    if (!(difference <= tolerance)) expect.fail(`index ${i}: got ${value}, PyTorch ${expected[k]}`);
  });
}

function expectState(g: Generator, step: Step): void {
  const state = g.getState();
  expect(new DataView(state.buffer).getFloat64(5024, true)).toBeCloseTo(step.normal, 12);
  expect(sha(state.fill(0, 5024, 5032))).toBe(step.state);
}

describe.each(golden.runs)("seed $seed: forty calls that mix all kinds", ({ seed, initialSeed, steps }) => {
  const g = new Generator(BigInt(seed));
  test("initial seed", () => expect(String(g.initialSeed())).toBe(initialSeed));
  test.each(steps.map((step, i) => ({ name: `${i} ${step.op} ${step.dtype}[${step.n}](${step.args})`, step })))(
    "$name",
    ({ step }) => {
      const out = draw(g, step);
      expectState(g, step);
      if (step.at === undefined) expect(sha(bytesOf(out))).toBe(step.hash);
      else expectClose(out, doubles(step.at), step.dtype);
    },
  );
});

test("a state saved by torch.get_rng_state() continues here", () => {
  const g = new Generator();
  g.setState(new Uint8Array(Buffer.from(golden.resume.state, "base64")));
  const normals = random.fillNormal(new Float32Array(5), g);
  expectClose(normals, Float64Array.from(golden.resume.randn_5), "float32");
  expect(sha(bytesOf(random.fillUniform(new Float32Array(700), g)))).toBe(golden.resume.rand_700);
});
