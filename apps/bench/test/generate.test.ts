import { expect, test } from "vitest";
import { type GenerateFigure, generateCells, generateRows, runGenerate, underLimit } from "../src/generate/run.ts";
import { parse } from "../src/options.ts";

const figure = (times: number): GenerateFigure => ({
  row: { ...generateRows[1], title: "a text", least: 5, tokens: 100 },
  ms: { cached: 50, whole: 50 * times },
  times,
});
test("a row of the table", () => {
  expect(generateCells([figure(6)])[1]).toEqual(["a text", "50.0", "300.0", "6.0", "5", "2000"]);
});
test("what is not as fast as it has to be", () => {
  expect(underLimit([figure(5)])).toEqual([]);
  expect(underLimit([figure(4.9)])).toEqual(["gpt_d128: 4.9 times as fast with the cache, expected 5"]);
  expect(underLimit([figure(Number.NaN)])).toHaveLength(1);
});
test("the option", () => {
  expect(parse(["--generate", "--check"])).toMatchObject({ generate: true, check: true });
  expect(() => parse(["--generate", "--markdown"])).toThrow("--generate: compares Flambeau with itself");
  expect(() => parse(["--generate", "--webgpu"])).toThrow("does not go with --webgpu");
});
test("a row runs", async () => {
  const short = { ...generateRows[0], tokens: 8 };
  const [{ ms, times }] = await runGenerate([short], { threads: 1, rounds: 2 }, () => {});
  expect(Math.min(ms.cached, ms.whole, times)).toBeGreaterThan(0);
});
