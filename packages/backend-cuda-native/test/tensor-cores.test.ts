// Products of halves on tensor cores: the definition's numbers in every layout and size, and a kernel that leaves room for others.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { CudaBackend } from "@flambeau/backend-cuda-native";
import { cudaEmulated, emulation } from "@flambeau/backend-cuda-native/emulated";
import { withoutFused } from "@flambeau/tensor/plugin";
import { bmm, type DType, einsum, linear, manualSeed, matmul, ones, randn, registerBackend, tidy } from "flambeau";
import { afterEach, describe, expect, test } from "vitest";
import { folder } from "../scripts/sources.mjs";
import { expectedProduct, halfProduct, layouts, rounded } from "./support/halves.ts";
import { missingFor } from "./support/missing.ts";

const missing = missingFor("tensor cores");
/** Batch, rows, columns and terms: within a tile, beyond one in each direction, and with remainders. */
const sizes = [
  [1, 16, 16, 16],
  [2, 17, 130, 33],
  [1, 129, 24, 70],
  [3, 40, 128, 64],
] as const;

describe.skipIf(missing !== null)("tensor cores", () => {
  let backend: CudaBackend;
  const open = async () => {
    backend = registerBackend(await cudaEmulated({}, { round: (byteLength) => byteLength }));
  };
  afterEach(() => {
    backend.dispose();
    emulation.set("capability", 80);
    emulation.set("seed", 1);
    emulation.set("reset", 1);
  });
  const launches = () =>
    emulation.get("cuLaunchKernel matmul_float16") + emulation.get("cuLaunchKernel matmul_bfloat16");
  const launched = (run: () => unknown): string => {
    const before = launches();
    run();
    return launches() > before ? "on cores" : "elsewhere";
  };

  test.each(["float16", "bfloat16"] as const)("%s: the definition's numbers, rounded once", async (dtype) => {
    await open();
    for (const size of sizes)
      for (const layout of layouts) {
        const what = `${size} ${JSON.stringify(layout)}`;
        let found: number[] = [];
        expect(
          launched(() => (found = halfProduct(backend, dtype, size, layout))),
          what,
        ).toBe("on cores");
        expect(found, what).toEqual(rounded(dtype, expectedProduct(size)));
      }
  });
  test("any order of threads gives the same bits", async () => {
    const found = [];
    for (const seed of [1, 2, 3]) {
      emulation.set("seed", seed);
      await open();
      found.push(halfProduct(backend, "float16", sizes[1], layouts[1]));
      backend.dispose();
    }
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
  });
  test("short sides, and what the card does not multiply, are the other kernels'", async () => {
    await open();
    const product = (dtype: "float16" | "bfloat16", size: readonly [number, number, number, number]) =>
      launched(() =>
        expect(halfProduct(backend, dtype, size, layouts[0])).toEqual(rounded(dtype, expectedProduct(size))),
      );
    expect(product("float16", [1, 15, 40, 40])).toBe("elsewhere");
    expect(product("float16", [1, 40, 40, 40])).toBe("on cores");
    backend.dispose();
    emulation.set("capability", 75);
    await open();
    expect(backend.info).toContain("compute capability 7.5");
    expect(product("float16", [1, 40, 40, 40])).toBe("on cores");
    expect(product("bfloat16", [1, 40, 40, 40])).toBe("elsewhere");
  });
  test("a layer of halves is a product on them, with its bias", async () => {
    await open();
    tidy(() => {
      manualSeed(4);
      const [x, weight, bias] = [randn([3, 20, 40]), randn([24, 40]), randn([24])].map((t) =>
        t.to("float16").to("cuda"),
      );
      let y = ones([1]);
      expect(launched(() => (y = linear(x, weight, bias)))).toBe("on cores");
      const wide = linear(x.to("float32"), weight.to("float32"), bias.to("float32"));
      expect(y.tolist()).toEqual(wide.to("float16").tolist());
    });
  });
  test.each(["float16", "bfloat16"] as const)(
    "a product of %s is made on them: the definition's number in float64, within a rounding",
    async (dtype) => {
      await open();
      const step = dtype === "float16" ? 2 ** -11 : 2 ** -8;
      tidy(() => {
        manualSeed(6);
        const [a, b] = [randn([3, 40, 50]).to(dtype), randn([60, 50]).to(dtype)];
        const exact = matmul(a.to("float64"), b.t().to("float64")).dataSync() as Float64Array;
        const size = matmul(a.abs().to("float64"), b.t().abs().to("float64")).dataSync() as Float64Array;
        let y = a;
        expect(launched(() => (y = matmul(a.to("cuda"), b.to("cuda").t())))).toBe("on cores");
        expect(y.dtype).toBe(dtype);
        const found = y.to("float64").dataSync() as Float64Array;
        // half a step of the result, and those of 50 sums in float32
        const far = exact.filter((x, i) => Math.abs(found[i] - x) > step * Math.abs(x) + 50 * 2 ** -24 * size[i]);
        expect(far).toHaveLength(0);
        // what is beside a product asks for it, too
        expect(launched(() => bmm(a.to("cuda"), a.to("cuda").transpose(1, 2)))).toBe("on cores");
        expect(launched(() => einsum("nij,kj->nik", a.to("cuda"), b.to("cuda")))).toBe("on cores");
        // the definition: float32 in their place
        expect(launched(() => withoutFused(() => matmul(a.to("cuda"), b.to("cuda").t())))).toBe("elsewhere");
      });
    },
  );
  test("gradients of a product of halves are those of float32, rounded once", async () => {
    await open();
    tidy(() => {
      manualSeed(7);
      const drawn = [randn([20, 33]), randn([33, 24])].map((t) => t.to("float16"));
      const weights = randn([20, 24]).to("float16").to("cuda");
      const gradients = (dtype: DType) => {
        const [a, b] = drawn.map((t) => t.to(dtype).to("cuda"));
        for (const t of [a, b]) t.requiresGrad = true;
        matmul(a, b).mul(weights.to(dtype)).to("float32").sum().backward();
        return [a, b].map(({ grad }) => grad?.to("float16").tolist());
      };
      expect(gradients("float16")).toEqual(gradients("float32"));
    });
  });
});

const nvcc = spawnSync("nvcc", ["--version"]).status === 0;
if (!nvcc) console.warn("SKIPPED: registers of the kernels on tensor cores: nvcc is not there");
test.skipIf(!nvcc).each([75, 80])(
  "for compute capability %i they stay in registers, and blocks in shared memory",
  (capability) => {
    const source = join(folder, "native", "kernels", `cores_${capability}.cu`);
    const args = [`-arch=sm_${capability}`, "-std=c++17", "-O3", "-cubin", "-Xptxas", "-v", source, "-o", "/dev/null"];
    const { stderr } = spawnSync("nvcc", args, { encoding: "utf8" });
    const all = (pattern: RegExp) => [...stderr.matchAll(pattern)].map(([, n]) => Number(n));
    expect(all(/Used (\d+) registers/g).length).toBe(capability === 75 ? 1 : 2);
    expect(Math.max(...all(/Used (\d+) registers/g))).toBeLessThanOrEqual(255);
    expect(Math.max(...all(/(\d+) bytes stack frame/g), ...all(/(\d+) bytes spill stores/g))).toBe(0);
    expect(Math.max(...all(/(\d+) bytes smem/g))).toBeLessThanOrEqual(48 << 10);
  },
);
