import {
  add,
  type Backend,
  DeviceError,
  fill_,
  ones,
  registerBackend,
  unregisterBackend,
  zeros,
} from "@flambeau/tensor";
import { compileProgram, input, type Kernels, param, type View } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import type { Subject } from "./subject.ts";

const filled = (value: number): Uint8Array => new Uint8Array(64).fill(value);

/** What happens when: the order of reads, writes, kernels and frees, failures between them, and what drives and ends a device. */
export function lifeTests({ backend, lab }: Subject): void {
  const floats = (view: View, values: readonly number[]) =>
    backend.write(view.buffer, new Uint8Array(Float32Array.from(values).buffer));
  const scale = compileProgram(input(0).mul(param(0)), ["float32"], 1, "float32", "float32");

  describe("order", () => {
    test("a read gives the bytes of its call, whatever is written, computed or freed before it settles", async () => {
      const view = lab.contiguous("float32", [16], new Array<number>(16).fill(1));
      const computed = lab.output("float32", [16]);
      backend.kernels.map(scale, [view], [3], computed, true);
      const first = backend.read(view.buffer, 0, 64);
      backend.write(view.buffer, filled(2));
      const second = backend.read(view.buffer, 0, 64);
      backend.kernels.map(scale, [computed], [2], view, true);
      const third = backend.read(view.buffer, 0, 64);
      const fourth = backend.read(computed.buffer, 0, 64);
      backend.write(computed.buffer, filled(5));
      const freed = backend.alloc(64);
      backend.write(freed, filled(7));
      const last = backend.read(freed, 0, 64);
      backend.free(freed);
      const again = backend.alloc(64);
      backend.write(again, filled(9));
      const values = async (read: Promise<Uint8Array>) => [...new Float32Array(new Uint8Array(await read).buffer)];
      expect(await values(first)).toEqual(new Array<number>(16).fill(1));
      expect(await second).toEqual(filled(2));
      expect(await values(third)).toEqual(new Array<number>(16).fill(6));
      expect(await values(fourth)).toEqual(new Array<number>(16).fill(3));
      expect(await last).toEqual(filled(7));
      backend.free(again);
    });

    test("what is written and what is read are copies", async () => {
      const bytes = filled(3);
      const buffer = backend.alloc(64);
      backend.write(buffer, bytes);
      bytes.fill(4);
      expect(await backend.read(buffer, 0, 64)).toEqual(filled(3));
      const sync = backend.readSync?.(buffer, 0, 64);
      if (sync) {
        backend.write(buffer, filled(6));
        expect(sync, "readSync gives a copy").toEqual(filled(3));
        sync.fill(8);
        expect(await backend.read(buffer, 0, 64), "which is nobody else's").toEqual(filled(6));
      }
      backend.free(buffer);
    });

    test("a kernel sees memory as it was when it was asked for", async () => {
      const x = backend.alloc(64);
      const view = { buffer: x, dtype: "float32", offset: 0, shape: [4], strides: [1] } as const;
      const outs = [lab.output("float32", [4]), lab.output("float32", [4]), lab.output("float32", [4])] as const;
      floats(view, [1, 2, 3, 4]);
      backend.kernels.map(scale, [view], [10], outs[0], true);
      floats(view, [5, 6, 7, 8]);
      backend.kernels.map(scale, [view], [10], outs[1], true);
      backend.free(x);
      const next = backend.alloc(64); // the same memory, perhaps
      floats({ ...view, buffer: next }, [0, -1, -2, -3]);
      backend.kernels.map(scale, [{ ...view, buffer: next }], [1], outs[2], true);
      backend.free(next);
      expect(await lab.read(outs[0])).toEqual([10, 20, 30, 40]);
      expect(await lab.read(outs[1])).toEqual([50, 60, 70, 80]);
      expect(await lab.read(outs[2])).toEqual([0, -1, -2, -3]);
    });

    test("the parameters of a call are those of its time", async () => {
      const x = lab.contiguous("float32", [2], [1, 2]);
      const params = [2];
      const [first, second] = [lab.output("float32", [2]), lab.output("float32", [2])];
      backend.kernels.map(scale, [x], params, first, true);
      params[0] = 5;
      backend.kernels.map(scale, [x], params, second, true);
      params[0] = 0;
      expect([await lab.read(first), await lab.read(second)]).toEqual([
        [2, 4],
        [5, 10],
      ]);
    });
  });

  describe("life", () => {
    test("flush and pace resolve, and change no result; no warm-up runs by itself", async () => {
      const x = lab.contiguous("float32", [2], [1, 2]);
      const out = lab.output("float32", [2]);
      for (let i = 1; i <= 3; i++) {
        backend.kernels.map(scale, [x], [i], out, true);
        backend.flush?.();
        await backend.pace?.();
        expect(await lab.read(out)).toEqual([i, 2 * i]);
      }
      expect(backend.warming ?? false).toBe(false);
      backend.flush?.(); // with nothing to send
      await backend.pace?.();
    });

    test("freeing twice counts once", () => {
      const before = backend.memory();
      const buffer = backend.alloc(32);
      backend.free(buffer);
      backend.free(buffer);
      const { bytes, buffers } = backend.memory();
      expect({ bytes, buffers }).toEqual({ bytes: before.bytes, buffers: before.buffers });
    });

    test("memory that is refused many times over stays what it was", async () => {
      const kept = ones([8], { device: backend.name });
      const { bytes, buffers } = backend.memory();
      for (const size of [2 ** 45, 2 ** 50, 2 ** 53 - 8])
        for (let i = 0; i < 5; i++) expect(() => backend.alloc(size)).toThrow(`${size}`);
      const after = backend.memory();
      expect({ bytes: after.bytes, buffers: after.buffers }).toEqual({ bytes, buffers });
      const more = add(kept, 1);
      expect([...(await more.data())]).toEqual(new Array<number>(8).fill(2));
      more.dispose();
      kept.dispose();
    });

    test("a kernel that throws costs no memory, and the next call works", async () => {
      let broken = true;
      const refuse = (): never => {
        throw new Error("the device said no");
      };
      const kernels = new Proxy(backend.kernels, {
        get: (target, name: keyof Kernels) => (broken ? refuse : target[name]),
      });
      registerBackend(standIn(backend, { name: "sometimes-broken", kernels, fused: {} }));
      try {
        broken = false;
        const x = ones([4], { device: "sometimes-broken" });
        const { bytes, buffers } = backend.memory();
        broken = true;
        const calls = [
          () => add(x, 1),
          () => x.sum(),
          () => x.matmul(x),
          () => x.cumsum(0),
          () => x.sort(),
          () => fill_(x, 2),
        ];
        for (const call of calls) expect(call).toThrow("the device said no");
        const after = backend.memory();
        expect({ bytes: after.bytes, buffers: after.buffers }).toEqual({ bytes, buffers });
        broken = false;
        const sum = add(x, 1);
        expect([...(await sum.data())]).toEqual([2, 2, 2, 2]);
        sum.dispose();
        x.dispose();
      } finally {
        unregisterBackend("sometimes-broken");
      }
    });

    test("indices out of range change nothing but the result of their op", async () => {
      const device = backend.name;
      const before = ones([64], { device });
      const target = zeros([8], { device });
      const behind = ones([64], { device });
      const index = add(ones([3], { device, dtype: "int32" }), 1_000_000);
      const outcome = await attempt(async () => {
        const changed = target.scatterAdd(0, index, ones([3], { device }));
        const taken = target.gather(0, index);
        await changed.data();
        await taken.data();
      });
      expect(outcome).toContain("1000001");
      for (const beside of [before, behind]) expect([...(await beside.data())]).toEqual(new Array<number>(64).fill(1));
      for (const t of [before, target, behind, index]) t.dispose();
    });
  });
}

async function attempt(f: () => Promise<void>): Promise<string> {
  try {
    await f();
    return "nothing was said";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A backend that differs from another in some fields; its methods run on the other. */
const standIn = (backend: Backend, changes: Partial<Backend>): Backend =>
  new Proxy(backend, {
    get(target, key) {
      if (key in changes) return changes[key as keyof Backend];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });

/** Ends a backend, and asserts that it says so from then on. */
export async function disposed(backend: Backend): Promise<void> {
  const buffer = backend.alloc(16);
  const x = ones([2], { device: backend.name });
  await backend.dispose();
  await backend.dispose();
  expect(() => backend.alloc(4), "alloc after dispose").toThrow(DeviceError);
  expect(() => backend.write(buffer, new Uint8Array(4)), "write after dispose").toThrow(DeviceError);
  if (backend.readSync) expect(() => backend.readSync?.(buffer, 0, 4), "readSync after dispose").toThrow(DeviceError);
  await expect(backend.read(buffer, 0, 4), "read after dispose").rejects.toThrow(DeviceError);
  expect(() => add(x, 1), "an op after dispose").toThrow(DeviceError);
  backend.free(buffer);
}
