// What PyTorch makes of the same samples, as scripts/collate.py has recorded it.
import "./backend.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DType, isTensor, memory, ones, Tensor, tensor } from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import { collateWith, DataLoader, defaultCollate, defaultConvert, padCollate } from "../src/index.ts";

type Written =
  | number
  | boolean
  | string
  | ["tensor" | "array", DType, number[], number[]]
  | ["list", ...unknown[]]
  | ["dict", ...[string, unknown][]];
interface Case {
  readonly samples: readonly Written[];
  readonly collated: Written;
  readonly converted: Written;
}
interface Padding {
  readonly samples: readonly Written[];
  readonly batchFirst: boolean;
  readonly paddingSide: "left" | "right";
  readonly paddingValue: number;
  readonly padded: Written;
}
const recorded: { cases: Case[]; mixed: Omit<Case, "converted">[]; padded: Padding[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, "fixtures/collate.json"), "utf8"),
);

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
};
/** The value that a line of the record stands for; NumPy's arrays are typed arrays. */
function read(value: Written): unknown {
  if (!Array.isArray(value)) return value;
  if (value[0] === "list") return value.slice(1).map((each) => read(each as Written));
  if (value[0] === "dict")
    return Object.fromEntries((value.slice(1) as [string, Written][]).map(([key, each]) => [key, read(each)]));
  const [kind, dtype, shape, numbers] = value as ["tensor" | "array", DType, number[], number[]];
  if (kind === "tensor") return tensor(numbers, { dtype, shape });
  if (dtype === "int64") return BigInt64Array.from(numbers, BigInt);
  return arrays[dtype as keyof typeof arrays].from(numbers);
}

/** As the record writes it. Of what were numbers PyTorch makes float64, we make float32: that is said. */
function write(value: unknown): Written {
  if (isTensor(value)) return ["tensor", value.dtype, [...value.shape], Array.from(value.dataSync(), Number)];
  if (Array.isArray(value)) return ["list", ...value.map(write)];
  if (ArrayBuffer.isView(value)) throw new Error("a typed array is left");
  if (typeof value === "object" && value !== null)
    return ["dict", ...Object.entries(value).map(([key, each]): [string, unknown] => [key, write(each)])];
  return value as Written;
}
/** The record with float32 where `like`, a sample, has numbers. */
function withFloats(collated: Written, like: Written): Written {
  if (typeof like === "number") {
    const [, , shape, numbers] = collated as ["tensor", DType, number[], number[]];
    return ["tensor", "float32", shape, numbers];
  }
  if (!Array.isArray(like) || !Array.isArray(collated)) return collated;
  if (like[0] === "list")
    return ["list", ...collated.slice(1).map((each, i) => withFloats(each as Written, like[i + 1] as Written))];
  if (like[0] === "dict")
    return [
      "dict",
      ...(collated.slice(1) as [string, Written][]).map(([key, each], i): [string, unknown] => [
        key,
        withFloats(each, (like[i + 1] as [string, Written])[1]),
      ]),
    ];
  return collated;
}

describe("PyTorch's own", () => {
  it("default_collate, for nested samples", () => {
    expect(recorded.cases.length).toBeGreaterThan(50);
    for (const { samples, collated } of recorded.cases)
      expect(write(defaultCollate(samples.map(read)))).toEqual(withFloats(collated, samples[0]));
  });

  it("default_convert", () => {
    for (const { samples, converted } of recorded.cases)
      expect(write(defaultConvert(read(samples[0])))).toEqual(converted);
  });

  it("default_collate, for tensors of different dtypes", () => {
    expect(recorded.mixed).toHaveLength(49);
    for (const { samples, collated } of recorded.mixed)
      expect(write(defaultCollate(samples.map(read))), JSON.stringify(samples)).toEqual(collated);
  });

  it("pad_sequence, as padCollate", () => {
    expect(recorded.padded).toHaveLength(24);
    for (const { samples, padded, ...options } of recorded.padded) {
      const tensors = samples.map(read) as Tensor[];
      expect(write(padCollate(options)(tensors))).toEqual(padded);
      const inside = padCollate({ ...options, lengths: true })(tensors.map((x) => ({ x, n: 1 })));
      const { x, n } = inside as { x: { padded: Tensor; lengths: Tensor }; n: Tensor };
      expect(write(x.padded)).toEqual(padded);
      expect(write(x.lengths)).toEqual(["tensor", "int32", [3], tensors.map(({ shape }) => shape[0])]);
      expect(write(n)).toEqual(["tensor", "float32", [3], [1, 1, 1]]);
    }
  });
});

