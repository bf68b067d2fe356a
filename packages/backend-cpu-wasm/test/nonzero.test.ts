import { dtypes, registerBackend, type Tensor, tensor, where } from "@flambeau/tensor";
import { withoutFused } from "@flambeau/tensor/plugin";
import { describe, expect, it } from "vitest";
import { cpuWasm } from "../src/index.ts";
import { generator } from "./memory.ts";

const backend = cpuWasm({ threads: 4 });
registerBackend(backend);

/** Values of which a share is not 0; NaN and a negative zero among them. */
function some(shape: readonly number[], share: number): Tensor {
  const random = generator(shape.length + Math.round(share * 100));
  const n = shape.reduce((a, b) => a * b, 1);
  const values = Float64Array.from({ length: n }, () => (random.uniform() < share ? 1 + random.below(50) : 0));
  return tensor(values).reshape([...shape]);
}
const rowsOf = (x: Tensor): number[][] => {
  const values = x.to("float64").flatten().tolist() as number[];
  return values.flatMap((value, i) => {
    if (value === 0) return [];
    const row: number[] = [];
    let rest = i;
    for (const size of [...x.shape].reverse()) {
      row.unshift(rest % size);
      rest = Math.floor(rest / size);
    }
    return [row];
  });
};
/** The same on one thread and on many, on the fast path and on the host. */
function everyWay<T>(of: () => T): T {
  backend.setThreads(4);
  const many = of();
  backend.setThreads(1);
  expect(of()).toEqual(many);
  expect(withoutFused(of as () => never)).toEqual(many);
  return many;
}

describe("positions of what is not 0", () => {
  it.each(dtypes)("%s of any number of dimensions", (dtype) => {
    for (const shape of [[1], [16], [37], [5, 7], [3, 1, 19], [2, 3, 4, 5]]) {
      const x = some(shape, 0.5).to(dtype);
      expect(everyWay(() => x.nonzero().tolist())).toEqual(rowsOf(x));
      const columns = everyWay(() => x.nonzero({ asTuple: true }).map((t) => t.tolist()));
      expect(columns).toEqual(shape.map((_, d) => rowsOf(x).map((row) => row[d])));
    }
  });

  it.each([0, 0.01, 0.1, 0.5, 0.9, 1])("of parts of a long line, where %d are", (share) => {
    const x = some([100_003], share);
    const want = (x.tolist() as number[]).flatMap((value, i) => (value === 0 ? [] : [i]));
    expect(everyWay(() => [...(x.nonzero().flatten().tolist() as number[])])).toEqual(want);
    const values = tensor(Float32Array.from({ length: 100_003 }, (_, i) => i / 2));
    expect(everyWay(() => values.maskedSelect(x.ne(0)).tolist())).toEqual(want.map((i) => i / 2));
  });

  it("of transposed, sliced and expanded tensors", () => {
    const x = some([40, 30], 0.4);
    for (const view of [x.t(), x.narrow(1, 3, 20), x.select(0, 2).expand([4, 30]), x.t().ne(0)])
      expect(everyWay(() => view.nonzero().tolist())).toEqual(rowsOf(view.contiguous()));
  });

  it("of zeros of either sign, NaN, nothing and numbers", () => {
    const x = tensor([0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45]);
    for (const dtype of ["float32", "float64"] as const)
      expect(everyWay(() => x.to(dtype).nonzero().tolist())).toEqual([[2], [3], [4]]);
    for (const dtype of ["float16", "bfloat16"] as const)
      expect(everyWay(() => x.to(dtype).nonzero().tolist())).toEqual([[2], [3]]);
    expect(everyWay(() => tensor([]).nonzero().shape)).toEqual([0, 1]);
    expect(everyWay(() => tensor(3).nonzero().shape)).toEqual([1, 0]);
    expect(everyWay(() => where(tensor(3)).map((t) => t.tolist()))).toEqual([[0]]);
  });
});

describe("distinct elements", () => {
  /** What PyTorch documents: ascending, NaN last and unlike itself, with places and counts. */
  function reference(values: readonly number[], ordered: boolean) {
    const order = values.map((_, i) => i);
    const rank = (v: number) => (Number.isNaN(v) ? Number.POSITIVE_INFINITY : v);
    if (ordered)
      order.sort(
        (i, j) =>
          rank(values[i]) - rank(values[j]) ||
          Number(Number.isNaN(values[i])) - Number(Number.isNaN(values[j])) ||
          i - j,
      );
    const [out, counts, inverse]: number[][] = [[], [], []];
    order.forEach((from, k) => {
      if (k === 0 || values[from] !== values[order[k - 1]]) {
        out.push(values[from]);
        counts.push(0);
      }
      inverse[from] = out.length - 1;
      counts[out.length - 1]++;
    });
    return [out, inverse, counts];
  }
  const numbers = (t: Tensor) => t.to("float64").tolist();
  const both = { returnInverse: true, returnCounts: true } as const;

  it.each(dtypes)("%s", (dtype) => {
    const random = generator(5);
    for (const n of [0, 1, 2, 50, 1000]) {
      const x = tensor(Float64Array.from({ length: n }, () => random.below(30) - (dtype === "uint8" ? 0 : 15))).to(
        dtype,
      );
      const values = x.to("float64").tolist() as number[];
      expect(everyWay(() => x.unique(both).map(numbers))).toEqual(reference(values, true));
      expect(everyWay(() => x.uniqueConsecutive(both).map(numbers))).toEqual(reference(values, false));
      expect(numbers(x.unique())).toEqual(reference(values, true)[0]);
    }
  });

  it("keeps the first of equal zeros, and each NaN", () => {
    const values = [3, Number.NaN, 0, -0, Number.NEGATIVE_INFINITY, Number.NaN, -0, 3];
    for (const dtype of ["float32", "float64", "float16", "bfloat16"] as const) {
      const x = tensor(values).to(dtype);
      expect(everyWay(() => x.unique(both).map((t) => t.tolist()))).toEqual(reference(values, true));
      expect(everyWay(() => x.uniqueConsecutive(both).map((t) => t.tolist()))).toEqual(reference(values, false));
    }
  });

  it("places have the input's shape, or one dimension", () => {
    const x = tensor([
      [2, 1],
      [1, 2],
    ]);
    expect(x.unique(both).map((t) => t.tolist())).toEqual([
      [1, 2],
      [
        [1, 0],
        [0, 1],
      ],
      [2, 2],
    ]); // prettier-ignore
    expect(
      tensor([2, 1, 2])
        .unique({ ...both, dim: 0 })
        .map((t) => t.tolist()),
    ).toEqual([
      [1, 2],
      [1, 0, 1],
      [1, 2],
    ]); // prettier-ignore
    expect(
      tensor(5)
        .unique(both)
        .map((t) => t.tolist()),
    ).toEqual([[5], 0, [1]]);
    expect(
      tensor(5)
        .unique({ ...both, dim: 0 })
        .map((t) => t.tolist()),
    ).toEqual([[5], [0], [1]]);
  });
});
