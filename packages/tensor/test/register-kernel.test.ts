// Fast paths from outside: a plug-in's own op, and other kernels in the place of a backend's.
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  ArgumentError,
  add,
  type Backend,
  batchNorm,
  DeviceError,
  mul,
  ones,
  registerBackend,
  slice,
  softmax,
  type Tensor,
  tensor,
  tolist,
  transpose,
  unregisterBackend,
  withDevice,
  zeros,
} from "@flambeau/tensor";
import {
  applyOne,
  emptyOn,
  type Fused,
  type FusedKernel,
  type FusedOps,
  type Op,
  registerKernel,
  runFused,
  type View,
  withoutFused,
} from "@flambeau/tensor/plugin";
import { beforeEach, describe, expect, test } from "vitest";

interface ScaledSumAttrs {
  readonly by: number;
}
declare module "@flambeau/tensor/plugin" {
  interface FusedOps {
    /** by a + b. */
    scaledSum: Fused<readonly [a: View, b: View], readonly [y: View], ScaledSumAttrs>;
  }
}

const scaledSumOp: Op<ScaledSumAttrs> = {
  name: "scaledSum",
  forward([a, b], attrs) {
    const room = () => [emptyOn(a.backend, a.dtype, a.shape)];
    return runFused("scaledSum", [a, b], room, attrs)?.[0] ?? add(mul(a, attrs.by), b);
  },
};
const scaledSum = (a: Tensor, b: Tensor, by: number): Tensor => applyOne(scaledSumOp, [a, b], { by });

let cpu = cpuWasm({ threads: 1 });
beforeEach(() => {
  cpu = registerBackend(cpuWasm({ threads: 1 }));
});

/** Writes a number into every element of the output, and notes the strides of its inputs. */
function marking<F extends Fused>(mark: number, strided = false) {
  const seen: (readonly number[])[] = [];
  const kernel: FusedKernel<F> = {
    strided,
    supports: () => true,
    run(inputs, outputs) {
      for (const v of inputs) if (v) seen.push(v.strides);
      for (const v of outputs)
        if (v)
          cpu.write(v.buffer, new Uint8Array(new Float32Array(v.shape.reduce((n, s) => n * s, 1)).fill(mark).buffer));
    },
  };
  return { kernel, seen };
}

describe("a fast path for an op of one's own", () => {
  const [a, b] = [() => tensor([1, 2]), () => tensor([10, 20])];
  test("is used once it is registered, and no longer when it was taken out", () => {
    expect(tolist(scaledSum(a(), b(), 3))).toEqual([13, 26]);
    const remove = registerKernel("cpu", "scaledSum", marking<FusedOps["scaledSum"]>(7).kernel);
    expect(tolist(scaledSum(a(), b(), 3))).toEqual([7, 7]);
    expect(withoutFused(() => tolist(scaledSum(a(), b(), 3)))).toEqual([13, 26]);
    remove();
    expect(tolist(scaledSum(a(), b(), 3))).toEqual([13, 26]);
    expect(Object.keys(cpu.fused)).not.toContain("scaledSum");
  });
  test("sees the attributes, and may refuse", () => {
    registerKernel("cpu", "scaledSum", {
      ...marking<FusedOps["scaledSum"]>(7).kernel,
      supports: ([x, y], { by }) => x.dtype === "float32" && y.dtype === x.dtype && by > 5,
    });
    expect(tolist(scaledSum(a(), b(), 3))).toEqual([13, 26]);
    expect(tolist(scaledSum(a(), b(), 6))).toEqual([7, 7]);
  });
  test("gets rows, unless it takes any strides", () => {
    const x = transpose(ones([2, 3]), 0, 1);
    for (const strided of [false, true]) {
      const { kernel, seen } = marking<FusedOps["scaledSum"]>(7, strided);
      const remove = registerKernel("cpu", "scaledSum", kernel);
      scaledSum(x, ones([3, 2]), 3);
      expect(seen).toEqual([strided ? [1, 3] : [2, 1], [2, 1]]);
      remove();
    }
  });
  test("goes to a backend that has none of its own", () => {
    const bare: Backend = registerBackend({
      name: "bare",
      contract: 2,
      dtypes: cpu.dtypes,
      info: "",
      kernels: cpu.kernels,
      alloc: (n) => cpu.alloc(n),
      free: (buffer) => cpu.free(buffer),
      write: (buffer, bytes, offset) => cpu.write(buffer, bytes, offset),
      read: (buffer, offset, n) => cpu.read(buffer, offset, n),
      readSync: (buffer, offset, n) => cpu.readSync(buffer, offset, n),
      checkIndices: () => {},
      memory: () => cpu.memory(),
      dispose: () => {},
    });
    const sum = () => withDevice("bare", () => tolist(scaledSum(a(), b(), 3)));
    const remove = registerKernel("bare", "scaledSum", marking<FusedOps["scaledSum"]>(7).kernel);
    expect(sum()).toEqual([7, 7]);
    remove();
    expect(sum()).toEqual([13, 26]);
    expect(bare.fused).toEqual({});
    unregisterBackend("bare");
  });
});

