import { expect, test } from "vitest";
import * as random from "../../src/random/index.ts";
import { Generator } from "../../src/random/index.ts";

const out = new Float32Array(4);

test.each<[string, (g: Generator) => unknown, string]>([
  [
    "uniform",
    (g) => random.fillUniform(out, g, 1, 0),
    "uniform: expected from <= to with a finite width, got from=1, to=0",
  ],
  ["normal", (g) => random.fillNormal(out, g, 0, -1), "normal: std must be at least 0, got -1"],
  [
    "normal, long",
    (g) => random.fillNormal(new Float32Array(16), g, 0, Number.NaN),
    "normal: std must be at least 0, got NaN",
  ],
  ["logNormal", (g) => random.fillLogNormal(out, g, 0, 0), "logNormal: std must be positive, got 0"],
  ["randint", (g) => random.fillRandint(out, g, 3, 3), "randint: low must be less than high, got low=3, high=3"],
  ["randint", (g) => random.fillRandint(out, g, 0, 1.5), "randint: high must be an integer, got 1.5"],
  ["randint", (g) => random.fillRandint(out, g, 0, 2n ** 64n), "randint: high is beyond int64"],
  ["bernoulli", (g) => random.fillBernoulli(out, g, 1.5), "bernoulli: p must be in [0, 1], got 1.5"],
  [
    "bernoulli",
    (g) => random.fillBernoulliEach(out, g, out.slice(1)),
    "bernoulli: expected 4 probabilities, one for each value, got 3",
  ],
  [
    "bernoulli",
    (g) => random.fillBernoulliEach(out, g, Float32Array.of(0.5, 1, 0, 2)),
    "bernoulli: p must be in [0, 1], got 2",
  ],
  ["dropout", (g) => random.fillDropout(out, g, 1), "dropout: p must be in [0, 1), got 1"],
  ["exponential", (g) => random.fillExponential(out, g, 0), "exponential: lambda must be positive, got 0"],
  ["geometric", (g) => random.fillGeometric(out, g, 1), "geometric: p must be in (0, 1), got 1"],
  ["cauchy", (g) => random.fillCauchy(out, g, 0, 0), "cauchy: sigma must be positive, got 0"],
  ["rrelu", (g) => random.fillRreluNoise(out, g, out.slice(1), 0, 1), "rrelu: expected 4 inputs, got 3"],
  [
    "truncNormal",
    (g) => random.fillTruncNormal(out, g, 0, 1, 2, 2),
    "truncNormal: a must be less than b, got a=2, b=2",
  ],
  ["truncNormal", (g) => random.fillTruncNormal(out, g, 0, 0), "truncNormal: std must be positive, got 0"],
  [
    "multinomial",
    (g) => random.multinomial(g, out, { categories: 4, samples: 1 }),
    "multinomial: the weights of row 0 sum to 0",
  ],
  [
    "multinomial",
    (g) => random.multinomial(g, Float32Array.of(1, 1, 1, -1), { categories: 2, samples: 1 }),
    "got -1 at row 1, category 1",
  ],
  [
    "multinomial",
    (g) => random.multinomial(g, Float32Array.of(1, 1), { categories: 2, samples: 3 }),
    "cannot sample 3 of 2 categories without replacement",
  ],
  [
    "multinomial",
    (g) => random.multinomial(g, out, { categories: 3, samples: 1 }),
    "4 weights do not split into rows of 3 categories",
  ],
  ["multinomial", (g) => random.multinomial(g, out, { categories: 2, samples: 0 }), "cannot sample 0 values"],
])("%s refuses, draws nothing and says why", (_, draw, message) => {
  const g = new Generator(1);
  expect(() => draw(g)).toThrow(message);
  expect(g.random32()).toBe(new Generator(1).random32());
});

// torch.nn.functional.rrelu(torch.tensor([1., -1., 0., -2., 3.]), 0.1, 0.3, True) after manual_seed(0)
test("rrelu draws only where the input is not positive", () => {
  const g = new Generator(0);
  const input = Float32Array.of(1, -1, 0, -2, 3);
  const noise = random.fillRreluNoise(new Float32Array(5), g, input, 0.1, 0.3);
  const expected = [1, -0.29401060938835144, 0, -0.3837531805038452, 3];
  for (let i = 0; i < 5; i++) expect(noise[i] * input[i]).toBeCloseTo(expected[i], 6);
  expect(random.fillUniform(new Float32Array(1), g)[0]).toBeCloseTo(0.4901, 4);
});
