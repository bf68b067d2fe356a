import { grad } from "@flambeau/autograd";
import { type DType, dataSync, FlambeauError, type Tensor, tensor, tidy } from "@flambeau/tensor";
import { decode, halfCodec } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { long } from "../../../test/support/long.ts";
import { Unmapped } from "../src/conformance/call.ts";
import { bundledFixtures } from "../src/conformance/files.ts";
import { rowOf } from "../src/conformance/map/index.ts";
import type { OpFile } from "../src/conformance/ops.ts";
import { casesOf } from "../src/conformance/ownership/cases.ts";
import { recast } from "../src/conformance/ownership/recast.ts";
import { call, type Run } from "../src/conformance/ownership/setting.ts";
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
  normal__in_place: "the draw is a half, as in PyTorch, which takes other words of the stream for it",
  rand_like: "the program draws normal numbers, as normal__in_place",
  randn_like: "as normal__in_place",
  uniform: "a draw that would round up to the end is the start, as in PyTorch",
  triangular_solve:
    "the program gives the matrix as a second result, and the two gradients of it are halves when they are summed",
  "nn.functional.linear_cross_entropy": "the logits are halves, so that a device that multiplies halves gets them",
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

/** The gradients of a call with respect to its inputs that require them; null where there are none. */
function gradientsOf({ decoder, results }: Run): (Tensor | null)[] | null {
  const outputs = results.filter((t) => t.requiresGrad);
  const inputs = decoder.leaves.filter((t) => t.requiresGrad);
  if (outputs.length === 0 || inputs.length === 0) return null;
  // small and exact in both halves
  const gradOutputs = outputs.map((t) =>
    tensor(
      Array.from({ length: t.size }, (_, i) => ((i % 7) - 3) / 4),
      { dtype: t.dtype, device: t.device },
    ).reshape(t.shape),
  );
  return grad(outputs, inputs, { gradOutputs, allowUnused: true });
}

/** The same for gradients, whose places may differ in which are null only when a value is. */
function gradientProblemOf(dtype: DType, narrow: Run, wide: Run): string | null {
  const [ours, wanted] = [gradientsOf(narrow), gradientsOf(wide)];
  if (ours === null || wanted === null) return null;
  const both = ours.flatMap((g, i) => (g && wanted[i] ? [[g, wanted[i]] as const] : []));
  const problem = problemOf(
    dtype,
    both.map(([g]) => g),
    both.map(([, g]) => g),
  );
  return problem && `gradient: ${problem}`;
}

describe("results and gradients in half floats are those in float32, rounded once", () => {
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
          const found = tidy(() => {
            const [ours, wanted] = [call({ ...setting, c: narrow }), call({ ...setting, c: wide })];
            return problemOf(dtype, ours.results, wanted.results) ?? gradientProblemOf(dtype, ours, wanted);
          });
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
