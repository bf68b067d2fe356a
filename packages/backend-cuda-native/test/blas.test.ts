// Products by cuBLASLt: what it is asked, and what becomes of what it refuses. The emulated one looks at every argument, and sums in the own kernels' order.
import { type CudaBackend, cudaNative } from "@flambeau/backend-cuda-native";
import {
  cublasEmulation,
  cudaEmulated,
  emulatedCublas,
  emulatedDriver,
  emulation,
} from "@flambeau/backend-cuda-native/emulated";
import {
  DeviceError,
  type DType,
  linear,
  manualSeed,
  matmul,
  ones,
  randn,
  registerBackend,
  type Tensor,
  tidy,
} from "flambeau";
import { afterEach, describe, expect, test } from "vitest";
import { long } from "../../../test/support/long.ts";
import { halfProduct, layouts } from "./support/halves.ts";
import { missingFor } from "./support/missing.ts";
import { training } from "./support/training.ts";

const missing = missingFor("products by cuBLASLt");

/** A row of a matrix. */
const row = (x: Tensor, i: number): unknown => x.select(0, i).tolist();

describe.skipIf(missing !== null)("products by cuBLASLt", () => {
  let backend: CudaBackend;
  const open = async (options = {}) => {
    backend = registerBackend(await cudaEmulated({ cublas: emulatedCublas, ...options }));
  };
  const count = (name: string) => cublasEmulation.get(name);
  afterEach(() => {
    backend.dispose();
    expect(count("alive")).toBe(0);
    expect(count("refused")).toBe(0);
    for (const [name, value] of [
      ["fail", 0],
      ["fail-create", 0],
      ["supported", 1],
    ] as const)
      cublasEmulation.set(name, value);
    emulation.set("fail-at", 0);
    emulation.set("memory", 2 ** 30);
    emulation.set("reset", 1);
  });

  type Case = (draw: (...shape: number[]) => Tensor) => Tensor;
  const cases: readonly (readonly [string, Case])[] = [
    ["rows", (draw) => matmul(draw(5, 7), draw(7, 9))],
    ["columns by rows", (draw) => matmul(draw(7, 5).t(), draw(7, 9))],
    ["rows by columns", (draw) => matmul(draw(5, 7), draw(9, 7).t())],
    ["columns", (draw) => matmul(draw(7, 5).t(), draw(9, 7).t())],
    ["gaps between rows", (draw) => matmul(draw(5, 12).narrow(1, 2, 7), draw(7, 20).narrow(1, 3, 9))],
    ["a batch, and one factor for all of it", (draw) => matmul(draw(3, 5, 7), draw(7, 4).expand(3, 7, 4))],
    [
      "a batch of exchanged dimensions",
      (draw) => matmul(draw(5, 3, 7).permute([1, 0, 2]), draw(3, 4, 7).transpose(1, 2)),
    ],
    ["a row by a column", (draw) => matmul(draw(1, 7), draw(7, 1))],
    ["a column by a row", (draw) => matmul(draw(6, 1), draw(1, 7))],
    ["a matrix by a vector", (draw) => matmul(draw(6, 8), draw(8))],
    ["a layer with a bias", (draw) => linear(draw(2, 5, 7), draw(6, 7), draw(6))],
  ];
  const results = (dtype: DType) =>
    tidy(() => {
      manualSeed(9);
      const draw = (...shape: number[]) => randn(shape).to(dtype).to("cuda");
      return Object.fromEntries(cases.map(([what, run]) => [what, run(draw).tolist()]));
    });

  test.each(["float32", "float64", "float16", "bfloat16"] as DType[])(
    "%s: those of the own kernels, in every layout",
    async (dtype) => {
      await open({ cublas: false });
      const expected = results(dtype);
      backend.dispose();
      await open();
      const before = count("products");
      expect(results(dtype)).toEqual(expected);
      expect(count("products")).toBe(before + cases.length);
      expect(backend.info).toMatch(/; products by cuBLASLt 13\.0$/);
    },
  );
  test.each(["float16", "bfloat16"] as const)("%s as they are stored: those of the own kernels", async (dtype) => {
    for (const layout of layouts) {
      await open({ cublas: false });
      const expected = halfProduct(backend, dtype, [2, 5, 9, 7], layout);
      backend.dispose();
      await open();
      const before = count("products");
      expect(halfProduct(backend, dtype, [2, 5, 9, 7], layout)).toEqual(expected);
      expect(count("products")).toBe(before + 1);
      backend.dispose();
    }
  });
  test("what it has no types or layouts for stays with the own kernels", async () => {
    await open();
    const before = count("products");
    const x = ones([3, 3], { device: "cuda", dtype: "int32" });
    expect(x.matmul(x).tolist()).toEqual([
      [3, 3, 3],
      [3, 3, 3],
      [3, 3, 3],
    ]);
    const wide = ones([4, 8], { device: "cuda" }).view(4, 4, 2).select(2, 0); // gaps in both directions
    expect(row(wide.matmul(wide), 0)).toEqual([4, 4, 4, 4]);
    expect(
      ones([2, 0], { device: "cuda" })
        .matmul(ones([0, 2], { device: "cuda" }))
        .tolist(),
    ).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(count("products")).toBe(before);
  });
  test("TF32 is asked for by its option alone, and for float32 alone", async () => {
    for (const [allowTf32, expected] of [
      [undefined, 0],
      [false, 0],
      [true, 1],
    ] as const) {
      await open({ allowTf32 });
      const before = count("tf32");
      for (const dtype of ["float32", "float64"] as DType[]) {
        const x = ones([4, 4], { device: "cuda", dtype });
        expect(row(x.matmul(x), 0)).toEqual([4, 4, 4, 4]);
      }
      expect(count("tf32")).toBe(before + expected);
      backend.dispose();
    }
  });
  test("a form is chosen for once", async () => {
    await open();
    const x = ones([4, 4], { device: "cuda" });
    tidy(() => x.matmul(x).tolist());
    const before = [count("choices"), emulation.get("allocations")];
    for (let i = 0; i < 5; i++) tidy(() => x.matmul(x).tolist());
    expect([count("choices"), emulation.get("allocations")]).toEqual(before);
  });

  test("nothing for a form, no memory of its own, no room for its workspace: own kernels", async () => {
    await open();
    const x = ones([4, 4], { device: "cuda" });
    const before = count("products");
    cublasEmulation.set("supported", 0);
    expect(row(x.matmul(x), 3)).toEqual([4, 4, 4, 4]);
    cublasEmulation.set("supported", 1);
    const y = ones([5, 5], { device: "cuda" });
    cublasEmulation.set("fail", 3);
    expect(row(y.matmul(y), 4)).toEqual([5, 5, 5, 5, 5]);
    cublasEmulation.set("fail", 0);
    backend.dispose();
    emulation.set("memory", 2 ** 20); // the workspace takes eight of these
    await open();
    const z = ones([4, 4], { device: "cuda" });
    expect(row(z.matmul(z), 3)).toEqual([4, 4, 4, 4]);
    expect(count("products")).toBe(before);
    emulation.set("memory", 2 ** 30);
    z.matmul(z).tolist();
    expect(count("products")).toBe(before + 1);
  });
  test.each([
    [7, "INVALID_VALUE"],
    [13, "EXECUTION_FAILED"],
    [14, "INTERNAL_ERROR"],
  ])("what it refuses with %i is an error with its name, and the device goes on", async (code, name) => {
    await open();
    const x = ones([4, 4], { device: "cuda" });
    cublasEmulation.set("fail", code);
    const failing = () => x.matmul(x);
    expect(failing).toThrow(DeviceError);
    expect(failing).toThrow(`cuda: cuBLASLt: matmul: CUBLAS_STATUS_${name}`);
    cublasEmulation.set("fail", 0);
    expect(row(x.matmul(x), 0)).toEqual([4, 4, 4, 4]);
  });
  test("a handle that is not to be had is told in info; a library that is none is refused", async () => {
    cublasEmulation.set("fail-create", 1);
    await open();
    expect(backend.info).toMatch(/; products by own kernels \(cuBLASLt: create: CUBLAS_STATUS_NOT_INITIALIZED\)$/);
    const made = (cublas: string) => cudaNative({ driver: emulatedDriver, nvrtc: false, cublas });
    await expect(made("/nowhere/libcublasLt.so")).rejects.toMatchObject({
      name: "UnavailableError",
      message: expect.stringContaining("cuBLASLt is not there: /nowhere/libcublasLt.so"),
    });
    await expect(made("libm.so.6")).rejects.toThrow(
      /libm\.so\.6 lacks cublasLtGetStatusName: it is too old, or no cuBLASLt/,
    );
    expect(emulation.get("contexts")).toBe(1);
  });

  test("training is the own kernels' bit for bit, and leaves nothing", async () => {
    const losses = async (options: object) => {
      await open(options);
      const step = training("cuda");
      const found = [tidy(step), tidy(step)];
      const { bytes } = backend.memory();
      const allocations = emulation.get("allocations");
      for (let i = 0; i < (long ? 998 : 18); i++) found.push(tidy(step));
      expect(backend.memory().bytes).toBe(bytes);
      expect(emulation.get("allocations")).toBe(allocations);
      backend.dispose();
      expect(["allocations", "modules", "pinned", "contexts"].map((name) => emulation.get(name))).toEqual([0, 0, 0, 0]);
      return found;
    };
    const own = await losses({ cublas: false });
    const before = count("products");
    expect(await losses({})).toEqual(own);
    expect(count("products")).toBeGreaterThan(before + 60);
  });
  test("a call of the driver that fails in a step with it: the error is typed, nothing leaks", async () => {
    await open();
    const step = training("cuda");
    step();
    const before = emulation.get("calls");
    const loss = step();
    const calls = emulation.get("calls") - before;
    backend.dispose();
    for (let n = 1; n <= calls; n += long ? 1 : 13) {
      await open();
      const again = training("cuda");
      again();
      emulation.set("fail-code", 2);
      emulation.set("fail-at", n);
      try {
        expect(again()).toBeCloseTo(loss, 6);
      } catch (error) {
        expect(error, `call ${n}`).toMatchObject({ name: "MemoryError" });
      }
      emulation.set("fail-at", 0);
      backend.dispose();
      expect([emulation.get("allocations"), count("alive")], `call ${n}`).toEqual([0, 0]);
    }
  });
});
