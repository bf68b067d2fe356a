import { readFileSync } from "node:fs";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { afterEach, describe, expect, it } from "vitest";
import { type DType, registerBackend, setPrintOptions, tensor } from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

interface Case {
  readonly data: readonly string[];
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly text: string;
}
const cases: Record<string, Case> = JSON.parse(readFileSync(new URL("./printing/print.json", import.meta.url), "utf8"));
const named: Record<string, number> = { nan: Number.NaN, inf: Infinity, "-inf": -Infinity, True: 1, False: 0 };

/** PyTorch's text with JavaScript's words. */
const translate = (text: string) =>
  text
    .replace(/ (True|False)\b/g, (_, word: string) => (word === "True" ? "true" : "false").padStart(word.length + 1))
    .replace(/\[(True|False)\b/g, (_, word: string) => `[${word.toLowerCase()}`)
    .replace(/torch\./g, "")
    .replace(/size=\((.*?)\)/, (_, sizes: string) => `size=[${sizes.replaceAll(" ", "")}]`);

describe("a tensor prints as in PyTorch", () => {
  it.each(Object.entries(cases))("%s", (_, { data, shape, dtype, text }) => {
    const values = data.map((v) => named[v] ?? Number(v));
    const t = tensor(Float64Array.from(values), { shape, dtype: dtype === "int64" ? "int32" : dtype });
    expect(String(t)).toBe(translate(text));
  });
});

describe("setPrintOptions", () => {
  afterEach(() => setPrintOptions({ precision: 4, threshold: 1000, edgeItems: 3, lineWidth: 80 }));

  it("sets digits, edges and the size that is summarized", () => {
    setPrintOptions({ precision: 2, threshold: 4, edgeItems: 1 });
    expect(String(tensor([0.123, 1, 2, 3, 4.567]))).toBe("tensor([0.12,  ..., 4.57])");
  });
});
