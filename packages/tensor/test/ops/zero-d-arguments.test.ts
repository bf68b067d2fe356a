// 0-d tensors where numbers are wanted. The values and dtypes are PyTorch 2.13's, but that numbers are float32 and not int64 in lists.
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, expect, test } from "vitest";
import {
  ArgumentError,
  DTypeError,
  linspace,
  logspace,
  oneHot,
  registerBackend,
  scalarTensor,
  tensor,
} from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});

const int = (value: number) => scalarTensor(value, { dtype: "int32" });
const half = () => scalarTensor(2.5, { dtype: "float16" });

test("linspace and logspace read their ends", () => {
  expect(linspace(0, scalarTensor(1), 5).tolist()).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(linspace(int(1), half(), 2, { dtype: "float64" }).tolist()).toEqual([1, 2.5]);
  expect(linspace(scalarTensor(5n), 7, 3).tolist()).toEqual([5, 6, 7]);
  expect(logspace(scalarTensor(0, { requiresGrad: true }), int(3), 4, 2).tolist()).toEqual([1, 2, 4, 8]);
  expect(linspace(scalarTensor(0, { requiresGrad: true }), 1, 2).requiresGrad).toBe(false);
  for (const wrong of [tensor([1]), "1", true, null, () => 1])
    expect(() => linspace(0, wrong as never, 3)).toThrow(
      expect.objectContaining({ message: expect.stringContaining("end must be a number or a 0-d tensor") }),
    );
  expect(() => logspace(0, 1, 3, "10" as never)).toThrow(ArgumentError);
});

test.each<[() => unknown[], string, unknown]>([
  [() => [scalarTensor(1), scalarTensor(2)], "float32", [1, 2]],
  [() => [[int(1)], [int(2)]], "int32", [[1], [2]]],
  [() => [int(1), scalarTensor(2n)], "int64", [1, 2]],
  [() => [int(1), 2.5], "float32", [1, 2.5]],
  [() => [half(), half()], "float16", [2.5, 2.5]],
  [() => [scalarTensor(true), false], "bool", [true, false]],
  [() => [scalarTensor(0.1, { dtype: "float64" }), 1], "float64", [0.1, 1]],
])("a list of 0-d tensors %#", (data, dtype, values) => {
  const made = tensor(data() as never[]);
  expect([made.dtype, made.tolist()]).toEqual([dtype, values]);
});

test("the list's own dtype may be another, and no graph comes along", () => {
  const x = scalarTensor(1.5, { requiresGrad: true });
  expect(tensor([x, x], { dtype: "int32" }).tolist()).toEqual([1, 1]);
  expect(tensor([x]).requiresGrad).toBe(false);
  expect(() => tensor([tensor([1]), tensor([2])] as never)).toThrow(DTypeError);
});

test("a number of classes is a number", () => {
  expect(() => oneHot(tensor([0, 1], { dtype: "int32" }), int(3) as never)).toThrow(
    expect.objectContaining({ message: expect.stringContaining("numClasses must be an integer") }),
  );
});
