// What is no integer in the integer arguments of losses: the values that the testkit tries on the functions of @flambeau/tensor.
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { FlambeauError, registerBackend, type Tensor, tensor, zeros } from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import { crossEntropy, ctc, linearCrossEntropy, multiMargin, nll } from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

const wrong = [Number.NaN, 0.5, -0.5, undefined, null, "1", 2 ** 53, 1e300];
const classes = (...values: number[]) => tensor(values, { dtype: "int32" });
const scores = () => zeros([2, 3]);
const steps = () => zeros([4, 2, 3]); // [T, N, C]
const labels = () => classes(1, 2, 1, 1).reshape([2, 2]);

type Put = (value: never) => Tensor;
const arguments_: [name: string, put: Put, defaults: unknown][] = [
  ["crossEntropy, ignoreIndex", (ignoreIndex) => crossEntropy(scores(), classes(1, 0), { ignoreIndex }), -100],
  ["nll, ignoreIndex", (ignoreIndex) => nll(scores(), classes(1, 0), { ignoreIndex }), -100],
  [
    "linearCrossEntropy, ignoreIndex",
    (ignoreIndex) => linearCrossEntropy(scores(), zeros([4, 3]), classes(1, 0), { ignoreIndex }),
    -100,
  ],
  ["multiMargin, p", (p) => multiMargin(scores(), classes(1, 0), { p }), 1],
  ["ctc, blank", (blank) => ctc(steps(), labels(), [4, 3], [2, 1], { blank }), 0],
  ["ctc, inputLengths", (lengths) => ctc(steps(), labels(), lengths, [2, 1]), null],
  ["ctc, inputLengths[1]", (length) => ctc(steps(), labels(), [4, length], [2, 1]), null],
  ["ctc, targetLengths", (lengths) => ctc(steps(), labels(), [4, 3], lengths), null],
  ["ctc, targetLengths[0]", (length) => ctc(steps(), labels(), [4, 3], [length, 1]), null],
];

describe("what is no integer is refused, or counts as left away", () => {
  it.each(arguments_)("%s", (_, put, otherwise) => {
    for (const value of wrong as never[]) {
      if (value === undefined && otherwise !== null) expect(put(value).item()).toBe(put(otherwise as never).item());
      else expect(() => put(value), String(value)).toThrow(FlambeauError);
    }
  });
});

describe("and named", () => {
  it.each<[call: () => unknown, message: string]>([
    [
      () => crossEntropy(scores(), classes(1, 0), { ignoreIndex: 2 ** 40 }),
      "crossEntropy: ignoreIndex must be an integer from -2147483648 to 2147483647, got 1099511627776",
    ],
    [() => ctc(steps(), labels(), [4, 3], [2, 1], { blank: 0.5 }), "ctc: blank must be a class of 3, got 0.5"],
    [() => ctc(steps(), labels(), [4, 2.5], [2, 1]), "ctc: each of inputLengths must be an integer, got [4,2.5]"],
  ])("%#", (call, message) => {
    expect(call).toThrow(message);
  });
});
