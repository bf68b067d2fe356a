import { choose, compileProgram, type Expr, input, param, scalar, sizeOf, type View } from "@flambeau/tensor/plugin";
import { describe, expect, it, vi } from "vitest";
import type { InstructionSet } from "../src/engine/native.ts";
import { MapKernels } from "../src/kernels/map.ts";
import { nativeProgram } from "../src/kernels/native-map.ts";
import { builds } from "./engine/builds.ts";
import { generator, Memory } from "./memory.ts";

// Native pointwise programs against WebAssembly's, whose operations are compared with float64 references (test/emit).

const natives = builds.filter((build): build is InstructionSet => build !== "wasm");
const {
  abs,
  add,
  copysign,
  div,
  eq,
  erf,
  exp,
  ge,
  gt,
  le,
  log,
  lt,
  max,
  min,
  mul,
  ne,
  neg,
  recip,
  sigmoid,
  sqrt,
  sub,
  tanh,
} = scalar;
const [x, y, z] = [input(0), input(1), input(2)];

const wide = (e: Expr): Expr => mul(e, recip(1)); // costly, so that the kernel has it

/** Every operation that would not go to the native kernel alone, and programs whose nodes are joined. */
const programs: Record<string, Expr> = {
  neg: wide(neg(x)),
  abs: wide(abs(x)),
  sign: wide(scalar.sign(x)),
  floor: wide(scalar.floor(x)),
  ceil: wide(scalar.ceil(x)),
  round: wide(scalar.round(x)),
  trunc: wide(scalar.trunc(x)),
  add: wide(add(x, y)),
  sub: wide(sub(x, y)),
  mul: wide(mul(x, y)),
  idiv: wide(scalar.idiv(x, y)),
  min: wide(min(x, y)),
  max: wide(max(x, y)),
  copysign: wide(copysign(x, y)),
  eq: choose(eq(x, y), sqrt(x), y),
  ne: choose(ne(x, y), sqrt(x), y),
  lt: choose(lt(x, y), sqrt(x), y),
  le: choose(le(x, y), sqrt(x), y),
  gt: choose(gt(x, y), sqrt(x), y),
  ge: choose(ge(x, y), sqrt(x), y),
  isnan: choose(scalar.isnan(sqrt(x)), y, x),
  and: choose(scalar.and(lt(x, y), gt(x, z)), exp(x), y),
  or: choose(scalar.or(lt(x, y), gt(x, z)), exp(x), y),
  xor: choose(scalar.xor(lt(x, y), gt(x, z)), exp(x), y),
  not: choose(scalar.not(lt(x, y)), exp(x), y),
  "bool to float32": add(exp(x), lt(x, y)),
  gelu: mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1)),
  "gradient of gelu": mul(
    y,
    add(mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5), mul(x, mul(exp(mul(mul(x, x), -0.5)), 0.3989422804))),
  ),
  silu: mul(x, sigmoid(x)),
  "multiple inside, number outside": add(tanh(mul(param(0), x)), param(1)),
  "negative inside": add(3, exp(neg(x))),
  "product plus": add(mul(exp(x), y), z),
  "plus product": add(z, mul(exp(x), y)),
  "product minus": sub(mul(exp(x), y), z),
  "minus product": sub(z, mul(exp(x), y)),
  "product of two": sub(mul(x, y), mul(z, exp(x))),
  "used twice": (() => {
    const e = exp(mul(x, 2));
    return div(sub(e, 1), add(e, 1));
  })(),
  "a square": mul(exp(x), exp(x)),
  "of numbers only": add(exp(param(0)), log(2)),
  "many registers": [...new Array(9).keys()].reduce<Expr>(
    (sum, k) => add(sum, mul(exp(sub(x, k)), tanh(add(y, k)))),
    sqrt(abs(z)),
  ),
};

/** Relative, and where terms cancel of the largest: the two may multiply and add in one step in different places. */
const tolerance = 1e-6;
function expectNear(got: readonly number[], want: readonly number[]): void {
  const size = Math.max(...want.filter(Number.isFinite).map(Math.abs), 1e-30);
  for (let i = 0; i < want.length; i++) {
    if (Object.is(got[i], want[i]) || (Number.isNaN(got[i]) && Number.isNaN(want[i]))) continue;
    if (!(Math.abs(got[i] - want[i]) <= tolerance * Math.max(Math.abs(want[i]), Math.min(size, 4))))
      expect(`[${i}] = ${got[i]}`).toBe(`[${i}] = ${want[i]}`);
  }
}

