import { type DType, isFloat } from "@flambeau/tensor";
import { compileProgram, input, type ScatterMode, sizeOf } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { Draw } from "./draw.ts";
import { coordinates, layouts, position, type Sample } from "./lab.ts";
import { rounded, type Scalar, sample } from "./numbers.ts";
import { expectValues, type Subject } from "./subject.ts";

/** Where along the whole shape element `i` of an index points: its own coordinates, but for `dim` the index value. */
const target = (i: number, index: Sample, dim: number, shape: readonly number[]): number =>
  position(
    coordinates(i, index.shape).map((c, d) => (d === dim ? Number(index.values[i]) : c)),
    shape,
  );

export function combined(mode: ScatterMode, a: Scalar, b: Scalar, dtype: DType): Scalar {
  if (mode === "set") return b;
  if (mode === "max" || mode === "min") {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
    return (mode === "max" ? a > b : a < b) ? a : b;
  }
  if (isFloat(dtype)) return rounded(mode === "add" ? Number(a) + Number(b) : Number(a) * Number(b), dtype);
  return rounded(mode === "add" ? BigInt(a) + BigInt(b) : BigInt(a) * BigInt(b), dtype);
}

const twice = compileProgram(input(0).add(input(0)), ["int32"], 0, "int32", "int32");

