import { compileProgram, input, type View } from "@flambeau/tensor/plugin";
import { describe, expect, it, vi } from "vitest";
import type { InstructionSet } from "../src/engine/native.ts";
import { ReduceKernels } from "../src/kernels/reduce.ts";
import { builds } from "./engine/builds.ts";
import { generator, Memory, positions } from "./memory.ts";

// Native sums of float32 against sums in float64.

const natives = builds.filter((build): build is InstructionSet => build !== "wasm");
const program = compileProgram(input(0), ["float32"], 0, "float32", "float32");

describe.each(natives)("sums (%s)", (native) => {
  const memory = new Memory(2, { native });
  const { engine } = memory;

  function check(x: View, dims: readonly number[], chunked = false): void {
    const kept = x.shape.map((size, d) => (dims.includes(d) ? 1 : size));
    const out = memory.tensor("float32", kept);
    const add = vi.spyOn(engine, "addKernel");
    new ReduceKernels(engine).run(
      "sum",
      program,
      [x],
      [],
      { ...out, strides: out.strides.map((s, d) => (kept[d] === 1 ? 0 : s)) },
      dims,
    );
    // parts of long sums are added by a kernel made for it
    if (!chunked) expect(add).not.toHaveBeenCalled();
    add.mockRestore();
    const want = new Float64Array(kept.reduce((a, b) => a * b, 1));
    const sizes = new Float64Array(want.length);
    const values = memory.numbers(x);
    const steps = out.strides.map((s, d) => (dims.includes(d) ? 0 : s));
    positions(x.shape, steps).forEach((at, i) => {
      want[at] += values[i];
      sizes[at] += Math.abs(values[i]);
    });
    memory.numbers(out).forEach((got, i) => {
      expect(Math.abs(got - want[i])).toBeLessThanOrEqual(1.5e-7 * sizes[i]);
    });
  }
  const random = generator(5);
  const tensor = (...shape: number[]) => memory.tensor("float32", shape, () => random.uniform() * 3 - 1);

  it.each([256, 1000, 2049, 5000])("of rows of %i", (n) => {
    check(tensor(n), [0]);
    check(tensor(7, n), [1]);
    check(tensor(2, 3, n), [2]);
  });
  it.each([
    [70, 33],
    [5, 100],
    [300, 48],
    [1, 40],
  ])("of %i rows, down columns of %i", (rows, columns) => {
    check(tensor(rows, columns), [0]);
    check(tensor(3, rows, columns), [1]);
  });
  it("of parts of a tensor", () => {
    const x = tensor(9, 700);
    check({ ...x, shape: [4, 300], strides: [1400, 1], offset: 7 }, [1]);
    check({ ...x, shape: [4, 300], strides: [1400, 1], offset: 7 }, [0]);
    check({ ...x, shape: [5, 300], strides: [0, 1] }, [0]);
  });
  it("of many: in chunks, each with a result of its own", () => {
    check(tensor(100_003), [0], true);
    check(tensor(3, 40_000), [1], true);
    check(tensor(5000, 35), [0], true);
  });
  it("gives the same bits on any number of threads, and loses nothing of equal numbers", () => {
    const x = tensor(200_000);
    const sum = (view: View) => {
      const out = memory.tensor("float32", [1]);
      new ReduceKernels(engine).run("sum", program, [view], [], { ...out, strides: [0] }, [0]);
      return memory.numbers(out)[0];
    };
    const two = sum(x);
    engine.setThreads(1);
    expect(sum(x)).toBe(two);
    expect(sum(memory.tensor("float32", [3_000_000], () => 1))).toBe(3_000_000);
    engine.setThreads(2);
  });
});