describe("a kernel in the place of the backend's own", () => {
  const rows = () => tolist(softmax(tensor([[0, 0]]), 1));
  test("is used instead, and the backend's is back when it was taken out", () => {
    const own = cpu.fused.softmax;
    const remove = registerKernel("cpu", "softmax", marking<FusedOps["softmax"]>(7).kernel);
    expect(rows()).toEqual([[7, 7]]);
    remove();
    expect(cpu.fused.softmax).toBe(own);
    expect(rows()).toEqual([[0.5, 0.5]]);
  });
  test("several are taken out in any order, and each once", () => {
    const own = cpu.fused.softmax;
    const [first, second] = [7, 8].map((mark) =>
      registerKernel("cpu", "softmax", marking<FusedOps["softmax"]>(mark).kernel),
    );
    expect(rows()).toEqual([[8, 8]]);
    first();
    expect(rows()).toEqual([[8, 8]]);
    first();
    second();
    expect(cpu.fused.softmax).toBe(own);
    const third = registerKernel("cpu", "softmax", marking<FusedOps["softmax"]>(9).kernel);
    second();
    expect(rows()).toEqual([[9, 9]]);
    third();
    expect(cpu.fused.softmax).toBe(own);
  });
  test("is that of one backend, not of its kind", () => {
    const [first, second] = [cpu, cpuWasm({ threads: 1 })];
    registerKernel("cpu", "softmax", marking<FusedOps["softmax"]>(7).kernel);
    registerBackend(second);
    expect(rows()).toEqual([[0.5, 0.5]]);
    registerBackend(first);
    expect(rows()).toEqual([[7, 7]]);
  });
});

test("what a kernel writes in place is never a copy: views that are no rows are decomposed", () => {
  const every = (from: number, all: Tensor) => slice(all, 0, from, 4, 2);
  const x = () =>
    tensor([
      [1, 2],
      [3, 6],
    ]);
  const counting = (): { readonly calls: number } => {
    const { run } = cpu.fused.batchNormTracking!;
    const count = { calls: 0 };
    registerKernel("cpu", "batchNormTracking", {
      supports: () => true,
      run(...args) {
        count.calls++;
        run(...args);
      },
    });
    return count;
  };
  const count = counting();
  const all = tensor([0, 1, 0, 1]);
  batchNorm(x(), every(0, all), every(1, all), { training: true, momentum: 0.5 });
  expect([count.calls, tolist(all)]).toEqual([0, [1, 1.5, 2, 4.5]]);
  // x alone may be copied
  const [mean, variance] = [zeros([2]), ones([2])];
  batchNorm(transpose(transpose(x(), 0, 1).clone(), 0, 1), mean, variance, { training: true, momentum: 0.5 });
  expect([count.calls, tolist(mean), tolist(variance)]).toEqual([1, [1, 2], [1.5, 4.5]]);
});

describe("registerKernel refuses", () => {
  const { kernel } = marking<FusedOps["softmax"]>(7);
  const register = registerKernel as (device: unknown, op: unknown, kernel: unknown) => () => void; // whatever comes
  test("a device that is not there", () => {
    expect(() => registerKernel("nowhere", "softmax", kernel)).toThrow(DeviceError);
  });
  test.each([
    ["no name", "", kernel, 'a fast path has the name of its op, got ""'],
    ["a number for a name", 3, kernel, "got 3"],
    ["no kernel", "softmax", null, "the kernel of softmax must be an object, got null"],
    ["a function for a kernel", "softmax", () => {}, "must be an object"],
    ["a kernel without supports", "softmax", { run() {} }, "has no function supports"],
    ["a kernel without run", "softmax", { supports: () => true }, "has no function run"],
    [
      "placed that is no list of outputs",
      "softmax",
      { ...kernel, placed: [0.5] },
      "placed of the kernel of softmax must be",
    ],
    ["strided that is no boolean", "softmax", { ...kernel, strided: 1 }, "strided of the kernel of softmax must be"],
  ])("%s", (_, op, given, message) => {
    expect(() => register("cpu", op, given)).toThrow(ArgumentError);
    expect(() => register("cpu", op, given)).toThrow(message);
    expect(tolist(softmax(tensor([[0, 0]]), 1))).toEqual([[0.5, 0.5]]);
  });
  test("by their types: kernels of other ops, and calls with other attributes", () => {
    // @ts-expect-error a normalization's kernel reads attributes that softmax does not have
    expect(registerKernel("cpu", "softmax", marking<FusedOps["layerNorm"]>(7).kernel)).toBeTypeOf("function");
    // @ts-expect-error there is no such op
    registerKernel("cpu", "softMax", kernel)();
    // @ts-expect-error softmax needs a dimension
    expect(() => runFused("softmax", [ones([1])], () => [], {})).not.toThrow();
  });
});
