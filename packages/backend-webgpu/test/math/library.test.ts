import { arity } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { library, librarySource } from "../../src/wgsl/math/index.ts";
import { cases, type Reference } from "./references.ts";

describe("library", () => {
  test("has every scalar op of floats that WGSL's operators do not do exactly", () => {
    const operators = "neg add sub mul and or xor not shl shr where".split(" ");
    const missing = Object.keys(arity).filter((op) => !operators.includes(op) && !(`f_${op}` in library));
    expect(missing).toEqual([]);
  });

  test.each(Object.keys(library))("%s names what it uses, and nothing else", (name) => {
    const { source, uses = [] } = library[name];
    const named = new Set(source.match(/[A-Za-z_]\w*/g));
    expect(source).toMatch(new RegExp(`^(fn|const|var<private>) ${name}\\b`));
    expect([...uses].sort()).toEqual([...named].filter((n) => n !== name && n in library).sort());
  });

  test("librarySource gives each entry once, after what it uses, in an order of its own", () => {
    const source = librarySource(["f_erfc", "f_exp"]);
    const places = ["scale", "f_isnan", "overflow", "f_exp", "f_erfc"].map((n) => source.split(`fn ${n}(`).length);
    expect(places).toEqual([2, 2, 2, 2, 2]);
    expect(source.indexOf("fn overflow(")).toBeLessThan(source.indexOf("fn f_exp("));
    expect(source.indexOf("fn f_exp(")).toBeLessThan(source.indexOf("fn f_erfc("));
    expect(librarySource(["f_exp", "f_erfc", "f_exp"])).toBe(source);
    expect(() => librarySource(["f_exq"])).toThrow('there is no WGSL function "f_exq" in the library');
  });
});

// NIST's Digital Library of Mathematical Functions and Abramowitz & Stegun's tables, to 15 digits
const known: readonly [name: string, x: number, value: number][] = [
  ["f_lgamma", 0.5, 0.5723649429247], // log(pi) / 2
  ["f_lgamma", 100, 359.134205369575], // log(99!)
  ["f_lgamma", -1.5, 0.860047015376481], // log(4 sqrt(pi) / 3)
  ["f_digamma", 1, -0.577215664901533], // Euler's constant
  ["f_digamma", 0.5, -1.96351002602142], // - gamma - 2 log 2
  ["f_digamma", -0.5, 0.036489973978576],
  ["f_erf", 0.5, 0.520499877813047],
  ["f_erf", 2, 0.995322265018953],
  ["f_erfc", 2, 0.00467773498104727],
  ["f_erfc", -1, 1.84270079294971],
];
test.each(known)("the reference of %s at %d", (name, x, value) => {
  const reference: Reference = cases[name].reference;
  expect(Math.abs(reference(x, x) - value)).toBeLessThan(3e-14 * Math.max(1, Math.abs(value)));
});
