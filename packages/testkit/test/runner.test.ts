import { Tensor, tensor } from "@flambeau/tensor";
import { describe, expect, test } from "vitest";
import { Call, camelCase, run, Unmapped } from "../src/conformance/call.ts";
import { difference } from "../src/conformance/compare.ts";
import { Decoder } from "../src/conformance/decode.ts";
import { forDevice } from "../src/conformance/device.ts";
import { dtypeDifference } from "../src/conformance/dtypes.ts";
import { type EncodedTensor, parseFixture, WholeFloat } from "../src/conformance/encoded.ts";
import { bundledFixtures } from "../src/conformance/files.ts";
import { type OpCase, type OpFile, runOps } from "../src/conformance/ops.ts";
import { inFull, tally } from "../src/conformance/outcome.ts";
import { loadSubject } from "../src/conformance/subject.ts";
import { toleranceOf } from "../src/conformance/tolerance.ts";

const subject = await loadSubject("cpu", { threads: 1 });

const encoded = (dtype: string, shape: number[], data: ArrayBufferView, more: object = {}): EncodedTensor => ({
  $t: dtype,
  shape,
  data: Buffer.from(data.buffer).toString("base64"),
  ...more,
});

describe("reading fixtures", () => {
  test("Python's whole floats stay apart from its ints, also next to strings that look like them", () => {
    const x = parseFixture('{"a": 2.0, "b": 2, "c": [1e3, -0.5, -3.0], "d": "2.0, \\"1.0\\"", "e": 1.5}');
    expect(x).toEqual({
      a: new WholeFloat(2),
      b: 2,
      c: [new WholeFloat(1000), -0.5, new WholeFloat(-3)],
      d: '2.0, "1.0"',
      e: 1.5,
    });
  });

  test("tensors come back with PyTorch's strides, and the same elements", () => {
    const t = new Decoder("cpu").tensor(
      encoded("float32", [2, 3], new Float32Array([1, 2, 3, 4, 5, 6]), { stride: [1, 4] }),
    );
    expect([t.strides, t.tolist()]).toEqual([
      [1, 4],
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ]); // prettier-ignore
    expect([t.isLeaf, t.base]).toEqual([true, null]);
  });

  test("the bundle holds what the folders held", () => {
    const counts = new Map<string, number>();
    for (const { folder } of bundledFixtures()) counts.set(folder, (counts.get(folder) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({
      modules: 114,
      modules_attention: 4,
      modules_state: 4,
      ops: 671,
      ops_bool: 341,
      ops_float64: 666,
      ops_int32: 447,
      ops_int64: 460,
      ops_uint8: 449,
      optims: 14,
      stacks: 1,
    });
  });
});

describe("rows", () => {
  const calls: unknown[][] = [];
  const functions = { f: (...args: unknown[]) => calls.push(args) };
  const call = (args: never[], kwargs: object = {}) => new Call("op", args, kwargs as never, "cpu", functions);
  const last = () => calls[calls.length - 1];

  test("positional arguments, keywords and options", () => {
    run(
      "f(input, dim, { keepdim, some_name, ord: p })",
      call([1, 2, true] as never[], { p: 3, some_name: "x", device: "cpu" }),
    );
    expect(last()).toEqual([1, 2, { keepdim: true, someName: "x", ord: 3 }]);
    run("f(input, dim, { keepdim })", call([1] as never[], { dim: null }));
    expect(last()).toEqual([1]);
    run("f(input, ...shape)", call([1, 2, 3] as never[]));
    expect(last()).toEqual([1, [2, 3]]);
    run("f(input, ...shape)", call([1, [2, 3]] as never[]));
    expect(last()).toEqual([1, [2, 3]]);
    run("f(input, -inplace, { stride?, momentum~ })", call([1, true] as never[], { stride: [], momentum: null }));
    expect(last()).toEqual([1, { momentum: null }]);
  });

  test("what the row does not know is unmapped, never dropped", () => {
    expect(() => run("f(input)", call([1, 2] as never[]))).toThrow(Unmapped);
    expect(() => run("f(input)", call([1] as never[], { other: 2 }))).toThrow('argument "other" is not in the row');
    expect(() => run("g(input)", call([1] as never[]))).toThrow("there is no function g");
  });

  test("a Python scalar that would promote otherwise is passed as a 0-d tensor", () => {
    const ints = tensor([1, 2], { dtype: "int32" });
    run("f(input!, other!)", call([ints, new WholeFloat(2)] as never[]));
    const scalar = last()[1];
    expect(scalar instanceof Tensor && [scalar.dtype, scalar.shape, scalar.item()]).toEqual(["float32", [], 2]);
    run("f(input!, other!)", call([tensor([1.5]), new WholeFloat(2)] as never[]));
    expect(last()[1]).toBe(2);
  });

  test("PyTorch's names in our spelling", () => {
    expect(["log_softmax", "atleast_1d", "zero_", "conv_transpose2d", "T"].map(camelCase)).toEqual([
      "logSoftmax",
      "atleast1d",
      "zero_",
      "convTranspose2d",
      "T",
    ]);
  });
});

describe("comparison", () => {
  const theirs = (...values: number[]) => encoded("float32", [values.length], Float32Array.from(values));
  const tolerance = { rtol: 1e-3, atol: 1e-3 };
  test("values: NaN equals NaN, infinities have signs, tolerances are those of assert_close", () => {
    expect(
      difference(tensor([Number.NaN, Infinity, 1, 0]), theirs(Number.NaN, Infinity, 1.0019, 0.00099), tolerance),
    ).toBe(null);
    expect(difference(tensor([1, 2]), theirs(1, Number.NaN), tolerance)).toBe("at [1]: 2, PyTorch has NaN");
    expect(difference(tensor([Infinity]), theirs(-Infinity), tolerance)).toBe(
      "at [0]: Infinity, PyTorch has -Infinity",
    );
    expect(difference(tensor([1, 2, 3]), theirs(1, 2.1, 3.1), tolerance)).toBe(
      "at [1]: 2, PyTorch has 2.0999999 (2 of 3 elements differ)",
    );
    expect(difference(tensor([[1, 2]]), theirs(1, 2), tolerance)).toBe("shape [1,2], PyTorch's is [2]");
  });
  test("integers are compared exactly, beyond 2^53 as well", () => {
    const big = encoded("int64", [1], BigInt64Array.of(2n ** 60n));
    expect(difference(tensor([2n ** 60n]), big, tolerance)).toBe(null);
    expect(difference(tensor([2n ** 60n + 1n]), big, tolerance)).toMatch(/PyTorch has/);
  });
  test("int64 may be int32 here only as a position or as the default integer", () => {
    const result = encoded("int64", [1], BigInt64Array.of(1n));
    const ints = encoded("int64", [1], BigInt64Array.of(1n));
    const floats = theirs(1);
    expect(dtypeDifference("sum", 0, "int32", result, [floats])).toBe(null);
    expect(dtypeDifference("sum", 0, "int32", result, [ints])).toBe("dtype int32, PyTorch's is int64");
    expect(dtypeDifference("sum", 0, "int32", result, [floats, { $dtype: "int64" }])).toBe(
      "dtype int32, PyTorch's is int64",
    );
    expect(dtypeDifference("argmax", 0, "int32", result, [ints])).toBe(null);
    expect(dtypeDifference("nonzero", 2, "int32", result, [ints])).toBe(null);
    expect(dtypeDifference("sort", 0, "int32", result, [ints])).toBe("dtype int32, PyTorch's is int64");
    expect(dtypeDifference("add", 0, "float64", theirs(1), [])).toBe("dtype float64, PyTorch's is float32");
  });
});

describe("a run notices", () => {
  const file = bundledFixtures(["ops"])
    .find((f) => f.name === "mul")
    ?.read() as unknown as OpFile; // the folder holds op files
  const one = file.cases.find((c) => c.grads?.length === 2 && (c.out as EncodedTensor).shape.length > 0) as OpCase;
  const bytesOf = (t: EncodedTensor) => Uint8Array.from(t.data as Uint8Array); // the bundle gives bytes
  const bump = (t: EncodedTensor): EncodedTensor => {
    const floats = new Float32Array(bytesOf(t).buffer);
    floats[floats.length - 1] += 0.01;
    return { ...t, data: new Uint8Array(floats.buffer) };
  };
  const outcome = (change: Partial<OpCase>, op = "mul") =>
    runOps({ ...file, op, cases: [{ ...one, ...change }] }, subject.device, subject.functions)[0];
  const out = one.out as EncodedTensor;

  test("that all is well", () => expect(outcome({})).toEqual({ state: "passed", detail: "" }));
  test("a wrong value", () =>
    expect(outcome({ out: bump(out) })).toMatchObject({
      state: "failed",
      detail: expect.stringMatching(/^out at \[/),
    }));
  test("a wrong shape", () =>
    expect(outcome({ out: { ...out, shape: [1, ...out.shape] } }).detail).toMatch(/^out shape/));
  test("a wrong dtype", () =>
    expect(
      outcome({ out: { ...out, $t: "float64", data: new Uint8Array((8 * bytesOf(out).length) / 4) } }).detail,
    ).toMatch(/^out dtype float32, PyTorch's is float64/)); // prettier-ignore
  test("a wrong gradient of either input", () => {
    const [a, b] = one.grads as EncodedTensor[]; // two, as looked for above
    expect(outcome({ grads: [bump(a), b] }).detail).toMatch(/^gradient 0 at/);
    expect(outcome({ grads: [a, bump(b)] }).detail).toMatch(/^gradient 1 at/);
    expect(outcome({ grads: [null, b] }).detail).toMatch(/^gradient 0 at .*: not zero, PyTorch has no gradient/);
    expect(outcome({ ct: [bump((one.ct as EncodedTensor[])[0])] }).state).toBe("failed");
  });
  test("an op that throws", () => expect(outcome({ args: ["no tensor"] }).state).toBe("failed"));
  test("an op without a row, and values it cannot represent", () => {
    expect(outcome({}, "no.such_op")).toEqual({ state: "unmapped", detail: "no row for no.such_op" });
    expect(outcome({ args: [{ $repr: "<function>" }] })).toEqual({
      state: "skipped",
      detail: "a value without a recorded form",
    });
    expect(outcome({ out: { ...out, $t: "complex64" } })).toEqual({ state: "skipped", detail: "complex64 tensors" });
  });
  test("a device without int64 replays arange as int32 where that has the same elements", () => {
    const dtype = { $dtype: "int64" };
    const file = (...cases: [number, ...number[]][]) => ({
      op: "arange",
      cases: cases.map(([input, ...args]) => ({ input, args, kwargs: { dtype } })),
    });
    const { cases } = forDevice(file([2, 5], [0, 3.1], [3.1]), new Set(["float32", "int32"])) as unknown as OpFile;
    expect(cases.map((c) => c.kwargs.dtype)).toEqual([
      { $dtype: "int32" },
      { $missing: "int64 on this device, where ends lose fractions" },
      { $missing: "int64 on this device, where ends lose fractions" },
    ]);
    expect(forDevice(file([3.1]), new Set(["float64", "int64"]))).toEqual(file([3.1]));
  });
  test("gradients may have a tolerance of their own, cases and second names that of their op", () => {
    expect(toleranceOf("addcdiv", "float32")).toEqual(toleranceOf("add", "float32"));
    expect(toleranceOf("addcdiv", "float32", "gradient").atol).toBe(2e-5);
    expect(toleranceOf("addcdiv", "float64", "gradient")).toEqual(toleranceOf("add", "float64"));
    expect(toleranceOf("__rpow__", "float32", "gradient")).toEqual(toleranceOf("pow", "float32", "gradient"));
    const rowsOfOne = toleranceOf("nn.functional.layer_norm: rows of one", "float32", "gradient");
    expect(rowsOfOne.atol).toBeGreaterThan(toleranceOf("nn.functional.layer_norm", "float32", "gradient").atol);
  });
  test("which files pass in full", () => {
    const [good, bad, none, skip] = (["passed", "failed", "unmapped", "skipped"] as const).map((state) => ({
      state,
      detail: state,
    }));
    expect(inFull(tally([good, skip]))).toBe(true);
    for (const outcomes of [[good, bad], [good, none], [skip], []]) expect(inFull(tally(outcomes))).toBe(false); // prettier-ignore
    expect(tally([good, none, bad])).toEqual({
      passed: 1,
      failed: 1,
      unmapped: 1,
      skipped: 0,
      first: "case 2: failed",
    });
  });
});
