import type { DType } from "@flambeau/tensor";
import {
  arity,
  choose,
  compileProgram,
  input,
  type Program,
  type ScalarOp,
  scalar,
  type View,
} from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import type { Target } from "../../src/emit/kernel.ts";
import { MapKernels } from "../../src/kernels/map.ts";
import { builds } from "../engine/builds.ts";
import { generator, Memory } from "../memory.ts";

const memories = new Map<MapKernels, Memory>();
function kernelsOn(memory: Memory, target?: Target): MapKernels {
  const kernels = new MapKernels(memory.engine, target);
  memories.set(kernels, memory);
  return kernels;
}
const memory = new Memory();
const natives = builds.filter((build) => build !== "wasm");
const targets = {
  "fused multiply-add": kernelsOn(memory),
  "no fused multiply-add": kernelsOn(memory, { shared: memory.engine.shared, relaxed: false }),
  ...Object.fromEntries(natives.map((native) => [native, kernelsOn(new Memory(1, { native }))])),
};

type Reference = (x: number, y: number) => number;
const truth = (b: boolean) => Number(b);
/** References in float64: JavaScript's, with C's answers where they differ. */
const references: { readonly [op in ScalarOp]?: Reference } = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: (x) => truth(x > 0) - truth(x < 0),
  floor: Math.floor,
  ceil: Math.ceil,
  round: (x) => {
    const low = Math.floor(x);
    const even = x - low === 0.5 ? low + (Math.abs(low) % 2) : x - low < 0.5 ? low : low + 1;
    return even === 0 ? Math.sign(x) * 0 || x * 0 : even;
  },
  trunc: Math.trunc,
  sqrt: Math.sqrt,
  recip: (x) => 1 / x,
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  rem: (x, y) => x % y,
  pow: (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y),
  min: Math.min,
  max: Math.max,
  atan2: Math.atan2,
  copysign: (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)),
  exp: Math.exp,
  exp2: (x) => 2 ** x,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  sigmoid: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
};
/** Units in the last place of float32 that a result may be off; 0 where the hardware rounds once. */
const exactOps: ReadonlySet<string> = new Set(
  "neg abs sign floor ceil round trunc sqrt recip add sub mul div rem min max copysign".split(" "),
);

const specials = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  2,
  -2,
  3,
  -3,
  Infinity,
  -Infinity,
  Number.NaN,
  1e-45,
  -1e-45,
  1e-40,
  -1e-40,
  1.1754944e-38,
  3.4028235e38,
  -3.4028235e38,
  88.5,
  88.8,
  89.2,
  89.5,
  -87,
  -88,
  -103,
  -104,
  127.9,
  128,
  -126.5,
  -149,
  -150,
  8192,
  8193,
  1e10,
  -1e10,
  10.05,
  0.9277,
  0.625,
  16777216,
  8388609,
  0.99999994,
  1.0000001,
  -1.0000001,
];

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);
function ulp(x: number): number {
  const a = Math.abs(Math.fround(x));
  if (a < 2 ** -126) return 2 ** -149;
  floats[0] = a;
  bits[0] &= 0x7f800000;
  return floats[0] * 2 ** -23;
}

/** Arguments from all over: specials paired with each other, any bit pattern, and ranges where the functions have their shape. */
function samples(op: ScalarOp): { x: Float32Array; y: Float32Array } {
  const random = generator(op.length * 1000 + op.charCodeAt(0));
  const x: number[] = [];
  const y: number[] = [];
  for (const a of specials)
    for (const b of arity[op] === 2 ? specials : [1]) {
      x.push(a);
      y.push(b);
    }
  const draws: (() => number)[] = [
    () => {
      bits[0] = random.bits();
      return floats[0];
    },
    () => (random.uniform() - 0.5) * 220,
    () => (random.uniform() - 0.5) * 8,
    () => (random.uniform() - 0.5) * 2 ** (-30 * random.uniform()),
  ];
  for (const draw of draws)
    for (let i = 0; i < 6000; i++) {
      x.push(draw());
      y.push(op === "pow" && i % 2 ? random.below(9) - 4 : draw());
    }
  return { x: Float32Array.from(x), y: Float32Array.from(y) };
}

function programFor(op: ScalarOp, dtype: "float32" | "float64"): Program {
  const build = scalar[op as "exp"] as unknown as (...args: ReturnType<typeof input>[]) => ReturnType<typeof input>; // of either arity
  const args = arity[op] === 2 ? [input(0), input(1)] : [input(0)];
  return compileProgram(
    build(...args),
    args.map((): DType => dtype),
    0,
    dtype,
    dtype,
  );
}

