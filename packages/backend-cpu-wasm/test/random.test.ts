import { expect, test } from "vitest";
import { RandomKernel } from "../src/kernels/random.ts";
import { Memory } from "./memory.ts";

const hex = (words: readonly number[]) => words.map((x) => (x >>> 0).toString(16).padStart(8, "0")).join(" ");

// Random123's known answers for philox4x32-10 with an upper counter half of 0
test("Philox4x32-10: Random123's known answer", () => {
  const memory = new Memory();
  const kernel = new RandomKernel(memory.engine);
  const out = memory.tensor("int32", [4]);
  kernel.run(out, 0n, 0n);
  expect(hex(memory.numbers(out))).toBe("6627e8d5 e169c58d bc57ac4c 9b00dbd8");
});

test("an offset continues a stream, ragged ends and threads change nothing", () => {
  const memory = new Memory(3);
  const kernel = new RandomKernel(memory.engine);
  const seed = 0x0123456789abcdefn;
  const offset = 0xfffffffen; // the counter's low word overflows on the way
  const whole = memory.tensor("int32", [200, 50]);
  kernel.run(whole, seed, offset);
  const words = memory.numbers(whole);
  expect(new Set(words).size).toBeGreaterThan(9990);
  for (const n of [1, 2, 3, 5, 42]) {
    const part = memory.tensor("int32", [n]);
    kernel.run(part, seed, offset + 5n);
    expect(memory.numbers(part)).toEqual(words.slice(20, 20 + n));
  }
  memory.engine.setThreads(1);
  const again = memory.tensor("int32", [10_000]);
  kernel.run(again, seed, offset);
  expect(memory.numbers(again)).toEqual(words);
  memory.engine.dispose();
});
