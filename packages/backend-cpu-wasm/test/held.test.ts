import { afterEach, expect, it } from "vitest";
import { CpuWasmBackend } from "../src/backend.ts";

type Dtype = "float32" | "float64";
let backend: CpuWasmBackend;
afterEach(() => backend.dispose());

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
}
function put(dtype: Dtype, shape: readonly number[], next: () => number) {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = dtype === "float32" ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = next();
  const buffer = backend.alloc(values.byteLength);
  backend.write(buffer, new Uint8Array(values.buffer));
  return { buffer, dtype, offset: 0, shape, strides: [shape[1] * shape[2], shape[2], 1] };
}
type View = ReturnType<typeof put>;
const turned = ({ shape: [b, m, n], strides, ...view }: View): View => ({
  ...view,
  shape: [b, n, m],
  strides: [strides[0], strides[2], strides[1]],
});
function product(a: View, b: View): Uint8Array {
  const shape = [1, a.shape[1], b.shape[2]];
  const bytes = shape[1] * shape[2] * (a.dtype === "float32" ? 4 : 8);
  const out = { ...a, buffer: backend.alloc(bytes), shape, strides: [shape[1] * shape[2], shape[2], 1] };
  backend.kernels.matmul(a, b, out);
  const found = backend.readSync(out.buffer, 0, bytes);
  backend.free(out.buffer);
  return found;
}

const sizes = [
  [32, 512, 128],
  [20, 7, 300],
  [200, 40, 33],
  [64, 3, 1],
  [2, 9, 5],
  [1, 40, 40],
];
it.each(
  (["float32", "float64"] as const).flatMap((dtype) =>
    [1, 2].flatMap((threads) => sizes.map((size) => [dtype, threads, size] as const)),
  ),
)("products of %s with an operand that is held have the same bits, on %i threads: %s", (dtype, threads, [m, n, k]) => {
  backend = new CpuWasmBackend({ threads });
  const next = random(m + n + k);
  const weight = put(dtype, [1, n, k], next);
  const [x, g] = [put(dtype, [1, m, k], next), put(dtype, [1, m, n], next)];
  const wanted = [product(x, turned(weight)), product(g, weight)];
  const before = backend.memory().bytes;
  backend.hold(weight);
  backend.hold(weight);
  for (let i = 0; i < 3; i++) expect([product(x, turned(weight)), product(g, weight)]).toEqual(wanted);
  backend.release(weight);
  expect([product(x, turned(weight)), product(g, weight)]).toEqual(wanted);
  backend.release(weight);
  expect(backend.memory().bytes).toBe(before);
  // it may be written again
  const other = put(dtype, [1, n, k], next);
  backend.write(weight.buffer, backend.readSync(other.buffer, 0, n * k * (dtype === "float32" ? 4 : 8)));
  expect(product(x, turned(weight))).toEqual(product(x, turned(other)));
  expect(product(x, turned(weight))).not.toEqual(wanted[0]);
});

it("an operand for whose form there is no room is multiplied with all the same", () => {
  backend = new CpuWasmBackend({ threads: 1, memoryLimit: 400_000 });
  const next = random(3);
  const weight = put("float32", [1, 256, 256], next);
  const x = put("float32", [1, 32, 256], next);
  const wanted = product(x, turned(weight));
  backend.hold(weight);
  expect(product(x, turned(weight))).toEqual(wanted);
  backend.release(weight);
});

it("what is held gives its memory back", () => {
  backend = new CpuWasmBackend({ threads: 1, memoryLimit: 1_200_000 });
  const next = random(4);
  const weight = put("float32", [1, 256, 256], next);
  const x = put("float32", [1, 32, 256], next);
  for (let i = 0; i < 50; i++) {
    backend.hold(weight);
    product(x, turned(weight));
    product(x, weight);
    backend.release(weight);
  }
  // the limit has room for it once
  backend.free(backend.alloc(700_000));
});