function run(
  kernels: MapKernels,
  op: ScalarOp,
  dtype: "float32" | "float64",
  x: ArrayLike<number>,
  y: ArrayLike<number>,
): number[] {
  const memory = memories.get(kernels)!; // made with it
  const shape = [x.length];
  const views: View[] = [memory.tensor(dtype, shape, x)];
  if (arity[op] === 2) views.push(memory.tensor(dtype, shape, y));
  const out = memory.tensor(dtype, shape);
  kernels.run(programFor(op, dtype), views, [], out, true);
  return memory.numbers(out);
}

const cannotCompare = (x: number) => !Number.isFinite(x) || x === 0;

for (const [name, kernels] of Object.entries(targets))
  describe(`float32 in lanes, ${name}`, () => {
    for (const op of Object.keys(references) as ScalarOp[])
      test(op, () => {
        const reference = references[op] as Reference; // of this key
        const { x, y } = samples(op);
        const got = run(kernels, op, "float32", x, y);
        for (let i = 0; i < x.length; i++) {
          if (op === "copysign" && Number.isNaN(y[i])) continue; // JavaScript does not tell a NaN's sign
          const want = reference(x[i], y[i]);
          const rounded = Math.fround(want);
          const at = `${op}(${x[i]}${arity[op] === 2 ? `, ${y[i]}` : ""})`;
          if (exactOps.has(op) || cannotCompare(x[i]) || cannotCompare(rounded) || cannotCompare(got[i])) {
            // minimum and maximum of 0 and -0 may be either; what rounds to the edge of the range may fall on either side of it
            const near =
              Math.abs(got[i] - rounded) <= 2 * 2 ** -149 || (Math.abs(want) > 3.4028e38 && Math.abs(want) < 3.4029e38);
            if (!Object.is(got[i], rounded) && !near) expect(`${at} = ${got[i]}`).toBe(`${at} = ${rounded}`);
            if (x[i] === 0 && arity[op] === 1)
              expect(`${at} = ${Object.is(got[i], -0) ? "-0" : got[i]}`).toBe(
                `${at} = ${Object.is(rounded, -0) ? "-0" : rounded}`,
              );
          } else if (Math.abs(got[i] - want) > 4 * ulp(want)) expect(`${at} = ${got[i]}`).toBe(`${at} = ${want}`);
        }
      });
  });

const doubles = new Float64Array(1);
const doubleBits = new BigUint64Array(doubles.buffer);
function wideUlp(x: number): number {
  doubles[0] = Math.abs(x);
  if (doubles[0] < 2 ** -1022) return 2 ** -1074;
  doubleBits[0] &= 0x7ff0000000000000n;
  return doubles[0] * 2 ** -52;
}
/** Where float64's functions overflow, underflow and change their ways. */
const wideSpecials = [
  5e-324,
  1.7e6,
  -1820334.5161906166,
  3.3e6,
  4194303.75,
  4194305.5,
  -5e-324,
  1e-310,
  -1e-310,
  2.2250738585072014e-308,
  1.7976931348623157e308,
  -1.7976931348623157e308,
  708,
  708.5,
  709.5,
  709.78,
  709.79,
  710.5,
  -708,
  -708.5,
  -744.5,
  -745.13,
  -745.14,
  -746,
  37.5,
  -37.5,
  -39,
  -41,
  20.5,
  22.5,
  2 ** 20,
  2 ** 20 + 1,
  1.6e6,
  1e22,
  1e300,
  0.9999999999999999,
  1.0000000000000002,
  -0.9999999999999999,
  1e-9,
  1e-17,
  -1e-17,
  0.47,
  0.5,
  0.5000000000000001,
  5.9,
  6.1,
  26.5,
  27.3,
  28.5,
];
/** Units in the last place of float64 that a result may be off, the reference's own included; what is not named: 4. */
const wideUnits: { readonly [op in ScalarOp]?: number } = { pow: 8, atan2: 2, atan: 2, asin: 3, acos: 3 };

