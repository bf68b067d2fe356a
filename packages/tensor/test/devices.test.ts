import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  type Backend,
  DataDependentError,
  devices,
  FlambeauError,
  fromNative,
  item,
  memory,
  nativeBuffer,
  registerBackend,
  svd,
  tensor,
  to,
  tolist,
  UnavailableError,
  unregisterBackend,
  withDevice,
  zeros,
} from "@flambeau/tensor";
import { describe, expect, test } from "vitest";

const cpu = registerBackend(cpuWasm({ threads: 1 }));
/** A cpu that differs in some fields. */
const like = (changes: { readonly [field: string]: unknown }, own: Backend = cpu): Backend =>
  new Proxy(own, {
    get: (target, key) => {
      if (key in changes) return changes[String(key)];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });

describe("registerBackend", () => {
  test.each([
    ["no object", null, "needs a backend, got null"],
    ["a promise", Promise.resolve(), "name"],
    ["a bad name", like({ name: "My GPU" }), "a backend's name is a kind"],
    ["no name", like({ name: "" }), "a backend's name is a kind"],
    ["a dtype's name", like({ name: "float32" }), 'cannot be called "float32", which is a dtype'],
    ["the name of meta", like({ name: "meta" }), 'cannot be called "meta"'],
    ["another contract", like({ name: "other", contract: 1 }), 'backend "other" implements contract 1'],
    ["no dtypes", like({ name: "other", dtypes: ["float32"] }), "dtypes is a set"],
    ["an unknown dtype", like({ name: "other", dtypes: new Set(["bool", "float8"]) }), "dtypes is a set"],
    ["a missing method", like({ name: "other", checkIndices: undefined }), "has no method checkIndices"],
    ["a missing kernel", like({ name: "other", kernels: { ...cpu.kernels, sort: undefined } }), "has no kernel sort"],
  ])("refuses %s", (_, backend, message) => {
    expect(() => registerBackend(backend as Backend)).toThrow(FlambeauError);
    expect(() => registerBackend(backend as Backend)).toThrow(message);
    expect(devices()).toEqual(["cpu"]);
  });

  test("several devices of a kind: a kind alone is number 0", () => {
    const [first, second] = [like({ name: "twin:0" }), like({ name: "twin:1" })];
    registerBackend(first);
    registerBackend(second);
    expect(zeros([1], { device: "twin" }).backend).toBe(first);
    expect(zeros([1], { device: "twin:0" }).backend).toBe(first);
    expect(zeros([1], { device: "twin:1" }).backend).toBe(second);
    expect(unregisterBackend("twin:1")).toBe(true);
    expect(unregisterBackend("twin:1")).toBe(false);
    expect(() => zeros([1], { device: "twin:1" })).toThrow('no backend is registered for device "twin:1"');
    expect(unregisterBackend("twin:0")).toBe(true);
    expect(devices()).toEqual(["cpu"]);
  });

  test("a disposed backend says so", () => {
    const gone = cpuWasm({ threads: 1 });
    gone.dispose();
    const says = "cpu: this backend was disposed";
    expect(() => gone.alloc(4)).toThrow(says);
    expect(() => gone.write({}, new Uint8Array(4))).toThrow(says);
    expect(() => gone.readSync({}, 0, 4)).toThrow(says);
  });
});

describe("memory that goes across", () => {
  test("from one cpu to another without a stay on the host", () => {
    const [first, second] = [cpuWasm({ threads: 1 }), cpuWasm({ threads: 1 })];
    const from = first.alloc(8);
    first.write(from, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    const into = second.alloc(8);
    expect(second.copyFrom(first, from, 2, into, 1, 4)).toBe(true);
    expect([...second.readSync(into, 1, 4)]).toEqual([3, 4, 5, 6]);
    expect(second.copyFrom(zeros([1], { device: "meta" }).backend, from, 0, into, 0, 4)).toBe(false);
    registerBackend(like({ name: "other" }, second));
    const x = to(tensor([1, 2, 3]), "other");
    expect([x.device, tolist(x)]).toEqual(["other", [1, 2, 3]]);
    unregisterBackend("other");
  });
  test("nativeBuffer shows the cpu's bytes; fromNative is for devices that take memory", () => {
    const x = tensor([1, 2, 3]);
    const { buffer, byteOffset } = nativeBuffer(x);
    expect(byteOffset).toBe(0);
    const bytes = buffer as Uint8Array;
    expect([...new Float32Array(bytes.slice(0, 12).buffer)]).toEqual([1, 2, 3]);
    expect(() => fromNative(new ArrayBuffer(4), [1])).toThrow(UnavailableError);
    expect(() => nativeBuffer(zeros([1], { device: "meta" }))).toThrow(UnavailableError);
    for (const wrong of [Number.NaN, 0.5, -1, 2 ** 53, "1", null])
      expect(() => fromNative(null, [wrong as number])).toThrow(FlambeauError);
  });
});

describe("meta", () => {
  test("is always there, holds nothing, and has no values", async () => {
    const x = withDevice("meta", () => zeros([1 << 14, 1 << 14]));
    expect([x.device, x.shape]).toEqual(["meta", [16384, 16384]]);
    expect(Object.keys(memory())).toEqual(["cpu"]);
    expect(() => item(zeros([], { device: "meta" }))).toThrow(DataDependentError);
    await expect(x.backend.read(x.buffer, 0, 4)).rejects.toThrow(DataDependentError);
    expect(() => to(x, "cpu")).toThrow(DataDependentError);
    expect(to(tensor([1, 2]), "meta").shape).toEqual([2]);
  });
  test("knows the shapes of factorizations", () => {
    const { U, S, Vh } = svd(zeros([3, 5, 2], { device: "meta" }), { fullMatrices: false });
    expect([U.shape, S.shape, Vh.shape]).toEqual([
      [3, 5, 2],
      [3, 2],
      [3, 2, 2],
    ]);
  });
  test("withDevice takes synchronous functions, and puts the default back when they throw", () => {
    // @ts-expect-error: the type refuses it too
    expect(() => withDevice("meta", async () => zeros([1]))).toThrow("synchronous");
    expect(() =>
      withDevice("meta", () => {
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(zeros([1]).device).toBe("cpu");
  });
});

describe("a backend that is made at first use", () => {
  test("is a device from the start, and made once", () => {
    let made = 0;
    registerBackend("later", () => {
      made++;
      return like({ name: "later" });
    });
    expect(devices()).toContain("later");
    expect(memory().later).toEqual({ tensors: 0, bytes: 0, peakBytes: 0, reservedBytes: 0 });
    expect(made).toBe(0);
    expect(tolist(zeros([2], { device: "later" }).add(1))).toEqual([1, 1]);
    expect(withDevice("later:0", () => zeros([1])).device).toBe("later");
    expect(made).toBe(1);
    expect(unregisterBackend("later")).toBe(true);
    expect(unregisterBackend("later")).toBe(false);
  });
  test("that cannot be made says why each time it is asked for, and goes when it is taken out", () => {
    let tries = 0;
    registerBackend("later", () => {
      tries++;
      throw new UnavailableError("later: not today");
    });
    for (let i = 0; i < 2; i++) expect(() => zeros([1], { device: "later" })).toThrow(UnavailableError);
    expect(tries).toBe(2);
    expect(unregisterBackend("later")).toBe(true);
    expect(devices()).not.toContain("later");
  });
  test("is held to the contract and to its name then", () => {
    for (const name of ["", "float32", "meta", "My GPU"])
      expect(() => registerBackend(name, () => like({ name })), name).toThrow(FlambeauError);
    registerBackend("later", () => like({ name: "other" }));
    expect(() => zeros([1], { device: "later" })).toThrow(/calls itself "other"/);
    registerBackend("later", () => like({ name: "later", contract: 1 }));
    expect(() => zeros([1], { device: "later" })).toThrow(/contract 1/);
    registerBackend("later", () => like({ name: "later" }));
    expect(zeros([1], { device: "later" }).device).toBe("later");
    unregisterBackend("later");
  });
});
