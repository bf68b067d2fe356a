import { backward, grad, gradcheck, gradgradcheck } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  clone,
  div,
  matmul,
  memory,
  mul,
  registerBackend,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
} from "@flambeau/tensor";
import { applyOne, type Op } from "@flambeau/tensor/plugin";
import { beforeAll, describe, expect, test } from "vitest";

beforeAll(() => {
  registerBackend(cpuWasm());
});

const f64 = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });

/** x squared with a gradient of one's choice. */
const squareWith = (vjp: Op["vjp"]): ((x: Tensor) => Tensor) => {
  const op: Op = { name: "squareWith", forward: ([x]) => square(x), save: ([x]) => [x], ...(vjp && { vjp }) };
  return (x) => applyOne(op, [x], {});
};

describe.each([false, true])("fastMode %s", (fastMode) => {
  test("accepts right gradients of several inputs and results", () => {
    const a = f64([
      [0.5, -1.5],
      [2, 0.25],
    ]);
    const b = f64([
      [1.5, 0.5],
      [-0.75, 3],
    ]);
    expect(gradcheck((x, y) => [matmul(x, y), { quotient: div(x, y) }, 3], [a, b], { fastMode })).toBe(true);
    expect(gradgradcheck((x, y) => [matmul(x, y), { quotient: div(x, y) }], [a, b], { fastMode })).toBe(true);
  });

  test("refuses a gradient that is wrong by a factor", () => {
    const half = squareWith(({ saved: [x] }, [g]) => [g && mul(g, x)]);
    expect(() => gradcheck(half, [f64([1, 2])], { fastMode })).toThrow(
      /gradcheck: result 0.*input 0.*numerical .*analytical/,
    );
    expect(gradcheck(half, [f64([1, 2])], { fastMode, raiseException: false })).toBe(false);
  });

  test("refuses a missing gradient", () => {
    const none = squareWith(() => [null]);
    expect(gradcheck(none, [f64([1, 2])], { fastMode, raiseException: false })).toBe(false);
  });

  test("gradgradcheck refuses a gradient that is right and cannot be differentiated", () => {
    const constant = squareWith(({ saved: [x] }, [g]) => {
      const copy = tensor(x); // out of the graph: d(2x)/dx is lost
      return [g && mul(g, mul(copy, 2))];
    });
    expect(gradcheck(constant, [f64([1, 2])], { fastMode })).toBe(true);
    expect(gradgradcheck(constant, [f64([1, 2])], { fastMode, raiseException: false })).toBe(false);
  });

  test("works on a strided input and leaves it as it was", () => {
    const base = tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { dtype: "float64" },
    );
    const x = transpose(base, 0, 1);
    x.requiresGrad = true;
    expect(gradcheck((v) => mul(v, square(v)), [x], { fastMode })).toBe(true);
    expect(base.tolist()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(x.grad).toBe(null);
  });
});

test("the message names result, input, both elements and both figures", () => {
  const wrong = squareWith(({ saved: [x] }, [g]) => [g && mul(g, mul(x, tensor([2, 3], { dtype: "float64" })))]);
  const x = f64([1, 2]);
  const y = f64([3, 4]);
  expect(() => gradcheck((a, b) => [sub(a, b), wrong(b)], [x, y])).toThrow(
    /^gradcheck: result 1 at \[1\], input 1 at \[1\]: numerical 8\.\d+|7\.9\d+, analytical 12\n {2}hint: the op's gradient is wrong/,
  );
});

test("a backward pass that gives something else each time is refused", () => {
  let calls = 0;
  const drifting = squareWith(({ saved: [x] }, [g]) => [g && mul(g, mul(x, 2 + 1e-9 * calls++))]);
  expect(() => gradcheck(drifting, [f64([1, 2])])).toThrow(/two backward passes of result 0 differ by/);
  expect(gradcheck(drifting, [f64([1, 2])], { nondetTol: 1e-6 })).toBe(true);
});

test("what cannot be checked is refused with the reason", () => {
  const x = tensor([1, 2]);
  expect(() => gradcheck((v) => v, [x])).toThrow(/no input requires gradients/);
  const shared = clone(tensor([1], { dtype: "float64" })).expand([3]);
  shared.requiresGrad = true;
  expect(() => gradcheck((v) => square(v), [shared])).toThrow(/elements of input 0 share memory/);
  expect(() => gradcheck((v) => v.gt(0), [f64([1])])).toThrow(/no floating-point tensor/);
  const single = tensor([0.1, 0.2], { requiresGrad: true });
  expect(() => gradcheck((v) => square(v), [single])).toThrow(
    /input 0 is float32, whose rounding can exceed the tolerance/,
  );
  expect(gradcheck((v) => square(v), [single], { eps: 1e-2, rtol: 1e-2 })).toBe(true);
});

test("options are given by name, and undefined is the default", () => {
  const wrong = (x: unknown) => x as never; // the types refuse it
  const x = f64([1, 2]);
  expect(() => gradcheck(square, [x], wrong(1e-3))).toThrow(
    "gradcheck: options are given by name, got 0.001\n  hint: write { eps: 0.001 }",
  );
  expect(() => gradgradcheck(square, [x], wrong({ raise_exception: false }))).toThrow(
    'gradgradcheck: there is no option "raise_exception"\n  hint: did you mean raiseException?',
  );
  expect(gradgradcheck(square, [x], { gradOutputs: undefined, eps: undefined, raiseException: undefined })).toBe(true);
  const y = sum(square(x));
  expect(() => grad(y, x, wrong({ retain_graph: true }))).toThrow("did you mean retainGraph?");
  expect(() => backward(y, undefined, wrong(true))).toThrow(
    "backward: options are given by name, got true\n  hint: write { retainGraph: true }",
  );
  expect(grad(y, x, { gradOutputs: undefined, retainGraph: true, allowUnused: undefined })[0].tolist()).toEqual([2, 4]);
  backward([y], undefined, { inputs: undefined, createGraph: undefined });
  expect(x.grad?.tolist()).toEqual([2, 4]);
});

test("frees what it makes", () => {
  const x = f64([1, 2, 3]);
  const before = memory().cpu.bytes;
  gradcheck((v) => sum(square(v)), [x]);
  gradgradcheck((v) => sum(mul(v, square(v))), [x]);
  expect(memory().cpu.bytes).toBeLessThanOrEqual(before + 64); // gradgradcheck's weights wait for the collector
});
