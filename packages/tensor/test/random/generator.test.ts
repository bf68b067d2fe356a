import { ArgumentError } from "@flambeau/tensor";
import { describe, expect, test } from "vitest";
import {
  fillBernoulli,
  fillNormal,
  fillPhilox,
  fillUniform,
  Generator,
  MT19937,
  philox4x32,
} from "../../src/random/index.ts";

describe("MT19937", () => {
  // the C++ standard names the 10,000th word of the engine seeded with 5489 ([rand.predef])
  test("the 10,000th word", () => {
    const engine = new MT19937(5489);
    for (let i = 1; i < 10_000; i++) engine.next32();
    expect(engine.next32()).toBe(4123659995);
  });
  test("fill gives what next32 gives, however the calls are cut", () => {
    const one = new MT19937(3);
    const other = new MT19937(3);
    for (const count of [1, 622, 1, 1, 623, 624, 625, 0, 5000, 7]) {
      const words = new Uint32Array(count);
      one.fill(words);
      expect(words).toEqual(Uint32Array.from({ length: count }, () => other.next32()));
    }
    expect([one.left, one.next]).toEqual([other.left, other.next]);
  });
});

describe("Generator", () => {
  test("starts from PyTorch's default seed", () => expect(new Generator().initialSeed()).toBe(67280421310721n));
  test("a state taken between the two normals of a pair continues with the second", () => {
    const g = new Generator(3);
    fillNormal(new Float64Array(3), g);
    const copy = new Generator();
    copy.setState(g.getState());
    expect(copy.initialSeed()).toBe(3n);
    expect(fillNormal(new Float64Array(9), copy)).toEqual(fillNormal(new Float64Array(9), g));
    expect(fillUniform(new Float32Array(2000), g.clone())).toEqual(fillUniform(new Float32Array(2000), copy));
  });
  test("manualSeed forgets the waiting normal", () => {
    const g = new Generator(0);
    g.normal();
    expect(g.manualSeed(0).normal()).toBe(new Generator(0).normal());
  });
  test("seed() starts from bits that can be named again", () => {
    const g = new Generator();
    const seed = g.seed();
    expect(g.initialSeed()).toBe(seed);
    expect(seed).toBeLessThan(2n ** 53n);
    expect(g.random64()).toBe(new Generator(seed).random64());
    expect(g.seed()).not.toBe(seed);
  });
  test("refuses seeds that are no 64-bit integers", () => {
    const g = new Generator(0);
    expect(() => g.manualSeed(0.5)).toThrow("manualSeed: seed must be an integer, got 0.5 (beyond 2^53 pass a bigint)");
    expect(() => g.manualSeed(2n ** 64n)).toThrow(
      "manualSeed: seed must be in [-2^63, 2^64), got 18446744073709551616",
    );
    expect(() => g.manualSeed(Number.NaN)).toThrow(ArgumentError);
  });
  test("refuses bytes that are no state, and stays as it was", () => {
    const g = new Generator(9);
    const twin = new Generator(9);
    expect(() => g.setState(new Uint8Array(10))).toThrow("setState: expected 5056 bytes from getState(), got 10");
    expect(() => g.setState(new Uint8Array(5056))).toThrow("not a generator state (left 0, next 0)");
    const bent = g.getState();
    bent[8] = 200;
    expect(() => g.setState(bent)).toThrow("left 200 and next 0 disagree");
    expect(g.random64()).toBe(twin.random64());
  });
});

describe("Philox4x32-10", () => {
  // known answers of the Random123 distribution (kat_vectors)
  test.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)("counter %j key %j", (counter, key, expected) => {
    expect(philox4x32(counter, key)).toEqual(expected);
  });
  test("a stream is its blocks one after the other, and can be entered anywhere", () => {
    const seed = 0x299f31d0a4093822n;
    const words = fillPhilox(new Uint32Array(10), seed, 2 ** 32 - 1, 5);
    const key = [0xa4093822, 0x299f31d0] as const;
    expect([...words]).toEqual([
      ...philox4x32([0xffffffff, 0, 5, 0], key),
      ...philox4x32([0, 1, 5, 0], key),
      ...philox4x32([1, 1, 5, 0], key).slice(0, 2),
    ]);
    expect(fillPhilox(new Uint32Array(4), seed, 2 ** 32, 5)).toEqual(words.slice(4, 8));
    expect(() => fillPhilox(words, seed, -1)).toThrow("philox: offset must be an integer from 0 to 2^53 - 1, got -1");
  });
});

describe("bernoulli's comparison by halves", () => {
  const uniforms = fillUniform(new Float64Array(3000), new Generator(11));
  // at a drawn value itself, and one grain above it, only all 53 bits decide
  test.each([0, 1, 0.5, 2 ** -53, uniforms[0], uniforms[0] + 2 ** -53, uniforms[2999], uniforms[2999] + 2 ** -53])(
    "p = %d: 1 exactly where the uniform is below p",
    (p) => {
      const drawn = fillBernoulli(new Uint8Array(3000), new Generator(11), p);
      expect(drawn).toEqual(Uint8Array.from(uniforms, (u) => (u < p ? 1 : 0)));
    },
  );
});
