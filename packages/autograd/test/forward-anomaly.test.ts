import { detectAnomaly } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  empty,
  full,
  maskedFill,
  memory,
  ones,
  registerBackend,
  softmax,
  type Tensor,
  tensor,
  tidy,
  UnavailableError,
} from "@flambeau/tensor";
import { context } from "@flambeau/tensor/plugin";
import { expect, test } from "vitest";

registerBackend(cpuWasm({ threads: 1 }));
const nan = <T>(fn: () => T): T => detectAnomaly(fn, { forward: "nan" });
const nonfinite = <T>(fn: () => T): T => detectAnomaly(fn, { forward: "nonfinite" });

test("the op that makes the first NaN throws, with shapes and the line that called it", () => {
  const x = tensor([[1, -1]]);
  let message = "";
  try {
    nan(() => x.log().mul(2).sum());
  } catch (error) {
    message = String(error);
  }
  expect(message).toMatch(
    /^AutogradError: log made NaN, from inputs of shapes \[1,2\]; it was called at .*forward-anomaly\.test\.ts:\d+/,
  );
  expect(context.stack).toBeNull();
});

test("of an op with several results or in place, too, and in half floats", () => {
  const x = tensor([1, -1]);
  expect(() => nan(() => x.sqrt_())).toThrow(/sqrt_ made NaN/);
  expect(() => nan(() => tensor([-1], { dtype: "bfloat16" }).sqrt())).toThrow(/sqrt made NaN/);
});

test("a NaN that came from elsewhere is told as that", () => {
  const x = tensor([Number.NaN]);
  expect(() => nan(() => ones([1]).add(x))).toThrow(/add got NaN in its input 1, which no op in here made/);
  expect(() => nan(() => x.mul_(2))).toThrow(/mul_ got NaN in its input 0/);
});

test("infinities are looked at when asked for, but for those that the program gives", () => {
  const x = tensor([0, 1]);
  expect(nan(() => x.log().tolist())).toEqual([-Infinity, 0]);
  expect(() => nonfinite(() => x.log())).toThrow(/log made infinity/);
  const masked = (): Tensor => softmax(maskedFill(x, tensor([true, false]), -Infinity), 0);
  expect(nonfinite(() => masked().tolist())).toEqual([0, 1]);
  expect(nonfinite(() => full([1], Infinity).add(1).item())).toBe(Infinity);
  const all = tensor([true, true]);
  expect(() => nonfinite(() => softmax(maskedFill(x, all, -Infinity), 0))).toThrow(/softmax made NaN/);
});

test("the walk backward is looked at as without it", () => {
  const x = tensor([0], { requiresGrad: true });
  expect(() => nan(() => x.sqrt().mul(0).sum().backward())).toThrow(/SqrtBackward made NaN.*"sqrt" was called at/);
  const y = tensor([4], { requiresGrad: true });
  nan(() => y.sqrt().sum().backward());
  expect(y.grad?.tolist()).toEqual([0.25]);
});

test("what is not set, no float, or empty is not looked at", () => {
  nan(() => {
    empty([4]);
    tensor([1, 2], { dtype: "int32" }).add(1);
    ones([0]).add(1);
  });
});

test("nothing is left in memory, by an error neither", () => {
  const x = tensor([1, -1]);
  const before = memory().cpu.tensors;
  expect(() => nan(() => x.log())).toThrow();
  expect(memory().cpu.tensors).toBe(before);
  tidy(() => void nan(() => x.abs().log()));
  expect(memory().cpu.tensors).toBe(before);
});

test("errors of its own", () => {
  expect(() => detectAnomaly(() => 1, { forward: "all" as "nan" })).toThrow(
    /the option forward is "nan" or "nonfinite"/,
  );
  expect(() => detectAnomaly((async () => 1) as () => unknown, { forward: "nan" })).toThrow(/synchronous function/);
});

test("a device that cannot be read at once says so", () => {
  const x = ones([2], { device: "meta" });
  expect(() => nan(() => x.add(1))).toThrow(UnavailableError);
});
