// Large products of float32 in tiles of 128 x 128: the same bits as in tiles of 64 x 64, in every layout, and a kernel that leaves room for others.
import type { CudaBackend } from "@flambeau/backend-cuda-native";
import { cudaEmulated, emulation } from "@flambeau/backend-cuda-native/emulated";
import { compile } from "@flambeau/compile";
import type { View } from "@flambeau/tensor/plugin";
import { linear, manualSeed, matmul, randn, registerBackend, relu, type Tensor, tidy } from "flambeau";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { long } from "../../../test/support/long.ts";
import { inLargeTiles } from "../src/kernels/tiles.ts";
import { kernelsPtx } from "../src/ptx.ts";
import { type Layout, layouts } from "./support/halves.ts";
import { missingFor } from "./support/missing.ts";
import { assembled, hasPtxas } from "./support/ptxas.ts";

const missing = missingFor("large tiles");
type Size = readonly [batch: number, rows: number, columns: number, terms: number];
/** In so many tiles: within one, beyond one in each direction, with remainders of terms, with none. */
const sizes: readonly Size[] = [
  [128, 70, 90, 21],
  [32, 130, 200, 9],
  [64, 128, 136, 16],
  [128, 100, 72, 3],
];
/** Beside those by rows or columns: elements with gaps between them, and one left factor for the whole batch. */
type Steps = Layout & { readonly apart?: number; readonly shared?: boolean };
const all: readonly Steps[] = [
  ...layouts,
  { ...layouts[0], offset: 4, gap: 4 },
  { ...layouts[0], shared: true },
  { left: "rows", right: "columns", offset: 1, gap: 0, apart: 2 },
];

describe.skipIf(missing !== null)("large tiles", () => {
  let backend: CudaBackend;
  beforeEach(async () => {
    manualSeed(8);
    backend = registerBackend(await cudaEmulated({}, { round: (byteLength) => byteLength }));
  });
  afterEach(() => {
    backend.dispose();
    emulation.set("seed", 1);
    emulation.set("reset", 1);
  });
  const launches = (kernel: string) => emulation.get(`cuLaunchKernel ${kernel}`);

  /** Random numbers as a batch of matrices, and what is where. */
  const factor = (batch: number, rows: number, columns: number, by: "rows" | "columns", layout: Steps) => {
    const { offset, gap, apart = 1 } = layout;
    const [inner, outer] = by === "rows" ? [columns, rows] : [rows, columns];
    const long = inner * apart + gap;
    const values = randn([offset + batch * outer * long]).dataSync() as Float32Array;
    const strides = by === "rows" ? [rows * long, long, apart] : [columns * long, apart, long];
    const buffer = backend.alloc(values.byteLength);
    backend.write(buffer, new Uint8Array(values.slice().buffer));
    const view: View = { buffer, dtype: "float32", offset, shape: [batch, rows, columns], strides };
    const at = (n: number, i: number, j: number) => values[offset + n * strides[0] + i * strides[1] + j * strides[2]];
    return { view, at };
  };
  /** A matrix of a batch. */
  const one = ({ offset, shape, strides, ...rest }: View, n: number): View => ({
    ...rest,
    offset: offset + n * strides[0],
    shape: [1, ...shape.slice(1)],
    strides,
  });
  const compared = ([batch, m, n, k]: Size, layout: Steps) => {
    const a = factor(layout.shared ? 1 : batch, m, k, layout.left, layout);
    const b = factor(batch, k, n, layout.right, layout);
    const left: View = layout.shared
      ? { ...a.view, shape: [batch, m, k], strides: [0, ...a.view.strides.slice(1)] }
      : a.view;
    const outputs = [0, 1].map((): View => {
      const buffer = backend.alloc(4 * batch * m * n);
      return { buffer, dtype: "float32", offset: 0, shape: [batch, m, n], strides: [m * n, n, 1] };
    });
    const before = launches("matmul_large_float32");
    backend.kernels.matmul(left, b.view, outputs[0]);
    expect(launches("matmul_large_float32")).toBe(before + 1);
    for (let i = 0; i < batch; i++) backend.kernels.matmul(one(left, i), one(b.view, i), one(outputs[1], i));
    expect(launches("matmul_large_float32")).toBe(before + 1);
    const [large, small] = outputs.map(
      ({ buffer }) => new Float32Array(backend.readSync(buffer, 0, 4 * batch * m * n).slice().buffer),
    );
    for (const { buffer } of [a.view, b.view, ...outputs]) backend.free(buffer);
    return { a, b, large, small };
  };
  const bits = (x: Float32Array) => Buffer.from(x.buffer).toString("base64");

  test.each(sizes)("%i matrices of %i x %i, %i terms: the smaller tiles' bits", (...size) => {
    for (const layout of all) {
      const { large, small } = compared(size, layout);
      expect(bits(large), JSON.stringify(layout)).toBe(bits(small));
    }
  });
  test("the definition's numbers, within rounding", () => {
    const [batch, m, n, k] = sizes[0];
    const { a, b, large } = compared(sizes[0], layouts[3]);
    let worst = 0;
    for (let at = 0; at < batch * m * n; at += 7) {
      const [which, i, j] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
      let [sum, size] = [0, 0];
      for (let l = 0; l < k; l++) {
        const term = a.at(which, i, l) * b.at(which, l, j);
        sum += term;
        size += Math.abs(term);
      }
      worst = Math.max(worst, Math.abs(large[at] - sum) / size);
    }
    expect(worst).toBeLessThan(k * 2 ** -24); // a rounding of each term and sum
  });
  test("any order of threads gives the same bits", () => {
    const found = [1, 2, 3].map((seed) => {
      manualSeed(8);
      emulation.set("seed", seed);
      return bits(compared(sizes[1], all[3]).large);
    });
    expect(found[1]).toBe(found[0]);
    expect(found[2]).toBe(found[0]);
  });

  /** The largest difference of results on the device and on the cpu, as a part of the largest number. */
  const apart = (found: Tensor, expected: Tensor): number =>
    found.to("cpu").sub(expected).abs().max().item() / expected.abs().max().item();
  test("a layer with a bias, and what a compiled function maps: the cpu's numbers, within rounding", () => {
    const follows = (kernel: string, near: number, f: (...x: Tensor[]) => Tensor, inputs: readonly Tensor[]) => {
      const before = launches(kernel);
      expect(apart(f(...inputs.map((t) => t.to("cuda"))), f(...inputs))).toBeLessThan(near);
      expect(launches(kernel)).toBe(before + 1);
    };
    const compiled = (near: number, f: (...x: Tensor[]) => Tensor, inputs: readonly Tensor[]) => {
      const run = compile(f);
      run(...inputs.map((t) => t.to("cuda"))); // the first call is taken down as it is
      follows("product_mapped_large_float32", near, (...x) => (x[0].device === "cpu" ? f(...x) : run(...x)), inputs);
    };
    tidy(() => {
      const layer = [randn([64 * 128 - 50, 5]), randn([130, 5]), randn([130])];
      follows("matmul_large_float32", 1e-6, (x, w, b) => linear(x, w, b), layer);
      compiled(1e-6, (x, w, b) => relu(linear(x, w, b)).mul(2), layer);
      const three = [randn([128, 70, 11]), randn([128, 80, 11]), randn([128, 70, 80])];
      compiled(1e-5, (a, b, c) => matmul(a, b.transpose(1, 2)).add(c).exp(), three); // of exponents of up to some tens
    });
  });
});

