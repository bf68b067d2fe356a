import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/engine/engine.ts";
import reference from "./math.reference.json" with { type: "json" };

// JSON has arrays where the figures are pairs and triples
const unary = reference.unary as unknown as Record<string, [number, number][]>;
const binary = reference.binary as unknown as Record<string, [number, number, number][]>;
const engine = createEngine({ threads: 1 });
// math functions have other signatures than kernels
const math = (name: string) => engine.fn(engine.staticKernel(name)) as unknown as (...x: number[]) => number;

function relative(actual: number, expected: number, scale = 0): number {
  return Math.abs(actual - expected) / Math.max(Math.abs(expected), scale, Number.MIN_VALUE);
}

// a zero in the argument's range: there the error counts against 1, as in every libm without extra precision
const zeros: Record<string, number> = { lgamma: 1, digamma: 1 };
const bound: Record<string, number> = { tan: 1e-15, erfc: 2e-15, digamma: 2e-15, lgamma: 2e-15 };

describe("math for emitted kernels", () => {
  it.each(Object.keys(unary))("%s agrees with 60-digit arithmetic to 1e-15", (name) => {
    const f = math(name);
    for (const [x, expected] of unary[name]) {
      const difference = relative(f(x), expected, zeros[name]);
      expect(difference, `${name}(${x}) = ${f(x)}, expected ${expected}`).toBeLessThan(bound[name] ?? 6e-16);
    }
  });

  it.each(Object.keys(binary))("%s agrees with 60-digit arithmetic to 1e-15", (name) => {
    const f = math(name);
    for (const [x, y, expected] of binary[name]) {
      expect(relative(f(x, y), expected), `${name}(${x}, ${y})`).toBeLessThan(6e-16);
    }
  });

  it("reduces angles of millions", () => {
    const figures = [
      [1647100.25, 0.7961070296692312, 0.6051558454739026, 1.31554051014048],
      [1820334.5161906166, 0.9963149866773364, 0.08576973430143647, 11.616160348308902],
      [-2700000, -0.8222898491082166, -0.5690688921858112, 1.444974168153483],
      [4194303.75, 0.8899812777851469, 0.45599706708696847, 1.951725881639077],
    ];
    for (const [x, ...expected] of figures)
      ["sin", "cos", "tan"].forEach((name, i) => {
        expect(relative(math(name)(x), expected[i]), `${name}(${x})`).toBeLessThan(1e-15);
      });
  });

  it("has C's and PyTorch's values at the edges", () => {
    const I = Number.POSITIVE_INFINITY;
    const cases: [string, number[], number][] = [
      ["exp", [I], I],
      ["exp", [-I], 0],
      ["exp", [-800], 0],
      ["log", [0], -I],
      ["log", [-1], Number.NaN],
      ["pow", [1, Number.NaN], 1],
      ["pow", [-1, I], 1],
      ["pow", [Number.NaN, 0], 1],
      ["pow", [-8, 1 / 3], Number.NaN],
      ["pow", [0, -1], I],
      ["tanh", [I], 1],
      ["tanh", [-0], -0],
      ["erf", [-I], -1],
      ["erfc", [I], 0],
      ["erfc", [-I], 2],
      ["lgamma", [0], I],
      ["lgamma", [-3], I],
      ["lgamma", [-I], I],
      ["digamma", [0], -I],
      ["digamma", [-0], I],
      ["digamma", [-2], Number.NaN],
      ["fmod", [-7.5, 2], -1.5],
      ["fmod", [1, 0], Number.NaN],
      ["fmod", [5, I], 5],
      ["nextafter", [1, 2], 1 + 2 ** -52],
      ["nextafter", [1, 0], 1 - 2 ** -53],
      ["nextafter", [0, -1], -(2 ** -1074)],
      ["nextafter", [-1, 0], -1 + 2 ** -53],
      ["nextafter", [2 ** -1074, 0], 0],
      ["atan2", [-0, -1], -Math.PI],
    ];
    for (const [name, args, expected] of cases) expect(math(name)(...args), `${name}(${args})`).toBe(expected);
  });
});
