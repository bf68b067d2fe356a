import { type DType, dataSync, decode, FlambeauError, halfCodec, type Tensor, tidy } from "@flambeau/tensor";
import { describe, expect, test } from "vitest";
import { long } from "../../../test/support/long.ts";
import { Unmapped } from "../src/conformance/call.ts";
import { bundledFixtures } from "../src/conformance/files.ts";
import { rowOf } from "../src/conformance/map/index.ts";
import type { OpFile } from "../src/conformance/ops.ts";
import { casesOf } from "../src/conformance/ownership/cases.ts";
import { recast } from "../src/conformance/ownership/recast.ts";
import { call } from "../src/conformance/ownership/setting.ts";
import { loadSubject } from "../src/conformance/subject.ts";

const subject = await loadSubject("cpu", { threads: 1 });
const files = bundledFixtures(["ops"]).filter((file) => {
  const { op, variant } = file.read() as unknown as OpFile; // the folder holds op files
  return rowOf(op, variant) !== undefined;
});

/** Programs whose results are no function of their arguments, or of which a half is a part that the user sees. */
const exceptions: { readonly [name: string]: string } = {
  empty_like: "its elements are not set",
  new_empty: "its elements are not set",
  normal: "the draw is a half, as in PyTorch",
  "nn.functional.feature_alpha_dropout__with_train":
    "a draw for each channel is rounded before it meets the tensor, as in PyTorch",
  "linalg.pinv__singular": "the program multiplies two halves first, and takes the inverse of the rounded product",
};

/** Neighbouring halves are neighbouring integers once negative ones are turned round. */
const order = (bits: number): number => (bits & 0x8000 ? -(bits & 0x7fff) : bits);

/** Where results in `dtype` are not those in float32 rounded once, to a unit in the last place. */
function problemOf(dtype: DType, halves: readonly Tensor[], wide: readonly Tensor[]): string | null {
  const codec = halfCodec(dtype);
  if (!codec) throw new Error(`${dtype} is no half`);
  if (halves.length !== wide.length) return `${halves.length} results and ${wide.length}`;
  for (const [i, t] of halves.entries()) {
    const other = wide[i];
    if (t.dtype !== dtype || other.dtype !== "float32") continue;
    const ours = decode(dataSync(t), dtype).map(Number);
    const wanted = decode(dataSync(other), "float32").map(Number);
    for (const [k, value] of wanted.entries()) {
      const [a, b] = [codec.encode(ours[k]), codec.encode(value)];
      if (Number.isNaN(ours[k]) && Number.isNaN(codec.decode(b))) continue;
      if (Math.abs(order(a) - order(b)) > 1) return `result ${i} at ${k}: ${ours[k]}, rounded once ${codec.decode(b)}`;
    }
  }
  return null;
}

describe("results in half floats are those in float32, rounded once", () => {
  const seen: string[] = [];
  for (const dtype of ["float16", "bfloat16"] as const)
    test.each(files.map((f) => [f.name, f] as const))(`${dtype} %s`, (name, fixture) => {
      const file = fixture.read() as unknown as OpFile; // an op file
      const problems: string[] = [];
      for (const recorded of casesOf(file, long ? 6 : 2).full) {
        const narrow = recast(recorded, "float32", dtype);
        const wide = narrow && recast(narrow, dtype, "float32");
        if (!narrow || !wide) continue;
        const setting = { ...subject, name, file, layout: "contiguous" } as const;
        try {
          const found = tidy(() =>
            problemOf(dtype, call({ ...setting, c: narrow }).results, call({ ...setting, c: wide }).results),
          );
          seen.push(name);
          if (found) problems.push(found);
        } catch (error) {
          if (!(error instanceof FlambeauError || error instanceof Unmapped)) throw error;
        }
      }
      if (Object.hasOwn(exceptions, name)) expect(problems.length, exceptions[name]).toBeGreaterThan(0);
      else expect(problems).toEqual([]);
    });
  test("of hundreds of functions", () => {
    expect(new Set(seen).size).toBeGreaterThan(300);
  });
});
