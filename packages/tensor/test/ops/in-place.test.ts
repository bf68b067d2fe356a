import { grad } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import * as flambeau from "../../src/index.ts";
import { dataSync, memory, mul, registerBackend, sum, type Tensor, tensor, tidy, transpose } from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});

// where each function is defined and has a slope
const unary =
  "exp exp2 expm1 log log2 log10 log1p sqrt rsqrt sigmoid logit sin cos tan asin acos atan sinh cosh tanh asinh atanh sinc " +
  "deg2rad rad2deg floor ceil trunc fix frac round sgn sign abs neg square reciprocal relu relu6 leakyRelu elu celu selu gelu silu " +
  "mish hardtanh hardswish hardsigmoid nanToNum erf erfc erfinv lgamma digamma i0 absolute negative arccos arcsin arctan rrelu";
const binary =
  "add sub mul div pow atan2 hypot copysign xlogy remainder fmod floorDivide ldexp clampMin clampMax heaviside nextafter " +
  "eq ne lt le gt ge logicalAnd logicalOr logicalXor multiply divide subtract arctan2";
/** Their results require a gradient, and backward says that there is none: as in PyTorch. */
const refused = ["floorDivide", "heaviside"];
const others: { readonly [name: string]: readonly unknown[] } = {
  clamp: [0.3, 0.6],
  threshold: [0.4, 0.1],
  clip: [0.3, null],
  acosh: [],
  logicalNot: [],
};
const calls: [string, readonly unknown[]][] = [
  ...unary.split(" ").map((name): [string, readonly unknown[]] => [name, []]),
  ...binary.split(" ").map((name): [string, readonly unknown[]] => [name, [tensor2()]]),
  ...Object.entries(others),
];
/** Built when a test runs: there is no backend before. */
function tensor2(): () => Tensor {
  return () => tensor([0.7, 0.2, 0.9, 0.35, 0.5, 0.6], { shape: [2, 3], dtype: "float64" });
}
const at = (name: string): ((x: Tensor, ...rest: unknown[]) => Tensor) =>
  (flambeau as { readonly [name: string]: unknown })[name] as (x: Tensor, ...rest: unknown[]) => Tensor; // the names are functions
const values = (x: Tensor): number[] => Array.from(dataSync(x), Number);
const leaf = (name: string): Tensor =>
  mul(tensor([0.15, 0.8, 0.45, 0.62, 0.29, 0.93], { shape: [2, 3], dtype: "float64" }), name === "acosh" ? 8 : 1);

describe.each(["row-major", "strided"] as const)("in place, %s", (layout) => {
  test.each(calls)("%s_ is x = %s(x), and so is its gradient", (name, args) => {
    const rest = args.map((a) => (typeof a === "function" ? a() : a));
    const target = (x: Tensor): Tensor =>
      layout === "strided" ? transpose(mul(transpose(x, 0, 1), 1), 0, 1) : mul(x, 1);
    const x = leaf(name);
    x.requiresGrad = true;
    const expected = at(name)(target(x), ...rest);
    const y = target(x);
    const result = at(`${name}_`)(y, ...rest);
    expect(result).toBe(y);
    expect(values(y)).toEqual(values(expected));
    if (refused.includes(name)) {
      for (const t of [y, expected]) expect(() => grad([sum(t)], [x])).toThrow("there is no gradient of it");
      return;
    }
    const [found] = grad([sum(mul(y, tensor2()()))], [x]);
    if (!expected.requiresGrad) {
      // what an op without gradient overwrote has none either
      expect(values(found).every((v) => v === 0)).toBe(true);
      return;
    }
    const [wanted] = grad([sum(mul(expected, tensor2()()))], [x]);
    expect(values(found)).toEqual(values(wanted));
  });
});

test("a gradient that reads the overwritten value has a copy of it, freed with the graph", () => {
  tidy(() => {
    const x = tensor([0.5, 2], { requiresGrad: true });
    const y = mul(x, 1);
    const before = memory().cpu.bytes;
    flambeau.log_(y); // 1 / x needs x
    const held = memory().cpu.bytes;
    expect(held).toBeGreaterThan(before);
    const total = sum(y);
    for (const t of [...grad([total], [x]), total]) t.dispose();
    expect(memory().cpu.bytes).toBe(before);
  });
});
