// When programs are compiled, what is kept of them, and what becomes of a compiler that is not there or fails.
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CudaBackend, cudaNative } from "@flambeau/backend-cuda-native";
import {
  cudaEmulated,
  emulatedDriver,
  emulatedNvrtc,
  emulation,
  nvrtcEmulation,
} from "@flambeau/backend-cuda-native/emulated";
import { ones, registerBackend, sum, tensor, tidy } from "flambeau";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Inner } from "../src/cuda.ts";
import { missingFor } from "./support/missing.ts";
import { training } from "./support/training.ts";

const missing = missingFor("generated code in use");

describe.skipIf(missing !== null)("generated code", () => {
  let backend: CudaBackend;
  let cache: string;
  const open = async (inner: Inner = { uses: 2 }, options = {}) => {
    backend = registerBackend(await cudaEmulated({ nvrtc: emulatedNvrtc, cache, ...options }, inner));
    return backend;
  };
  /** Calls a program so often, and gives the last result. */
  const call = (times: number) => {
    let last: unknown;
    const x = tensor([[1, 2, 3]], { device: "cuda" });
    for (let i = 0; i < times; i++) last = x.exp().tolist();
    return last;
  };
  const compiled = () => nvrtcEmulation.get("compiled");
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), "flambeau-cache-"));
  });
  afterEach(() => {
    backend.dispose();
    rmSync(cache, { recursive: true, force: true });
    for (const [name, value] of [
      ["fail", 0],
      ["version", 13000],
    ] as const)
      nvrtcEmulation.set(name, value);
    emulation.set("version", 13000);
    emulation.set("fail-at", 0);
    emulation.set("reset", 1);
  });

  test("a program is compiled at its tenth call, once for all processes, and then by its digest", async () => {
    await open({});
    const before = compiled();
    const interpreted = call(9);
    expect(compiled()).toBe(before);
    expect(call(3)).toEqual(interpreted);
    expect(compiled()).toBe(before + 1);
    expect(backend.info).toMatch(/; programs compiled by NVRTC 13\.0; products by own kernels \(by request\)$/);
    expect(readdirSync(cache)).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.ptx$/)]);
    backend.dispose();
    expect(emulation.get("modules")).toBe(0);
    await open();
    const own = emulation.get("modules");
    expect(call(3)).toEqual(interpreted);
    expect(compiled()).toBe(before + 1);
    expect(emulation.get("modules")).toBe(own + 1);
    backend.dispose();
    await open({ uses: 2 }, { cache: false });
    call(3);
    expect(compiled()).toBe(before + 2);
  });

  test("what is kept and damaged is not taken, and written anew", async () => {
    await open();
    const expected = call(3);
    const file = join(cache, readdirSync(cache)[0]);
    const whole = readFileSync(file, "utf8");
    for (const damage of [
      () => truncateSync(file, whole.length / 2),
      () => truncateSync(file, 0),
      () => writeFileSync(file, whole.replace(".version", ".verzion")),
    ]) {
      damage();
      backend.dispose();
      await open();
      const before = compiled();
      expect(call(3)).toEqual(expected);
      expect(compiled()).toBe(before + 1);
      expect(readFileSync(file, "utf8")).toBe(whole);
    }
    expect(readdirSync(cache)).toHaveLength(1);
  });

  test("a folder that cannot be written changes nothing", async () => {
    const file = join(cache, "file");
    writeFileSync(file, "");
    await open({ uses: 2 }, { cache: join(file, "below") });
    const before = compiled();
    call(3);
    expect(compiled()).toBe(before + 1);
  });

  test("a compiler that fails leaves the program to the interpreter, and info says so", async () => {
    await open({}, { nvrtc: false });
    const expected = call(1);
    backend.dispose();
    await open();
    nvrtcEmulation.set("fail", 11);
    expect(call(4)).toEqual(expected);
    expect(backend.info).toMatch(
      /programs compiled by NVRTC 13\.0, some interpreted \(NVRTC: compileProgram: NVRTC_ERROR_INTERNAL_ERROR\);/,
    );
    nvrtcEmulation.set("fail", 0);
    expect(nvrtcEmulation.get("programs")).toBe(0);
    const before = compiled();
    call(4); // it is not tried again; others are
    expect(compiled()).toBe(before);
    for (let i = 0; i < 3; i++) ones([2], { device: "cuda" }).add(1);
    expect(compiled()).toBeGreaterThan(before);
  });

  test("a newer compiler than the driver is not used", async () => {
    emulation.set("version", 12040);
    await open();
    expect(backend.info).toMatch(
      /; programs interpreted \(NVRTC 13\.0 is newer than the driver, which is for CUDA 12\.4\);/,
    );
  });
  test("a driver that does not read its PTX all the same gets no more of it", async () => {
    await open();
    emulation.set("version", 12040); // behind the back of the backend
    const before = compiled();
    expect(call(4)).toEqual(call(1));
    tidy(() => ones([2], { device: "cuda" }).add(1).add(1).add(1).tolist());
    expect(compiled()).toBe(before + 1);
    expect(backend.info).toMatch(/; programs interpreted \(moduleLoadData: CUDA_ERROR_UNSUPPORTED_PTX_VERSION .*\);/);
  });
  test("no room for a module: interpreted", async () => {
    await open({}, { nvrtc: false });
    const expected = sum(ones([3, 3], { device: "cuda" }), 1).tolist();
    backend.dispose();
    await open({ uses: 1 });
    const x = ones([3, 3], { device: "cuda" });
    tidy(() => ones([3], { device: "cuda" }).tolist()); // leaves room for the sums
    emulation.set("fail-code", 2);
    emulation.set("fail-at", 2); // after the context is made current
    expect(sum(x, 1).tolist()).toEqual(expected);
    expect(backend.info).toContain("some interpreted (moduleLoadData: CUDA_ERROR_OUT_OF_MEMORY (out of memory))");
  });

  test("a library that is none is refused, by name", async () => {
    await open({}, { nvrtc: false });
    const made = (nvrtc: string) => cudaNative({ driver: emulatedDriver, nvrtc });
    await expect(made("/nowhere/libnvrtc.so")).rejects.toMatchObject({
      name: "UnavailableError",
      message: expect.stringContaining("NVRTC is not there: /nowhere/libnvrtc.so"),
    });
    await expect(made("libm.so.6")).rejects.toThrow(
      /libm\.so\.6 lacks nvrtcGetErrorString: it is too old, or no NVRTC/,
    );
    await expect(cudaNative({ nvrtc: true as unknown as string })).rejects.toThrow(
      /the option nvrtc is a string or false/,
    );
  });

  test("training is the same with it, and leaves nothing", async () => {
    const losses = async (options: object) => {
      await open({ uses: 2 }, options);
      const step = training("cuda");
      const found = Array.from({ length: 6 }, () => tidy(step));
      const { bytes } = backend.memory();
      tidy(step);
      expect(backend.memory().bytes).toBe(bytes);
      backend.dispose();
      expect(["allocations", "modules", "pinned", "contexts"].map((name) => emulation.get(name))).toEqual([0, 0, 0, 0]);
      return found;
    };
    const interpreted = await losses({ nvrtc: false });
    const before = compiled();
    expect(await losses({})).toEqual(interpreted);
    expect(compiled()).toBeGreaterThan(before + 3);
    expect(await losses({}), "from the disk").toEqual(interpreted);
  });
});
