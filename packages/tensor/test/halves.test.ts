import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  batchNorm,
  type DType,
  dtypes,
  embeddingBag,
  linear,
  matmul,
  mean,
  registerBackend,
  softmax,
  sum,
  tensor,
  tolist,
  unique,
} from "@flambeau/tensor";
import { accumulationType, isHalf, registerKernel, toDType } from "@flambeau/tensor/plugin";
import { afterEach, describe, expect, test } from "vitest";

registerBackend(cpuWasm({ threads: 1 }));

test("isHalf is what the table says", () => {
  for (const dtype of dtypes) expect(isHalf(dtype), dtype).toBe(accumulationType(dtype) !== dtype);
});

describe("half floats are rounded once", () => {
  test("70,000 elements: a mean does not overflow, and is that of float32", () => {
    const x = toDType(tensor(Float32Array.from({ length: 70_000 }, (_, i) => 900 + (i % 3) * 0.5)), "float16");
    const wanted = tolist(toDType(mean(toDType(x, "float32")), "float16"));
    expect(tolist(mean(x))).toBe(wanted);
    expect(Number.isFinite(wanted)).toBe(true);
  });

  test("gradients too: they are those of float32, rounded", () => {
    for (const dtype of ["float16", "bfloat16"] as const) {
      const values = Float32Array.from({ length: 300 }, (_, i) => Math.sin(i) * 4);
      const half = toDType(tensor(values, { shape: [3, 100] }), dtype).detach();
      half.requiresGrad = true;
      const wide = toDType(half.detach(), "float32");
      wide.requiresGrad = true;
      const weight = tensor(Float32Array.from({ length: 100 }, (_, i) => Math.cos(i)));
      sum(softmax(half, 1).mul(toDType(weight, dtype))).backward();
      // the same program in float32 on the halves' values: also what the rule reads of the result is not rounded
      sum(softmax(wide, 1).mul(toDType(toDType(weight, dtype), "float32"))).backward();
      expect(tolist(half.grad as never)).toEqual(tolist(toDType(wide.grad as never, dtype)));
    }
  });

  test("running statistics that are halves are kept", () => {
    const x = toDType(tensor([[1], [2], [6]]), "float16");
    const [m, v] = [toDType(tensor([0]), "float16"), toDType(tensor([1]), "float16")];
    batchNorm(x, m, v, { training: true, momentum: 0.5 });
    expect([tolist(m), tolist(v)]).toEqual([[1.5], [4]]);
  });

  test("maxNorm scales the rows of a half weight itself", () => {
    const weight = toDType(tensor([[3, 4]]), "float16");
    embeddingBag(weight, tensor([[0]], { dtype: "int32" }), null, { maxNorm: 1 });
    expect(tolist(weight)).toEqual([[0.60009765625, 0.7998046875]]); // [3, 4] / 5, as halves
  });

  test("values that the host reads are numbers and not bits", () => {
    expect(tolist(unique(toDType(tensor([2, -3, 2, 1]), "bfloat16")) as never)).toEqual([-3, 1, 2]);
  });
});

describe("a fast path that takes halves gets halves", () => {
  let remove = (): void => {};
  afterEach(() => remove());

  test.each(["float16", "bfloat16"] as const)("linear of %s", (dtype) => {
    const seen: DType[][] = [];
    remove = registerKernel("cpu", "linear", {
      supports: (inputs) => inputs.every((t) => t?.dtype === dtype),
      run(inputs, outputs) {
        seen.push([...inputs, ...outputs].map((t) => t?.dtype as DType));
      },
    });
    const of = (shape: number[]) => toDType(tensor(new Float32Array(shape[0] * shape[1]).fill(1), { shape }), dtype);
    expect(linear(of([2, 3]), of([4, 3])).dtype).toBe(dtype);
    expect(seen).toEqual([[dtype, dtype, dtype]]);
  });

  test("where there is none, the product is that of float32", () => {
    const a = toDType(
      tensor(
        Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)),
        { shape: [8, 8] },
      ),
      "float16",
    );
    const wide = toDType(a, "float32");
    expect(tolist(matmul(a, a))).toEqual(tolist(toDType(matmul(wide, wide), "float16")));
  });
});