describe("defaultCollate", () => {
  it("goes into maps", () => {
    const batch = defaultCollate([new Map([["a", 1]]), new Map([["a", 2]])]);
    expect([...batch.keys()]).toEqual(["a"]);
    expect(batch.get("a")?.tolist()).toEqual([1, 2]);
  });

  it.each<[string, unknown[], string]>([
    ["undefined", [{ a: [undefined] }, { a: [undefined] }], "collate: samples.a[0] must be tensors, typed arrays,"],
    ["null", [null], "collate: samples must be tensors, typed arrays,"],
    ["a date", [[new Date(0)]], "collateWith([[Type, collate]]) says how others are put together"],
    ["a DataView", [new DataView(new ArrayBuffer(2))], "samples must be tensors"],
    ["shapes", [[ones([2])], [ones([3])]], "collate: samples[0] are of different shapes, [2] and [3]"],
    [
      "lengths of typed arrays",
      [{ a: new Int8Array(2) }, { a: new Int8Array(1) }],
      "samples.a are of different shapes",
    ],
    [
      "texts and numbers",
      [{ a: "x" }, { a: 1 }],
      "samples.a are of different types: the first is a string, number 1 is 1",
    ],
    ["an array and a text", [[1], "a"], 'samples are of different types: the first is an array, number 1 is "a"'],
    ["keys of maps", [new Map([["a", 1]]), new Map([["b", 1]])], "samples have different keys"],
    [
      "a tensor and a number",
      [[ones([])], [1]],
      "samples[0] are of different types: the first is a tensor, number 1 is 1",
    ],
  ])("refuses %s, and says where", (_, samples, message) => {
    expect(() => defaultCollate(samples)).toThrow(message);
  });

  it("leaves nothing behind but the batch", () => {
    const before = memory().cpu.tensors;
    const [batch] = defaultCollate([[new Float32Array(4)], [new Float32Array(4)]]);
    const padded = padCollate()([new Float32Array(4), new Float32Array(2)]) as Tensor;
    expect(memory().cpu.tensors - before).toBe(2);
    batch.dispose();
    padded.dispose();
    expect(memory().cpu.tensors).toBe(before);
  });
});

describe("collateWith", () => {
  class Shape {}
  class Circle extends Shape {
    readonly radius: number;
    constructor(radius: number) {
      super();
      this.radius = radius;
    }
  }
  const named = (name: string) => () => name;

  it("takes the very class before the classes that it extends, at any depth", () => {
    const samples = [{ a: [new Circle(1)] }];
    const both = collateWith([
      [Shape, named("shape")],
      [Circle, named("circle")],
    ]);
    expect(both(samples)).toEqual({ a: ["circle"] });
    expect(collateWith([[Shape, named("shape")]])(samples)).toEqual({ a: ["shape"] });
  });

  it("knows the types of plain values and tensors", () => {
    const collate = collateWith([
      [Number, (numbers: number[]) => tensor(numbers, { dtype: "float64" })],
      [String, (texts: string[]) => texts.join("+")],
      [Tensor, (tensors: Tensor[]) => tensors.length],
    ]);
    const [numbers, text, count] = collate([
      [1, "a", ones([1])],
      [2, "b", ones([2])],
    ]) as [Tensor, string, number];
    expect([numbers.dtype, text, count]).toEqual(["float64", "a+b", 2]);
  });

  it("goes on inside with the same types", () => {
    const collate = collateWith([
      [
        Circle,
        (circles: Circle[], inside) => inside(circles.map(({ radius }) => ({ radius, date: new Date(radius) }))),
      ],
      [Date, (dates: Date[]) => dates.map((date) => date.getTime())],
    ]);
    const { radius, date } = collate([new Circle(3), new Circle(4)]) as { radius: Tensor; date: number[] };
    expect([radius.tolist(), date]).toEqual([
      [3, 4],
      [3, 4],
    ]);
  });

  it("is a DataLoader's collate", () => {
    const collate = collateWith([[Date, (dates: Date[]) => tensor(dates.map((date) => date.getTime()))]]);
    const loader = new DataLoader([new Date(1), new Date(2), new Date(3)], { batchSize: 2, collate });
    expect([...loader].map((batch) => (batch as Tensor).tolist())).toEqual([[1, 2], [3]]);
  });

  it.each<[unknown, string]>([
    [3, "collateWith: needs pairs of a type and a function, got 3"],
    [[Date], "collateWith: needs pairs of a type and a function, got"],
    [[[Date, 3]], "collateWith: needs pairs of a type and a function, got"],
  ])("refuses %o", (entries, message) => {
    expect(() => collateWith(entries as never)).toThrow(message);
  });
});

describe("padCollate", () => {
  it("says where sequences do not fit", () => {
    expect(() => padCollate()([{ x: ones([2, 3]) }, { x: ones([2, 4]) }])).toThrow(
      "padCollate: samples.x may differ in their lengths only, got [2,3] and [2,4]",
    );
    expect(() => padCollate()([ones([2]), ones([])])).toThrow("may differ in their lengths only");
  });
});
