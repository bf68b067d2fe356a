// What the driver is asked, and what becomes of what it refuses.
import { type CudaBackend, cudaNative } from "@flambeau/backend-cuda-native";
import { cudaEmulated, emulatedDriver, emulation } from "@flambeau/backend-cuda-native/emulated";
import {
  DeviceError,
  DeviceLostError,
  FlambeauError,
  MemoryError,
  ones,
  registerBackend,
  tensor,
  tidy,
} from "flambeau";
import { afterEach, describe, expect, test } from "vitest";
import { long } from "../../../test/support/long.ts";
import { missingFor } from "./support/missing.ts";
import { training } from "./support/training.ts";

const missing = missingFor("the CUDA driver's errors");
const on = { device: "cuda" } as const;

/** What is alive in the driver: all of it is given back with the backend. */
const alive = () =>
  Object.fromEntries(
    ["allocations", "bytes", "pinned", "streams", "events", "modules", "contexts"].map((name) => [
      name,
      emulation.get(name),
    ]),
  );
const nothing = { allocations: 0, bytes: 0, pinned: 0, streams: 0, events: 0, modules: 0, contexts: 0 };
/** The n-th call of the driver from here on fails. */
const failAt = (n: number, code: number) => {
  emulation.set("fail-code", code);
  emulation.set("fail-at", n);
};

describe.skipIf(missing !== null)("the driver", () => {
  let backend: CudaBackend;
  const open = async (options = {}) => {
    backend = registerBackend(await cudaEmulated(options));
    return backend;
  };
  afterEach(() => {
    backend.dispose();
    emulation.set("fail-at", 0);
    emulation.set("memory", 2 ** 30);
    emulation.set("reset", 1);
  });

  test("steps of training leave no more memory behind than the second one, and the end none", async () => {
    await open();
    const step = training("cuda");
    const losses = [tidy(step), tidy(step)];
    const { bytes, buffers } = backend.memory();
    const allocations = emulation.get("allocations");
    for (let i = 0; i < (long ? 998 : 98); i++) losses.push(tidy(step));
    expect(losses[99]).toBeLessThan(losses[0] / 10);
    expect(backend.memory()).toMatchObject({ bytes, buffers });
    expect(emulation.get("allocations")).toBe(allocations);
    backend.dispose();
    expect(alive()).toEqual(nothing);
  });

  test("training gives the cpu's losses", async () => {
    await open();
    const [here, there] = [training("cuda"), training("cpu")];
    for (let i = 0; i < 20; i++) expect(here()).toBeCloseTo(there(), 4);
  });

  describe("a call that fails in a step of training", () => {
    const calls = async () => {
      await open();
      const step = training("cuda");
      step();
      const before = emulation.get("calls");
      const loss = step();
      const count = emulation.get("calls") - before;
      backend.dispose();
      return { count, loss };
    };
    test.each([
      // most ops get another try once dropped tensors are gone; what writes in place does not
      ["out of memory", 2, MemoryError, 1],
      ["an error without a class of its own", 999, DeviceError, 6],
    ] as const)("%s: the error is typed, the device goes on, and nothing leaks", async (_, code, kind, least) => {
      const { count, loss } = await calls();
      expect(count).toBeGreaterThan(60);
      let thrown = 0;
      for (let n = 1; n <= count; n += long ? 1 : 5) {
        await open();
        const step = training("cuda");
        step();
        failAt(n, code);
        try {
          expect(step()).toBeCloseTo(loss, 6); // memory that was kept, or dropped, has helped
        } catch (error) {
          expect(error, `call ${n}`).toBeInstanceOf(kind);
          thrown++;
        }
        emulation.set("fail-at", 0);
        expect(ones([4], on).add(1).tolist(), `after call ${n}`).toEqual([2, 2, 2, 2]);
        expect(Number.isFinite(step())).toBe(true);
        backend.dispose();
        expect(alive(), `after call ${n}`).toEqual(nothing);
      }
      expect(thrown).toBeGreaterThanOrEqual(least);
    });

    test("a fault of a kernel: the device is lost, and every call says so", async () => {
      const { count } = await calls();
      for (let n = 1; n <= count; n += long ? 1 : 17) {
        await open();
        const step = training("cuda");
        step();
        failAt(n, 700);
        expect(step, `call ${n}`).toThrow(DeviceLostError);
        expect(() => ones([2], on).add(1).tolist()).toThrow(
          /device "cuda" was lost: .*CUDA_ERROR_ILLEGAL_ADDRESS \(an illegal memory access was encountered\); its tensors are gone/,
        );
        expect(tensor([1, 2]).add(1).tolist(), "the cpu goes on").toEqual([2, 3]);
        backend.dispose();
        emulation.set("reset", 1);
      }
    });

    test("reads that wait for the device reject, too", async () => {
      await open();
      const [x, y] = [ones([3], on).add(1), ones([3], on).add(2)];
      const early = x.data();
      failAt(1, 719);
      await expect(y.data()).rejects.toBeInstanceOf(DeviceLostError);
      // it may have come before
      expect(await early.catch((error: unknown) => error instanceof DeviceLostError)).toBeTruthy();
    });
  });

  describe("memory", () => {
    test("what was freed serves again, and goes back to the driver before there is no room", async () => {
      await open();
      const { alloc, free } = { alloc: (n: number) => backend.alloc(n), free: backend.free.bind(backend) };
      free(alloc(1000));
      const before = emulation.get("cuMemAlloc_v2");
      free(alloc(900));
      expect(emulation.get("cuMemAlloc_v2")).toBe(before);
      expect(backend.memory()).toMatchObject({ bytes: 0, buffers: 0, reservedBytes: 1024 });
      emulation.set("memory", 2 ** 20);
      free(alloc(900_000));
      const most = alloc(1_000_000);
      expect(emulation.get("allocations")).toBe(1);
      expect(() => alloc(500_000)).toThrow(
        /cuda: no room for 500000 bytes, 1000000 are in use \(memAlloc: CUDA_ERROR_OUT_OF_MEMORY \(out of memory\)\)/,
      );
      expect(backend.memory()).toMatchObject({ bytes: 1_000_000, buffers: 1 });
      backend.write(most, Uint8Array.of(7));
      expect([...backend.readSync(most, 0, 1)]).toEqual([7]);
    });
    test("a limit holds, and says what is in use", async () => {
      await open({ memoryLimit: 4096 });
      const held = backend.alloc(2048);
      expect(backend.memory().limitBytes).toBe(4096);
      expect(() => backend.alloc(2049)).toThrow(
        "cuda: no room for 2049 bytes: 2048 bytes are in use, of 4096 at most (memoryLimit)",
      );
      backend.free(held);
      expect(() => backend.alloc(4096)).not.toThrow();
    });
  });

  test("a second card has memory and a name of its own", async () => {
    await open();
    const second = registerBackend(await cudaEmulated({ device: 1 }));
    const x = ones([2], { device: "cuda:1" });
    expect(x.add(1).to("cuda").mul(2).tolist()).toEqual([4, 4]);
    expect(() => x.add(ones([2], on))).toThrow(/tensors are on different devices: cuda:1 and cuda/);
    expect(second.memory().buffers).toBeGreaterThan(0);
    second.dispose();
    expect(ones([2], on).tolist()).toEqual([1, 1]);
  });
});

