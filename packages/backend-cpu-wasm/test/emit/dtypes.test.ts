import { type DType, dtypes, isFloat } from "@flambeau/tensor";
import { compileProgram, input, scalarType, type View } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { MapKernels } from "../../src/kernels/map.ts";
import { generator, Memory, type Value } from "../memory.ts";

const memory = new Memory();
const map = new MapKernels(memory.engine);
const random = generator(13);

const width: Readonly<Record<string, number>> = { uint8: 8, int8: 8, int16: 16, int32: 32, int64: 64 };
const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);
/** The nearer of the two neighbouring bfloat16 values, by distance; of equally near ones the even. */
function nearestBrain(x: number): number {
  if (!Number.isFinite(x)) return x;
  floats[0] = x;
  const below = bits[0] & 0xffff0000;
  const value = (b: number) => {
    bits[0] = b;
    return floats[0];
  };
  const low = value(below);
  const high = value(below + 0x10000);
  const top = Number.isFinite(high) ? high : Math.sign(x) * 2 ** 128;
  const near = Math.abs(x - low) - Math.abs(top - x);
  return near < 0 || (near === 0 && !(below & 0x10000)) ? low : high;
}
const half = new Float16Array(1);

/** What a value becomes in another dtype: truncated and wrapped to integers (saturating at int32 and int64), rounded to floats. */
function converted(x: Value, from: DType, to: DType): Value {
  if (to === "bool") return Number(x) !== 0 ? 1 : 0;
  if (isFloat(to)) {
    if (to === "float64") return Number(x);
    // halves are stored from float32
    const single = Math.fround(Number(x));
    if (to === "float32") return single;
    if (to === "bfloat16") return nearestBrain(single);
    half[0] = single;
    return half[0];
  }
  const n = width[to];
  if (!isFloat(from)) {
    const wrapped = to === "uint8" ? BigInt.asUintN(n, BigInt(x)) : BigInt.asIntN(n, BigInt(x));
    return to === "int64" ? wrapped : Number(wrapped);
  }
  const number = Number(x);
  const limit = to === "int64" ? 2n ** 63n : 2n ** 31n;
  let whole = Number.isNaN(number)
    ? 0n
    : number >= Number(limit)
      ? limit - 1n
      : number < -Number(limit)
        ? -limit
        : BigInt(Math.trunc(number));
  whole = to === "uint8" ? BigInt.asUintN(n, whole) : BigInt.asIntN(n, whole);
  return to === "int64" ? whole : Number(whole);
}

const numbers = [
  0,
  -0,
  1,
  -1,
  0.5,
  1.5,
  -1.5,
  2.5,
  127,
  128,
  255,
  256,
  300,
  -129,
  32767,
  32768,
  65504,
  65519,
  65520,
  -70000,
  2 ** 31,
  -(2 ** 31),
  1e10,
  1e-7,
  6e-8,
  3e-8,
  2.98e-8,
  1e-40,
  3.3895314e38,
  3.4e38,
  Infinity,
  -Infinity,
  Number.NaN,
  1.00390625,
  1.01171875,
  1.0048828125,
];
const integers = [
  0n,
  1n,
  -1n,
  127n,
  128n,
  255n,
  256n,
  -129n,
  32768n,
  2n ** 31n,
  2n ** 24n + 1n,
  2n ** 53n + 1n,
  -(2n ** 63n),
  2n ** 63n - 1n,
];

function contents(dtype: DType): Value[] {
  if (dtype === "bool") return [0, 1, 1, 0, 1];
  if (isFloat(dtype))
    return [
      ...numbers,
      ...Array.from({ length: 50 }, () => (random.uniform() - 0.5) * 2 ** (40 * random.uniform() - 20)),
    ];
  const n = width[dtype];
  const list = [
    ...integers,
    ...Array.from({ length: 50 }, () => (BigInt(random.bits()) << 32n) | BigInt(random.bits())),
  ];
  return list.map((x) => {
    const y = dtype === "uint8" ? BigInt.asUintN(n, x) : BigInt.asIntN(n, x);
    return dtype === "int64" ? y : Number(y);
  });
}

describe("conversion from each dtype to each other", () => {
  for (const from of dtypes)
    for (const to of dtypes)
      test(`${from} to ${to}`, () => {
        const x = memory.tensor(from, [contents(from).length], contents(from));
        const count = x.shape[0];
        const strided: View = { ...x, shape: [Math.ceil(count / 2)], strides: [2] };
        const repeated: View = { ...x, shape: [3, 4], offset: 1, strides: [1, 0] };
        const program = compileProgram(input(0), [from], 0, scalarType(to), to);
        for (const view of [x, strided, repeated]) {
          const out = memory.tensor(to, view.shape);
          map.run(program, [view], [], out, view === x);
          expect(memory.values(out)).toEqual(memory.values(view).map((v) => converted(v, from, to)));
        }
      });
});

test("every float16 pattern survives the way through float32", () => {
  const x = memory.tensor("float16", [65536]);
  const { address } = x.buffer as { address: number };
  const patterns = memory.engine.u16.subarray(address / 2, address / 2 + 65536);
  for (let i = 0; i < 65536; i++) patterns[i] = i;
  const wide = memory.tensor("float32", [65536]);
  map.run(compileProgram(input(0), ["float16"], 0, "float32", "float32"), [x], [], wide, true);
  const reference = new Float16Array(Uint16Array.from({ length: 65536 }, (_, i) => i).buffer);
  expect(memory.numbers(wide)).toEqual([...reference]);
  const back = memory.tensor("float16", [65536]);
  map.run(compileProgram(input(0), ["float32"], 0, "float32", "float16"), [wide], [], back, true);
  const bytes = memory.engine.u16.subarray((back.buffer as { address: number }).address / 2);
  for (let i = 0; i < 65536; i++) if ((i & 0x7fff) <= 0x7c00 && bytes[i] !== i) expect(bytes[i]).toBe(i);
});