const compiled = (e: Expr) => compileProgram(e, ["float32", "float32", "float32"], 2, "float32", "float32");
const params = [1.75, -0.3];

/** Views of a shape, by what they are: dense, a row or a column or a single value repeated. */
const layouts: Record<string, (memory: Memory, shape: readonly number[], value: (i: number) => number) => View> = {
  dense: (memory, shape, value) => memory.tensor("float32", shape, value),
  row: (memory, shape, value) => ({
    ...memory.tensor("float32", shape.slice(-1), value),
    shape,
    strides: shape.map((_, d) => (d === shape.length - 1 ? 1 : 0)),
  }),
  column: (memory, shape, value) => ({
    ...memory.tensor("float32", shape.slice(0, -1), value),
    shape,
    strides: shape.map((_, d) => (d === shape.length - 1 ? 0 : shape.slice(d + 1, -1).reduce((a, b) => a * b, 1))),
  }),
  still: (memory, shape, value) => ({ ...memory.tensor("float32", [1], value), shape, strides: shape.map(() => 0) }),
};

describe.each(natives)("pointwise programs (%s)", (native) => {
  const wasm = new Memory(1, { native: false });
  const here = new Memory(1, { native });
  const run = (memory: Memory, e: Expr, shape: readonly number[], forms: readonly string[], kernels: MapKernels) => {
    const random = generator(shape.length * 31 + sizeOf(shape));
    const special = [0, -0, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0.5, 1e-40, 88.9];
    const value = () => {
      const at = random.below(40);
      return at < special.length ? special[at] : (random.uniform() - 0.5) * 8;
    };
    const views = forms.map((form) => layouts[form](memory, shape, value));
    const out = memory.tensor("float32", shape);
    kernels.run(compiled(e), views, params, out, forms.every((form) => form === "dense") && shape.length === 1);
    return memory.numbers(out);
  };

  it.each(Object.keys(programs))("%s: as in WebAssembly, whole vectors and what is left", (name) => {
    const e = programs[name];
    expect(nativeProgram(compiled(e), here.engine.operations)).not.toBeNull();
    const kernels = new MapKernels(here.engine);
    const add = vi.spyOn(here.engine, "addKernel");
    const got = run(here, e, [2077], ["dense", "dense", "dense"], kernels);
    expect(add).not.toHaveBeenCalled();
    add.mockRestore();
    expectNear(got, run(wasm, e, [2077], ["dense", "dense", "dense"], new MapKernels(wasm.engine)));
  });

  it.each([
    ["row", "dense", "dense"],
    ["dense", "column", "row"],
    ["still", "column", "dense"],
    ["column", "still", "still"],
  ])("%s, %s and %s operands", (...forms) => {
    const e = programs["gradient of gelu"];
    for (const shape of [
      [9, 67],
      [3, 5, 131],
    ]) {
      const kernels = new MapKernels(here.engine);
      const add = vi.spyOn(here.engine, "addKernel");
      const got = run(here, e, shape, forms, kernels);
      expect(add).not.toHaveBeenCalled();
      add.mockRestore();
      expectNear(got, run(wasm, e, shape, forms, new MapKernels(wasm.engine)));
    }
  });

  it("gives the same bits whatever part of the elements is asked for", () => {
    const { engine } = here;
    const kernels = new MapKernels(engine);
    const shape = [7, 143];
    const views = [0, 1, 2].map(() => layouts.dense(here, shape, () => Math.random() * 4 - 2));
    const out = here.tensor("float32", shape);
    for (const name of ["gelu", "product of two", "many registers"]) {
      kernels.run(compiled(programs[name]), views, params, out, false);
      const whole = here.numbers(out);
      const id = kernels.prepared(compiled(programs[name]), views, params, out);
      for (let from = 0; from < 7 * 143; from += 37) engine.fn(id)(engine.desc, from, Math.min(7 * 143, from + 37));
      expect(here.numbers(out)).toEqual(whole);
    }
  });

  it("leaves what is cheap, or of other types, to WebAssembly", () => {
    const { operations } = here.engine;
    expect(nativeProgram(compiled(add(mul(x, y), z)), operations)).toBeNull();
    expect(nativeProgram(compiled(scalar.lgamma(x)), operations)).toBeNull();
    expect(nativeProgram(compileProgram(exp(x), ["float64"], 0, "float64", "float64"), operations)).toBeNull();
    expect(nativeProgram(compileProgram(exp(x), ["int32"], 0, "float32", "float32"), operations)).toBeNull();
    expect(nativeProgram(compiled(exp(x)), new Map())).toBeNull();
  });
});
