import type { Backend } from "@flambeau/tensor";
import { expect, it } from "vitest";
import { stretchesOf } from "../src/holding.ts";
import type { Instruction, Seen } from "../src/instruction.ts";

const backend = { hold: () => {}, release: () => {} } as unknown as Backend;
const window = (ref: number, offset = 0): Seen => ({
  ...{ ref, offset, dtype: "float32", shape: [1, 4, 4], strides: [16, 4, 1], moving: null },
});
const call = (over: Partial<Instruction>): Instruction => ({
  ...{ kind: "map", backend, what: null, how: "", detail: 0, dims: [], reads: [], writes: [] },
  ...over,
});
const matmul = (right: Seen, out = 9): Instruction =>
  call({ kind: "matmul", reads: [window(8), right], writes: [window(out)] });
const linear = (right: Seen): Instruction =>
  call({ kind: "fused", how: "linear", reads: [window(8), right], writes: [window(9)] });
const found = (list: Instruction[]) =>
  stretchesOf(list).map(({ operand, first, last }) => [operand.ref, operand.offset, first, last]);

it("an operand is held from its first product to its last, of whichever kind", () => {
  const between = call({ reads: [window(1)], writes: [window(7)] });
  expect(found([between, matmul(window(1)), between, linear(window(1)), matmul(window(1))])).toEqual([[1, 0, 1, 4]]);
  expect(found([matmul(window(1)), matmul(window(2)), linear(window(2)), matmul(window(1))])).toEqual([
    [1, 0, 0, 3],
    [2, 0, 1, 2],
  ]);
});
it("not for one product alone, not where its windows begin elsewhere, not on the left", () => {
  expect(found([matmul(window(1)), matmul(window(1, 4))])).toEqual([]);
  expect(
    found([call({ kind: "matmul", reads: [window(1), window(2)], writes: [window(9)] }), matmul(window(1))]),
  ).toEqual([]);
});
it("what writes the operand ends it", () => {
  const write = call({ writes: [window(1, 8)] });
  const step = call({ kind: "fused", how: "adam", reads: [window(1), window(3)], dims: [0] });
  expect(found([matmul(window(1)), write, matmul(window(1)), step, matmul(window(1))])).toEqual([]);
  expect(found([matmul(window(1)), matmul(window(1)), write, matmul(window(1)), matmul(window(1))])).toEqual([
    [1, 0, 0, 1],
    [1, 0, 3, 4],
  ]);
  // a product that lies where its own operand lay
  expect(found([matmul(window(1)), matmul(window(1), 1), matmul(window(1))])).toEqual([[1, 0, 0, 1]]);
});
it("devices that make nothing of it are not told", () => {
  const deaf = {} as Backend;
  expect(found([matmul(window(1)), matmul(window(1))].map((each) => ({ ...each, backend: deaf })))).toEqual([]);
});
