import { compileProgram, index, input, sizeOf, type View } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import type { Subject } from "./subject.ts";

/** More than the 65,535 blocks or workgroups that one launch takes on many devices. */
const many = 70_001;

type Formula = (i: number) => number;

/** Every primitive beyond what one launch, one block or one shared memory takes. Values are small integers, so that results are exact. */
export function sizeTests({ backend, lab, maxBytes }: Subject): void {
  const { kernels } = backend;
  const bytes = (array: Float32Array | Int32Array) => new Uint8Array(array.buffer);
  const floats = (shape: readonly number[], f: Formula): View =>
    lab.raw("float32", shape, bytes(Float32Array.from({ length: sizeOf(shape) }, (_, i) => f(i))));
  const ints = (shape: readonly number[], f: Formula): View =>
    lab.raw("int32", shape, bytes(Int32Array.from({ length: sizeOf(shape) }, (_, i) => f(i))));
  /** A run of a view's elements, from position `start` of its buffer. */
  const part = async ({ buffer, dtype }: View, start: number, length: number): Promise<Float32Array | Int32Array> => {
    const copy = new Uint8Array(await backend.read(buffer, 4 * start, 4 * length));
    return dtype === "int32" ? new Int32Array(copy.buffer) : new Float32Array(copy.buffer);
  };
  /** Asserts all elements, naming the first that differs. */
  const expectAll = async (view: View, f: Formula, what: string): Promise<void> => {
    const actual = await part(view, 0, sizeOf(view.shape));
    const wrong = actual.findIndex((v, i) => v !== f(i));
    if (wrong >= 0)
      expect(`${what}: element ${wrong} = ${actual[wrong]}`).toBe(`${what}: element ${wrong} = ${f(wrong)}`);
  };
  const identity = compileProgram(input(0), ["float32"], 0, "float32", "float32");

  describe("sizes", () => {
    // 65,535 workgroups of 256 threads are just less than 2^24
    const most = 2 ** 24 + 300;
    test.skipIf(4 * most > maxBytes)("map: more elements than 65,535 workgroups of 256 have", async () => {
      const out = lab.raw("int32", [most], new Uint8Array(4 * most));
      kernels.map(compileProgram(index(), [], 0, "int32", "int32"), [], [], out, true);
      for (const start of [0, 65_535 * 32 - 50, 65_535 * 64 - 50, 65_535 * 128 - 50, 65_535 * 256 - 50, most - 100]) {
        const found = await part(out, start, 100);
        expect([...found], `from element ${start} on`).toEqual(Array.from(found, (_, i) => start + i));
      }
    });

    test("map: a long transpose", async () => {
      const x = floats([many, 3], (i) => i);
      const out = lab.output("float32", [3, many]);
      kernels.map(identity, [{ ...x, shape: [3, many], strides: [1, 3] }], [], out, false);
      await expectAll(out, (i) => (i % many) * 3 + Math.floor(i / many), "transpose");
    });

    test("map: eight dimensions", async () => {
      const shape = [2, 3, 2, 2, 3, 2, 2, 3];
      const strides = [432, 144, 72, 36, 12, 6, 3, 1];
      const x = floats(shape, (i) => i);
      const out = lab.output("float32", [...shape].reverse());
      kernels.map(identity, [{ ...x, shape: [...shape].reverse(), strides: [...strides].reverse() }], [], out, false);
      const from = (i: number) => {
        let at = 0;
        for (const [d, size] of shape.entries()) {
          at += (i % size) * strides[d];
          i = Math.floor(i / size);
        }
        return at;
      };
      await expectAll(out, from, "reversed dimensions");
    });

    test("reduce: many rows, many columns, many of both, one long line", async () => {
      const total = async (x: View, dims: readonly number[], shape: readonly number[], f: Formula, what: string) => {
        const out = lab.output("float32", shape);
        kernels.reduce("sum", identity, [x], [], out, dims);
        await expectAll(out, f, what);
      };
      const x = floats([many, 3], (i) => i % 7);
      await total(x, [1], [many, 1], (i) => ((3 * i) % 7) + ((3 * i + 1) % 7) + ((3 * i + 2) % 7), "rows");
      const y = { ...x, shape: [3, many], strides: [many, 1] };
      await total(y, [0], [1, many], (i) => (i % 7) + ((i + many) % 7) + ((i + 2 * many) % 7), "columns");
      const z = { ...x, shape: [many, 1, 3], strides: [3, 3, 1] };
      await total(z, [1], [many, 1, 3], (i) => i % 7, "a dimension of 1");
      const sum = Array.from({ length: 3 * many }, (_, i) => i % 7).reduce((a, b) => a + b, 0);
      await total({ ...x, shape: [3 * many], strides: [1] }, [0], [1], () => sum, "a line");
      const long = floats([2 ** 20 + 5], (i) => Number(i === 2 ** 20 + 4));
      await total(long, [0], [1], () => 1, "a longer line");
    });

    test("argReduce: many rows, many columns, one long line", async () => {
      const extreme = async (x: View, dim: number, shape: readonly number[], f: Formula, what: string) => {
        const out = lab.output("int32", shape);
        kernels.argReduce("max", x, out, dim);
        await expectAll(out, f, what);
      };
      await extreme(
        floats([many, 3], (i) => Number(i % 3 === Math.floor(i / 3) % 3)),
        1,
        [many, 1],
        (i) => i % 3,
        "rows",
      );
      const columns = floats([3, many], (i) => Number((i % many) % 3 === Math.floor(i / many)));
      await extreme(columns, 0, [1, many], (i) => i % 3, "columns");
      await extreme(
        floats([1, many], (i) => Number(i >= many - 2)),
        1,
        [1, 1],
        () => many - 2,
        "a line",
      );
    });

    test("scan: many rows, many columns, one long line", async () => {
      const running = async (shape: readonly number[], dim: number, f: Formula, what: string) => {
        const out = lab.output("float32", shape);
        kernels.scan(
          "sum",
          floats(shape, () => 1),
          out,
          dim,
        );
        await expectAll(out, f, what);
        const [extremes, at] = [lab.output("float32", shape), lab.output("int32", shape)];
        kernels.scan(
          "max",
          floats(shape, (i) => i),
          extremes,
          dim,
          at,
        );
        await expectAll(extremes, (i) => i, `${what}: extremes`);
        await expectAll(at, (i) => f(i) - 1, `${what}: positions`);
      };
      await running([many, 3], 1, (i) => (i % 3) + 1, "rows");
      await running([3, many], 0, (i) => Math.floor(i / many) + 1, "columns");
      await running([many], 0, (i) => i + 1, "a line");
    });

    test("matmul: many batches, rows, columns and terms", async () => {
      const times = async (a: readonly number[], b: readonly number[], f: Formula, what: string) => {
        const out = lab.output("float32", [a[0], a[1], b[2]]);
        kernels.matmul(
          floats(a, (i) => i % 5),
          floats(b, (i) => i % 3),
          out,
        );
        await expectAll(out, f, what);
      };
      const batch = (i: number) => ((2 * i) % 5) * ((2 * i) % 3) + ((2 * i + 1) % 5) * ((2 * i + 1) % 3);
      await times([many, 1, 2], [many, 2, 1], batch, "batches");
      // b is [[0, 1], [2, 0]], then [[0, 1, ...], [2, ...]]
      await times([1, many, 2], [1, 2, 2], (i) => (i % 2 ? (i - 1) % 5 : 2 * ((i + 1) % 5)), "rows");
      await times([1, 2, 2], [1, 2, many], (i) => wideRow(i), "columns");
      let terms = 0;
      for (let i = 0; i < many; i++) terms += (i % 5) * (i % 3);
      await times([1, 1, many], [1, many, 1], () => terms, "terms");
    });
    // a is [[0, 1], [2, 3]]
    const wideRow = (i: number): number => {
      const [row, j] = [Math.floor(i / many), i % many];
      const [upper, lower] = [j % 3, (many + j) % 3];
      return row === 0 ? lower : 2 * upper + 3 * lower;
    };

    test("gather and scatter: many lines, and lines that are long", async () => {
      const x = floats([many, 2], (i) => i);
      const back = ints([many, 2], (i) => many - 1 - Math.floor(i / 2));
      const reversed = (i: number) => 2 * (many - 1 - Math.floor(i / 2)) + (i % 2);
      const out = lab.output("float32", [many, 2]);
      kernels.gather(x, back, out, 0);
      await expectAll(out, reversed, "gather along the first dim");
      kernels.gather(
        x,
        ints([many, 2], (i) => 1 - (i % 2)),
        out,
        1,
      );
      await expectAll(out, (i) => i + 1 - 2 * (i % 2), "gather along the last dim");
      const into = floats([many, 2], () => -1);
      kernels.scatter("set", into, back, x, 0);
      await expectAll(into, reversed, "scatter set");
      const few = floats([3], () => 0);
      kernels.scatter(
        "add",
        few,
        ints([many], (i) => i % 3),
        floats([many], () => 1),
        0,
      );
      await expectAll(few, (i) => Math.floor((many - i + 2) / 3), "scatter add where many meet");
      const wide = floats([many, 2], () => 1);
      kernels.scatter(
        "add",
        wide,
        ints([many, 2], (i) => i % 2),
        floats([many, 2], (i) => i % 11),
        1,
      );
      await expectAll(wide, (i) => 1 + (i % 11), "scatter add of many lines");
    });

    test("sort: many rows, and rows that are long", async () => {
      const sorted = async (
        shape: readonly number[],
        value: Formula,
        expected: Formula,
        from: Formula,
        what: string,
      ) => {
        const [out, at] = [lab.output("float32", shape), lab.output("int32", shape)];
        kernels.sort(floats(shape, value), out, at, false);
        await expectAll(out, expected, what);
        await expectAll(at, from, `${what}: positions`);
      };
      await sorted(
        [many, 3],
        (i) => 2 - (i % 3),
        (i) => i % 3,
        (i) => 2 - (i % 3),
        "rows",
      );
      for (const n of [4097, 5000, many])
        await sorted(
          [2, n],
          (i) => n - (i % n),
          (i) => (i % n) + 1,
          (i) => n - 1 - (i % n),
          `rows of ${n}`,
        );
      // equal ones keep their order
      const half = (many + 1) / 2;
      const order = (i: number) => (i < half ? 2 * i : 2 * (i - half) + 1);
      await sorted(
        [1, many],
        (i) => i % 2,
        (i) => Number(i >= half),
        order,
        "equal ones",
      );
    });

    test("random: long runs", async () => {
      const n = 4 * many + 3;
      const long = lab.output("int32", [n]);
      kernels.random(long, 77n, 3n);
      for (const block of [0, 16_384, 65_535, 65_536, many - 2]) {
        const short = lab.output("int32", [8]);
        kernels.random(short, 77n, 3n + BigInt(block));
        expect(await part(long, 4 * block, 8), `block ${block}`).toEqual(await part(short, 0, 8));
      }
    });

    test("checkIndices: the last of many", async () => {
      const answer = async (last: number): Promise<string> => {
        const checked = ints([many], (i) => (i === many - 1 ? last : i % 5));
        const picked = lab.output("int32", [many]);
        try {
          backend.checkIndices(checked, 5, (value) => new RangeError(`met ${value}`));
          backend.kernels.gather(
            ints([5], (i) => i),
            checked,
            picked,
            0,
          );
          await backend.read(picked.buffer, 0, 4);
          return "in range";
        } catch (error) {
          return error instanceof Error ? error.message : String(error);
        }
      };
      expect([await answer(4), await answer(5), await answer(-1)]).toEqual(["in range", "met 5", "met -1"]);
    });
  });
}