test("they are chosen by the shape: where there are many, and filled", () => {
  const large = (batch: number, m: number, n: number) => inLargeTiles("float32", batch, m, n);
  expect([large(1, 2048, 2048), large(1, 1408, 1536), large(128, 65, 65), large(1, 64 * 128, 256)]).toEqual(
    Array(4).fill(true),
  );
  expect([large(1, 1280, 1536), large(1, 1e6, 64), large(1000, 60, 60), large(128, 192, 192)]).toEqual(
    Array(4).fill(false),
  );
  for (const dtype of ["float64", "int32", "float16"] as const) expect(inLargeTiles(dtype, 1, 4096, 4096)).toBe(false);
});

if (!hasPtxas) console.warn("SKIPPED: registers of the kernels with large tiles: ptxas is not there");
test.skipIf(!hasPtxas).each(long ? [75, 80, 86, 89, 90, 100, 120] : [75, 90])(
  "for compute capability %i their sums stay in registers, and leave room for two blocks",
  (capability) => {
    const ptx = kernelsPtx().find(({ kernels }) => kernels.includes("matmul_large_float32"))?.ptx ?? "";
    for (const [kernel, spills] of [
      ["matmul_large_float32", 0],
      ["product_mapped_large_float32", 64], // around calls of the program, behind the sums
    ] as const) {
      const [taken] = assembled(ptx, capability, kernel);
      expect(taken.kernel).toBe(kernel);
      expect(taken.registers, kernel).toBeLessThanOrEqual(128);
      expect(taken.spilled, kernel).toBeLessThanOrEqual(spills);
      expect(taken.shared, kernel).toBeLessThanOrEqual(24 << 10);
    }
  },
);
