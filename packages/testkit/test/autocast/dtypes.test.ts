import { backendOf, registerBackend, unregisterBackend } from "@flambeau/tensor";
import { afterAll, describe, expect, test } from "vitest";
import { bundledFixtures } from "../../src/conformance/files.ts";
import { loadSubject } from "../../src/conformance/subject.ts";
import { differencesOf, renamed } from "./compare.ts";

// The dtype of each result under autocast is PyTorch's, over all ops of the fixtures, for inputs in float32 and in bfloat16: on the cpu, and on a
// device that is none against PyTorch's cuda.

const subject = await loadSubject("cpu", { threads: 1 });
registerBackend(renamed(backendOf("cpu"), "twin"));
afterAll(() => void unregisterBackend("twin"));
const files = bundledFixtures(["ops"]);

/** Where we differ, and why. */
const everywhere: { readonly [op: string]: string } = {
  "masked.prod": "one op there, which keeps the wider dtype; a product of chosen elements here",
};
const onCpu: { readonly [op: string]: string } = {
  ...everywhere,
  inner: "of two vectors it is a sum there, and a product of matrices here",
  tensordot: "over all dimensions it is a sum there, and a product of matrices here",
  "linalg.pinv": "rounded there, because its last product is seen; in float32 here",
  "linalg.pinv__hermitian": "as linalg.pinv",
  "linalg.solve_ex": "in no list there, though solve is",
  lu: "in a list there, though lu_factor is in none",
  lu_solve: "in a list there, though linalg.lu_solve is in none",
  "nn.functional.pad__reflect": "one of its ranks is in no list there",
  triangular_solve: "gives its matrix back, in float32 there",
};
const elsewhere: { readonly [op: string]: string } = {
  ...everywhere,
  __rdiv__: "a reciprocal and a product there, a quotient here",
  cumulative_trapezoid: "a cumulative sum there, which is in a list, of quotients",
  "masked.log_softmax": "names the dtype for what it is made of there",
  "masked.mean": "as masked.log_softmax",
  "masked.norm": "as masked.log_softmax",
  "masked.softmax": "as masked.log_softmax",
  "masked.softmin": "as masked.log_softmax",
  "masked.sum": "as masked.log_softmax",
  "nn.functional.local_response_norm": "an average of one window there",
  "nn.functional.multi_head_attention_forward":
    "of inputs in half the weights stay as softmax gives them there, and are of the inputs' dtype here",
  sum_to_size: "a sum of nothing there, which is in a list",
  trapezoid: "a sum there, which is in a list, before the product",
  trapz: "as trapezoid",
};

describe.each([
  ["cpu", 0, onCpu, 8000],
  ["twin", 2, elsewhere, 7800],
] as const)("on %s", (device, part, exceptions, least) => {
  test("the dtypes of all results are PyTorch's", () => {
    const unlike: string[] = [];
    const unneeded = new Set(Object.keys(exceptions));
    let seen = 0;
    for (const file of files) {
      const report = differencesOf(file, { ...subject, device }, part);
      seen += report.seen;
      if (report.found.length === 0) continue;
      const { which, ours, theirs } = report.found[0];
      if (!unneeded.delete(file.name)) unlike.push(`${file.name}: ${which}: ${ours}, PyTorch ${theirs}`);
    }
    expect(unlike).toEqual([]);
    expect([...unneeded]).toEqual([]);
    expect(seen).toBeGreaterThan(least);
  });
});