for (const [name, kernels] of Object.entries(targets))
  describe(`float64 in pairs, ${name}`, () => {
    for (const op of Object.keys(references) as ScalarOp[])
      test(op, () => {
        const reference = references[op] as Reference; // of this key
        const random = generator(op.length * 1000 + op.charCodeAt(1));
        const anyBits = () => {
          doubleBits[0] = (BigInt(random.bits() >>> 0) << 32n) | BigInt(random.bits() >>> 0);
          return doubles[0];
        };
        const narrow = samples(op);
        const [x, y] = [[...narrow.x], [...narrow.y]];
        for (const a of wideSpecials)
          for (const b of arity[op] === 2 ? wideSpecials : [1]) {
            x.push(a);
            y.push(b);
          }
        for (const draw of [anyBits, () => (random.uniform() - 0.5) * 1500, () => (random.uniform() - 0.5) * 1e6])
          for (let i = 0; i < 4000; i++) {
            x.push(draw());
            y.push(draw());
          }
        const got = run(kernels, op, "float64", x, y);
        for (let i = 0; i < x.length; i++) {
          if (op === "copysign" && Number.isNaN(y[i])) continue; // JavaScript does not tell a NaN's sign
          const want = reference(x[i], y[i]);
          const at = `${op}(${x[i]}${arity[op] === 2 ? `, ${y[i]}` : ""})`;
          // as for float32: of 0 and -0 either is an extreme
          if (Object.is(got[i], want) || (got[i] === 0 && want === 0 && (arity[op] === 2 || x[i] !== 0))) continue;
          const units = exactOps.has(op) ? 0 : (wideUnits[op] ?? 4);
          // the edge of the range, where the reference may round to the other side
          if (Math.abs(want) > 1.79769313e308 && Math.abs(got[i]) > 1.79769313e308 && want < 0 === got[i] < 0) continue;
          if (!(Math.abs(got[i] - want) <= units * wideUlp(want))) expect(`${at} = ${got[i]}`).toBe(`${at} = ${want}`);
        }
      });
  });

describe("float64 beside others", () => {
  const x = [3.5, -0.25, 700, 1e-9, 800, 2, -7];
  const of = (n: number) => Float64Array.from({ length: n }, (_, i) => x[i % x.length]);
  test("every length gives each element what it is alone", () => {
    for (const n of [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33])
      for (const op of ["exp", "log1p", "sin", "erfc"] as const) {
        const alone = [...of(n)].map((v) => run(targets["fused multiply-add"], op, "float64", [v], [v])[0]);
        expect(run(targets["fused multiply-add"], op, "float64", of(n), of(n))).toEqual(alone);
      }
  });
  test("conversions and conditions in one program", () => {
    const d = input(1);
    const expr = choose(input(0).gt(0), scalar.exp(d), d.mul(2))
      .add(input(2))
      .add(choose(d.lt(0), 1, d));
    const n = 37;
    const inputs = [
      memory.tensor(
        "float32",
        [n],
        Float32Array.from({ length: n }, (_, i) => (i % 3) - 1),
      ),
      memory.tensor("float64", [n], of(n)),
      memory.tensor(
        "int32",
        [n],
        Int32Array.from({ length: n }, (_, i) => 5 - i),
      ),
    ];
    for (const output of ["float64", "float32"] as const) {
      const program = compileProgram(expr, ["float32", "float64", "int32"], 0, "float64", output);
      const out = memory.tensor(output, [n]);
      targets["fused multiply-add"].run(program, inputs, [], out, true);
      memory.numbers(out).forEach((got, i) => {
        const v = of(n)[i];
        const want = ((i % 3) - 1 > 0 ? Math.exp(v) : 2 * v) + (5 - i) + (v < 0 ? 1 : v);
        const close = output === "float32" ? Math.fround(want) : want;
        if (!Object.is(got, close))
          expect(Math.abs(got - want) / Math.abs(want)).toBeLessThan(output === "float32" ? 1e-7 : 1e-15);
      });
    }
  });
});

