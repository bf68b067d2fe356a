import { beforeAll, describe, expect, test } from "vitest";
import { readBundle } from "../../src/conformance/bundle.ts";
import type { Functions } from "../../src/conformance/call.ts";
import { loadSubject } from "../../src/conformance/subject.ts";
import { compareForward, compareModes, compareSecond, type DerivativeFile, eachCase } from "./replay.ts";

// Forward-mode and second derivatives of every op that PyTorch has both of, float64, within 1e-7; and the law that forward and reverse mode
// are each other's transpose.

let functions: Functions;
beforeAll(async () => {
  ({ functions } = await loadSubject("cpu"));
});

const symmetric =
  "PyTorch's formula takes the matrix to be symmetric; off the symmetric ones its forward and reverse mode differ";
const rounding = "PyTorch's forward formula is 1e-6 off; our two modes agree to 1e-9";
const repeated =
  "an element is written several times: PyTorch's forward mode takes another of them than its reverse mode";
const undefinedThere = "where the result is infinite or NaN, the tangent is NaN, as PyTorch's is";

interface Kind {
  readonly title: string;
  readonly bundle: string;
  readonly check: typeof compareForward;
  /** Ops whose figures may be missed, and why. */
  readonly exceptions: { readonly [op: string]: string };
  readonly least: number;
}
const kinds: readonly Kind[] = [
  {
    title: "forward mode is PyTorch's",
    bundle: "op_jvp",
    check: compareForward,
    exceptions: {
      cholesky_inverse: rounding,
      "linalg.cholesky": symmetric,
      "linalg.cholesky_ex": symmetric,
      "linalg.eigh": symmetric,
      logcumsumexp: rounding,
      "nn.functional.max_unpool1d": repeated,
      "nn.functional.max_unpool2d": repeated,
      scatter_reduce__prod: "PyTorch's forward mode gives none; ours is that of the reverse mode",
      triangular_solve: "PyTorch's formula takes the whole matrix, its reverse mode the triangle",
    },
    least: 1500,
  },
  {
    title: "forward and reverse mode are each other's transpose",
    bundle: "op_jvp",
    check: compareModes,
    exceptions: {
      cov: "divides by a difference of weights that cancel",
      "masked.logaddexp": undefinedThere,
      "masked.logsumexp": undefinedThere,
      "masked.mean": undefinedThere,
    },
    least: 1550,
  },
  {
    title: "second derivatives are PyTorch's",
    bundle: "op_gradgrad",
    check: compareSecond,
    exceptions: {
      as_strided_scatter: repeated,
      cov: "divides by a difference of weights that cancel: 5e-7 off",
      "linalg.eigh": symmetric,
    },
    least: 1500,
  },
];

describe.each(kinds)("$title", ({ bundle, check, exceptions, least }) => {
  test("on every op", { timeout: 300_000 }, () => {
    const wrong: string[] = [];
    const stale = new Set(Object.keys(exceptions));
    let passed = 0;
    for (const { name, read } of readBundle(new URL(`./figures/${bundle}.br`, import.meta.url))) {
      const file = read() as unknown as DerivativeFile; // the bundle's own format
      eachCase(file, functions, check).forEach((outcome, i) => {
        if (outcome.state === "passed") passed++;
        if (outcome.state !== "failed") return;
        if (Object.hasOwn(exceptions, name)) stale.delete(name);
        else wrong.push(`${name} ${i}: ${outcome.detail}`);
      });
    }
    expect(wrong).toEqual([]);
    expect([...stale]).toEqual([]);
    expect(passed).toBeGreaterThan(least);
  });
});