/** The `gather`, `scatter` and `sort` primitives. */
export function indexedTests({ backend, lab, accuracy }: Subject): void {
  const indexTypes = () => (["int32", "int64"] as const).filter((d) => backend.dtypes.has(d));
  const indexInto = (draw: Draw, shape: readonly number[], size: number): Sample => {
    const dtype = draw.pick(indexTypes());
    const values = Array.from({ length: sizeOf(shape) }, () =>
      dtype === "int64" ? BigInt(draw.below(size)) : draw.below(size),
    );
    return lab.place(dtype, shape, values, draw.pick(["contiguous", "transposed", "gaps"] as const), draw);
  };

  describe("checkIndices", () => {
    const fail = (value: number) => new RangeError(`met ${value}`);
    const inRange = "in range";
    const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
    /** What a check says: at once, or by the read of what was gathered with the index. Other reads go on. */
    const answer = async (index: Sample, size: number): Promise<string> => {
      const shape = index.shape.with(0, size);
      const table = lab.contiguous(
        "int32",
        shape,
        Array.from({ length: sizeOf(shape) }, (_, i) => i),
      );
      try {
        backend.checkIndices(index, size, fail);
      } catch (error) {
        return messageOf(error);
      }
      const picked = lab.output("int32", index.shape);
      backend.kernels.gather(table, index, picked, 0);
      const doubled = lab.output("int32", index.shape);
      backend.kernels.map(twice, [picked], [], doubled, true);
      const answers: string[] = [];
      const reads = [table, index, picked, doubled].map((x) => lab.read(x).then(() => inRange, messageOf));
      for (const read of reads) answers.push(await read);
      // neither the table nor the index itself depends on the check
      expect(answers.slice(0, 2)).toEqual([inRange, inRange]);
      expect(answers[3]).toBe(answers[2]);
      return answers[2];
    };

    test("accepts 0 to size - 1 in any layout, and names what lies outside", async () => {
      const draw = new Draw(35);
      for (const dtype of indexTypes())
        for (const layout of layouts)
          for (const shape of [[1], [5], [3, 4], [2, 3, 4], [1000]]) {
            const size = 1 + draw.below(50);
            const of = (x: number): Scalar => (dtype === "int64" ? BigInt(x) : x);
            const values = Array.from({ length: sizeOf(shape) }, () => of(draw.below(size)));
            const about = `${dtype} [${shape}] ${layout}, size ${size}`;
            expect(await answer(lab.place(dtype, shape, values, layout, draw), size), about).toBe("in range");
            for (const bad of [
              -1,
              size,
              -(2 ** 31),
              2 ** 31 - 1,
              ...(dtype === "int64" ? [2 ** 32, -(2 ** 40)] : []),
            ]) {
              const wrong = values.with(draw.below(values.length), of(bad));
              const index = lab.place(dtype, shape, wrong, layout === "broadcast" ? "gaps" : layout, draw);
              expect(await answer(index, size), about).toBe(`met ${bad}`);
            }
          }
    });

    test("the answer is that of the call, whatever happens to the index afterwards; new contents are in no doubt", async () => {
      const index = lab.contiguous("int32", [3], [0, 7, 1]);
      const table = lab.contiguous("int32", [4], [5, 6, 7, 8]);
      // of their own size, without a guard behind: what is written is the whole
      const [picked, again] = [1, 2].map(() => lab.contiguous("int32", [3], [0, 0, 0]));
      const found: unknown[] = [];
      try {
        backend.checkIndices(index, 4, fail);
        backend.kernels.gather(table, index, picked, 0);
        backend.write(index.buffer, new Uint8Array(12));
        await backend.read(picked.buffer, 0, 12);
      } catch (error) {
        found.push(error instanceof RangeError && error.message);
      }
      expect(found).toEqual(["met 7"]);
      backend.kernels.gather(table, index, picked, 0);
      backend.kernels.map(twice, [table], [], table, true);
      expect(await lab.read(table)).toEqual([10, 12, 14, 16]);
      backend.write(index.buffer, new Uint8Array(12));
      backend.kernels.gather(table, index, again, 0);
      expect(await lab.read(again)).toEqual([10, 10, 10]);
      // what is overwritten as a whole is as good as new
      backend.kernels.map(twice, [again], [], picked, true);
      expect(await lab.read(picked)).toEqual([20, 20, 20]);
    });

    test("eight tasks at once: each hears of its own index alone", async () => {
      const table = lab.contiguous("int32", [4], [5, 6, 7, 8]);
      const task = async (k: number): Promise<string> => {
        const out = lab.output("int32", [2]);
        for (let turn = 0; turn < 5; turn++) {
          const last = k % 2 === 1 && turn === 3 ? 4 + k : turn % 4;
          const index = lab.contiguous("int32", [2], [0, last]);
          try {
            backend.checkIndices(index, 4, fail);
            backend.kernels.gather(table, index, out, 0);
            await Promise.resolve();
            if ((await lab.read(out))[1] !== 5 + (turn % 4)) return `wrong at turn ${turn}`;
          } catch (error) {
            return messageOf(error);
          }
          backend.write(out.buffer, new Uint8Array(8));
        }
        return inRange;
      };
      expect(await Promise.all(Array.from({ length: 8 }, (_, k) => task(k)))).toEqual(
        Array.from({ length: 8 }, (_, k) => (k % 2 === 1 ? `met ${4 + k}` : inRange)),
      );
    });
  });

  describe("gather", () => {
    test("along any dim, in any layout, of every dtype", async () => {
      const draw = new Draw(31);
      for (const dtype of backend.dtypes)
        for (let round = 0; round < 10; round++) {
          const shape = draw.shape(1 + draw.below(4), 5);
          const dim = draw.below(shape.length);
          const x = lab.place(dtype, shape, sample(draw, dtype, sizeOf(shape)), draw.pick(layouts), draw);
          const index = indexInto(
            draw,
            shape.map((s, d) => (d === dim ? 1 + draw.below(7) : 1 + draw.below(s))),
            shape[dim],
          );
          const out = lab.output(dtype, index.shape);
          backend.kernels.gather(x, index, out, dim);
          const expected = index.values.map((_, i) => x.values[target(i, index, dim, shape)]);
          expect(await lab.read(out), `${dtype} [${shape}], index [${index.shape}], dim ${dim}`).toEqual(expected);
        }
    });
  });

  describe("scatter", () => {
    for (const mode of ["set", "add", "mul", "max", "min"] as const)
      test(`${mode}: in index order where indices repeat, in any layout`, async () => {
        const draw = new Draw(32);
        for (const dtype of backend.dtypes) {
          if (dtype === "bool" && mode !== "set") continue;
          for (let round = 0; round < 10; round++) {
            const shape = draw.shape(1 + draw.below(3), 5);
            const dim = draw.below(shape.length);
            const into = lab.place(
              dtype,
              shape,
              sample(draw, dtype, sizeOf(shape)),
              draw.pick(["contiguous", "transposed", "gaps"] as const),
              draw,
            );
            const index = indexInto(
              draw,
              shape.map((s, d) => (d === dim ? 1 + draw.below(7) : 1 + draw.below(s))),
              shape[dim],
            );
            const source = lab.place(
              dtype,
              index.shape,
              sample(draw, dtype, sizeOf(index.shape)),
              draw.pick(layouts),
              draw,
            );
            const expected = [...into.values];
            source.values.forEach((v, i) => {
              const at = target(i, index, dim, shape);
              expected[at] = combined(mode, expected[at], v, dtype);
            });
            backend.kernels.scatter(mode, into, index, source, dim);
            const about = `${dtype} [${shape}], index [${index.shape}], dim ${dim}`;
            expectValues(await lab.read(into), expected, dtype, 8 * accuracy, (i) => `${about}: element ${i}`, 16);
          }
        }
      });
    test("bools: add is or, mul is and", async () => {
      const index = lab.contiguous("int32", [3], [0, 0, 1]);
      const source = lab.contiguous("bool", [3], [1, 1, 0]);
      const into = lab.contiguous("bool", [3], [0, 1, 1]);
      backend.kernels.scatter("add", into, index, source, 0);
      expect(await lab.read(into)).toEqual([1, 1, 1]);
      backend.kernels.scatter("mul", into, index, source, 0);
      expect(await lab.read(into)).toEqual([1, 0, 1]);
    });
  });

  describe("sort", () => {
    for (const descending of [false, true])
      test(`${descending ? "descending" : "ascending"}: stable, NaN largest, of every dtype`, async () => {
        const draw = new Draw(33);
        for (const dtype of backend.dtypes)
          for (const shape of [[1], [9], [3, 7], [2, 1, 40], [2, 300]]) {
            const values = sample(draw, dtype, sizeOf(shape));
            if (isFloat(dtype))
              for (let i = 0; i < values.length; i += 5) values[i] = draw.pick([Number.NaN, Infinity, -Infinity, 0, 1]);
            const x = lab.place(dtype, shape, values, draw.pick(layouts), draw);
            const sorted = lab.output(dtype, shape);
            const indices = lab.output("int32", shape);
            backend.kernels.sort(x, sorted, indices, descending);
            const size = shape[shape.length - 1];
            const order: number[] = [];
            for (let row = 0; row < x.values.length; row += size) {
              const line = x.values.slice(row, row + size);
              const rank = (v: Scalar) => (Number.isNaN(v) ? 1 : 0);
              const compare = (a: Scalar, b: Scalar) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
              order.push(
                ...line.map((_, i) => i).sort((i, j) => (descending ? -1 : 1) * compare(line[i], line[j]) || i - j),
              );
            }
            const about = `${dtype} [${shape}], strides [${x.strides}]`;
            expect(await lab.read(indices), about).toEqual(order);
            expect(await lab.read(sorted), about).toEqual(
              order.map((k, i) => x.values[Math.floor(i / size) * size + k]),
            );
          }
      });
  });
}