describe("PyTorch 2.13's figures in float64", () => {
  const x = [
    -1e3, -30.5, -3.5, -2.5, -1.25, -0.9277, -0.5, -0.1, -1e-3, 1e-8, 0.003, 0.25, 0.75, 0.9277, 1, 1.5, 2, 3.1, 4.5, 6,
    9.5, 10.25, 20, 171, 1e4,
  ];
  const figures: { readonly [op: string]: readonly number[] } = {
    erf: [
      -1, -1, -0.9999992569016276, -0.999593047982555, -0.9229001282564583, -0.8104683669486631, -0.5204998778130465,
      -0.1124629160182849, -0.0011283787909692365, 1.1283791670955126e-8, 0.0033851273459014537, 0.27632639016823696,
      0.7111556336535151, 0.8104683669486631, 0.8427007929497149, 0.9661051464753108, 0.9953222650189527,
      0.9999883513426328, 0.9999999998033839, 1, 1, 1, 1, 1, 1,
    ],
    erfc: [
      2, 2, 1.9999992569016276, 1.999593047982555, 1.9229001282564582, 1.810468366948663, 1.5204998778130465,
      1.112462916018285, 1.0011283787909693, 0.9999999887162083, 0.9966148726540985, 0.7236736098317631,
      0.28884436634648486, 0.18953163305133697, 0.15729920705028513, 0.033894853524689274, 0.004677734981047266,
      1.1648657367199589e-5, 1.9661604415428876e-10, 2.1519736712498913e-17, 3.7692144856548797e-41,
      1.2900138905042904e-47, 5.395865611607901e-176, 0, 0,
    ],
    lgamma: [
      Infinity,
      -75.22646798193337,
      -1.309006684993042,
      -0.05624371649767405,
      1.3664317612369763,
      2.6644001795332475,
      1.2655121234846454,
      2.3689613327287886,
      6.908333317515028,
      18.42068073818021,
      5.807418734725978,
      1.2880225246980774,
      0.20328095143129538,
      0.04619122763390961,
      0,
      -0.12078223763524522,
      0,
      0.7873750832738625,
      2.4537365708424423,
      4.787491742782046,
      11.689333420797269,
      13.368023671476045,
      39.339884187199495,
      706.5730622457874,
      82099.71749644238,
    ],
    digamma: [
      Number.NaN,
      3.4340305542075624,
      1.388870926359529,
      1.1031566406452433,
      3.714139120213528,
      -13.217511811658675,
      0.03648997397857639,
      9.245073050052948,
      999.4211381978913,
      -100000000.57721564,
      -333.9056249854074,
      -4.2274535333762655,
      -1.085860879786472,
      -0.7028674423280077,
      -0.5772156649015328,
      0.036489973978576194,
      0.422784335098467,
      0.9615264448703081,
      1.3888709263595287,
      1.7061176684318002,
      2.19773787640295,
      2.277704790686724,
      2.970523992242149,
      5.138736730024484,
      9.21029037114285,
    ],
  };
  for (const [op, want] of Object.entries(figures)) {
    test(`${op} float64`, () => {
      run(targets["fused multiply-add"], op as ScalarOp, "float64", x, x).forEach((got, i) => {
        if (Object.is(got, want[i])) return;
        if (!(Math.abs(got - want[i]) <= 1e-13 * Math.max(Math.abs(want[i]), 0.1)))
          expect(`${op}(${x[i]}) = ${got}`).toBe(`${op}(${x[i]}) = ${want[i]}`);
      });
    });
    for (const [name, kernels] of Object.entries(targets))
      test(`${op} float32, ${name}: 6 units in the last place of the float64 result at the rounded argument`, () => {
        const rounded = Float32Array.from(x);
        const exact = run(targets["fused multiply-add"], op as ScalarOp, "float64", rounded, rounded);
        run(kernels, op as ScalarOp, "float32", rounded, rounded).forEach((got, i) => {
          if (Object.is(got, Math.fround(exact[i]))) return;
          if (!(Math.abs(got - exact[i]) <= 6 * ulp(exact[i])))
            expect(`${op}(${x[i]}) = ${got}`).toBe(`${op}(${x[i]}) = ${exact[i]}`);
        });
      });
  }
});

describe("nextafter", () => {
  test("steps one float towards the other argument", () => {
    const pairs = [
      [1, 2, 1 + 2 ** -23],
      [1, 0, 1 - 2 ** -24],
      [-1, 0, -(1 - 2 ** -24)],
      [-1, -2, -(1 + 2 ** -23)],
      [0, 1, 2 ** -149],
      [0, -1, -(2 ** -149)],
      [3, 3, 3],
      [2 ** -149, -1, 0],
      [3.4028234663852886e38, Infinity, Infinity],
      [Infinity, 0, 3.4028234663852886e38],
      [Number.NaN, 1, Number.NaN],
      [1, Number.NaN, Number.NaN],
    ];
    for (const kernels of Object.values(targets))
      expect(
        run(
          kernels,
          "nextafter",
          "float32",
          pairs.map((p) => p[0]),
          pairs.map((p) => p[1]),
        ),
      ).toEqual(pairs.map((p) => p[2]));
    const wide = run(targets["fused multiply-add"], "nextafter", "float64", [1, 1, 0], [2, 0, -1]);
    expect(wide).toEqual([1 + 2 ** -52, 1 - 2 ** -53, -5e-324]);
  });
});