describe.skipIf(missing !== null)("whether there is a card", () => {
  const reason = (options = {}) => cudaNative.unavailableReason({ driver: emulatedDriver, ...options });
  afterEach(() => {
    for (const [name, value] of [
      ["devices", 2],
      ["version", 13000],
      ["fail-at", 0],
    ] as const)
      emulation.set(name, value);
  });

  test("there is one", async () => {
    expect(await reason()).toBeNull();
    expect(await cudaNative.isAvailable({ driver: emulatedDriver, device: 1 })).toBe(true);
  });
  test.each([
    ["no such card", {}, { device: 2 }, /^cuda: there is no card 2: the driver knows 2/],
    ["no card at all", { devices: 0 }, {}, /the driver cannot be used: init: CUDA_ERROR_NO_DEVICE/],
    [
      "a driver that is too old",
      { version: 11040 },
      {},
      /for CUDA 11\.4, and the kernels need one for CUDA 11\.7 or later/,
    ],
    [
      "no driver",
      {},
      { driver: "/nowhere/libcuda.so.1" },
      /there is no NVIDIA driver: \/nowhere\/libcuda\.so\.1: cannot open/,
    ],
    [
      "another library",
      {},
      { driver: "libm.so.6" },
      /libm\.so\.6 lacks cuInit: it is too old, or no driver of NVIDIA's/,
    ],
  ])("%s: the reason says so", async (_, settings, options, expected) => {
    for (const [name, value] of Object.entries(settings)) emulation.set(name, value);
    expect(await reason(options)).toMatch(expected);
    expect(await cudaNative.isAvailable({ driver: emulatedDriver, ...options })).toBe(false);
    await expect(cudaNative({ driver: emulatedDriver, ...options })).rejects.toMatchObject({
      name: "UnavailableError",
    });
  });
  test("each call of the driver that fails while a backend is made gives a reason, and leaves nothing", async () => {
    let failed = 0;
    for (let made = false; !made; ) {
      failAt(failed + 1, 999);
      try {
        (await cudaNative({ driver: emulatedDriver })).dispose();
        made = true; // what failed, if anything, was a call that gives back
        emulation.set("reset", 1);
      } catch (error) {
        failed++;
        expect(error).toMatchObject({ name: "UnavailableError" });
        expect(String(error)).toContain("CUDA_ERROR_UNKNOWN (unknown error)");
      }
      emulation.set("fail-at", 0);
      expect(alive(), `call ${failed}`).toEqual(nothing);
    }
    expect(failed).toBeGreaterThan(10);
  });
  test.each([
    [{ device: -1 }, /device must be the number of a card, from 0 on, got -1/],
    [{ device: 0.5 }, /device must be the number of a card/],
    [{ memoryLimit: 0 }, /memoryLimit must be a positive number of bytes, got 0/],
    [{ devise: 1 }, /devise.*device/s],
  ])("wrong options %o", async (options, expected) => {
    const made = cudaNative({ driver: emulatedDriver, ...options });
    await expect(made).rejects.toThrow(expected);
    await expect(made).rejects.toBeInstanceOf(FlambeauError);
  });
});
