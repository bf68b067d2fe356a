import { describe, expect, test } from "vitest";
import { Bytes, Code, encodeModule } from "../../src/emit/assembler.ts";
import { Graph } from "../../src/emit/graph.ts";
import { buildKernel } from "../../src/emit/kernel.ts";
import { F64, f64, I32, i32 } from "../../src/emit/opcodes.ts";
import { Schedule } from "../../src/emit/schedule.ts";

const hex = (b: Bytes) => [...b.bytes()].map((x) => x.toString(16).padStart(2, "0")).join(" ");

describe("LEB128", () => {
  // examples of the DWARF 4 standard, section 7.6, figures 22 and 23
  test("unsigned", () => {
    const cases: [number, string][] = [
      [2, "02"],
      [127, "7f"],
      [128, "80 01"],
      [129, "81 01"],
      [12857, "b9 64"],
      [4294967295, "ff ff ff ff 0f"],
    ];
    for (const [value, want] of cases) {
      const b = new Bytes();
      b.u32(value);
      expect(hex(b)).toBe(want);
    }
  });
  test("signed", () => {
    const cases: [number, string][] = [
      [2, "02"],
      [-2, "7e"],
      [127, "ff 00"],
      [-127, "81 7f"],
      [128, "80 01"],
      [-128, "80 7f"],
      [129, "81 01"],
      [-129, "ff 7e"],
      [-(2 ** 31), "80 80 80 80 78"],
    ];
    for (const [value, want] of cases) {
      const b = new Bytes();
      b.s32(value);
      expect(hex(b)).toBe(want);
      const wide = new Bytes();
      wide.s64(BigInt(value));
      expect(hex(wide)).toBe(want);
    }
    const least = new Bytes();
    least.s64(-(2n ** 63n));
    expect(hex(least)).toBe("80 80 80 80 80 80 80 80 80 7f");
  });
});

/** Compiles a function of two float64 numbers to what it stores at address 0. */
function evaluate(
  build: (g: Graph, x: ReturnType<Graph["dc"]>, y: ReturnType<Graph["dc"]>) => ReturnType<Graph["dc"]>,
  x: number,
  y: number,
): number {
  const g = new Graph(false);
  const bytes = buildKernel({ shared: false, relaxed: false }, g, (_code, schedule) => {
    const at = g.local(I32, 0, 0);
    const value = build(g, g.load(F64, f64.load, at, 8), g.load(F64, f64.load, at, 16));
    schedule.run([g.store(f64.store, at, value)]);
  });
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  const math = { pow: (a: number, b: number) => a ** b, exp: Math.exp };
  const { k } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), { env: { memory }, math })
    .exports as {
    k: (desc: number, start: number, end: number) => void;
  };
  const view = new Float64Array(memory.buffer);
  view.set([x, y], 1);
  k(0, 0, 0);
  return view[0];
}

describe("nodes", () => {
  test("equal computations are one object, and are computed once", () => {
    const g = new Graph(false);
    const a = g.dc(2);
    expect(g.d(f64.add, a, g.dc(3))).toBe(g.d(f64.add, g.dc(2), g.dc(3)));
    expect(g.dc(0)).not.toBe(g.dc(-0));
    expect(g.load(F64, f64.load, g.ic(0), 8)).not.toBe(g.load(F64, f64.load, g.ic(0), 16));
    // (x + y)^2 calls for x + y twice: the code has one addition
    const code = new Code([I32]);
    const at = g.local(I32, 0, 0);
    const sum = g.d(f64.add, g.load(F64, f64.load, at, 8), g.load(F64, f64.load, at, 16));
    new Schedule(code, () => 0).run([g.store(f64.store, at, g.d(f64.mul, sum, sum))]);
    expect([...code.out.bytes()].filter((byte) => byte === f64.add).length).toBe(1);
    expect(evaluate((h, x, y) => h.d(f64.mul, h.d(f64.add, x, y), h.d(f64.add, x, y)), 3, 4)).toBe(49);
  });

  test("functions of the math module are imported once each, whatever the order", () => {
    expect(
      evaluate(
        (g, x, y) =>
          g.d(f64.sub, g.call("pow", F64, x, y), g.d(f64.add, g.call("exp", F64, g.dc(0)), g.call("pow", F64, y, x))),
        2,
        3,
      ),
    ).toBe(8 - 1 - 9);
  });

  test("constants of every kind reach the machine as they are", () => {
    for (const value of [0, -0, 1.5, -1e308, 5e-324, Infinity]) expect(evaluate((g) => g.dc(value), 0, 0)).toBe(value);
    expect(evaluate((g) => g.d(f64.convertI32, g.i(i32.sub, g.ic(-5), g.ic(2 ** 31 - 1))), 0, 0)).toBe(2 ** 31 - 4);
  });
});

test("a module without code of its own is valid, shared memory or not", () => {
  for (const shared of [false, true]) {
    const code = new Code([I32, I32, I32]);
    expect(
      WebAssembly.validate(
        new Uint8Array(encodeModule(shared, new Map(), [{ params: [I32, I32, I32], results: [], code }])),
      ),
    ).toBe(true);
  }
});
