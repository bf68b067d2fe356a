import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as random from "../../src/random/index.ts";
import { Generator } from "../../src/random/index.ts";

// What PyTorch 2.13 draws right after manual_seed(s): "rand_5" is torch.rand(5) and so on.
const file = new URL("rng_torch213.json", import.meta.url);
const golden: { seeds: Record<string, Record<string, number[]>> } = JSON.parse(readFileSync(file, "utf8"));

const f32 = (n: number) => new Float32Array(n);
const f64 = (n: number) => new Float64Array(n);
const i64 = (n: number) => new BigInt64Array(n);

/** kaiming_uniform_(a=√5) over `fanIn`, as the layers' reset_parameters do. */
function kaiming(g: Generator, n: number, fanIn: number): Float32Array {
  const bound = (Math.sqrt(3) * Math.sqrt(2 / (1 + 5))) / Math.sqrt(fanIn);
  return random.fillUniform(f32(n), g, -bound, bound);
}

const exact: Record<string, (g: Generator) => ArrayLike<number | bigint>> = {
  rand_5: (g) => random.fillUniform(f32(5), g),
  rand_f64_5: (g) => random.fillUniform(f64(5), g),
  randint_0_100_10: (g) => random.fillRandint(i64(10), g, 0, 100),
  randint_big: (g) => random.fillRandint(i64(5), g, 0, 2 ** 40),
  randperm_10: (g) => random.fillRandperm(i64(10), g),
  bernoulli_t: (g) => random.fillBernoulliEach(f32(12), g, f32(12).fill(0.3)),
  uniform_: (g) => random.fillUniform(f32(6), g, -2, 3),
  multinomial: (g) =>
    random.multinomial(
      g,
      f32(4).map((_, i) => [0.1, 0.2, 0.3, 0.4][i]),
      { categories: 4, samples: 6, replacement: true },
    ),
  "dropout_p.5_8": (g) => random.fillDropout(f32(8), g, 0.5),
  linear_weight_3x4: (g) => kaiming(g, 12, 4),
  linear_bias: (g) => {
    kaiming(g, 12, 4);
    return random.fillUniform(f32(3), g, -1 / Math.sqrt(4), 1 / Math.sqrt(4));
  },
  conv_weight: (g) => kaiming(g, 3 * 2 * 3 * 3, 2 * 3 * 3),
  lstm_w: (g) => random.fillUniform(f32(8 * 3), g, -1 / Math.sqrt(2), 1 / Math.sqrt(2)),
  // the iterator draws its base seed first, then the sampler seeds a generator of its own
  loader_shuffle_order: (g) => {
    random.fillRandom(i64(1), g);
    return random.fillRandperm(i64(10), new Generator(random.fillRandom(i64(1), g)[0]));
  },
};

const within1e6: Record<string, (g: Generator) => Float32Array | Float64Array> = {
  randn_5: (g) => random.fillNormal(f32(5), g),
  randn_16: (g) => random.fillNormal(f32(16), g),
  randn_40: (g) => random.fillNormal(f32(40), g),
  randn_37: (g) => random.fillNormal(f32(37), g),
  randn_f64_20: (g) => random.fillNormal(f64(20), g),
  normal_: (g) => random.fillNormal(f32(20), g, 1, 2),
  exponential_: (g) => random.fillExponential(f32(6), g, 1.5),
  trunc_normal: (g) => random.fillTruncNormal(f32(6), g),
  embedding: (g) => random.fillNormal(f32(20), g),
};

describe.each(Object.entries(golden.seeds))("seed %s", (seed, figures) => {
  test("every figure has a test", () => {
    expect(Object.keys(figures).sort()).toEqual([...Object.keys(exact), ...Object.keys(within1e6)].sort());
  });
  test.each(Object.entries(exact))("%s, exactly", (name, draw) => {
    expect(Array.from(draw(new Generator(Number(seed))), Number)).toEqual(figures[name]);
  });
  test.each(Object.entries(within1e6))("%s, within 1e-6", (name, draw) => {
    const got = Array.from(draw(new Generator(Number(seed))));
    expect(got.length).toBe(figures[name].length);
    expect(Math.max(...got.map((x, i) => Math.abs(x - figures[name][i])))).toBeLessThanOrEqual(1e-6);
  });
});
