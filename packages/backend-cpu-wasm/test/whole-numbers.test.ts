import { registerBackend, tensor } from "@flambeau/tensor";
import { expect, it } from "vitest";
import { cpuWasm } from "../src/index.ts";
import { generator } from "./memory.ts";

registerBackend(cpuWasm({ threads: 1 }));
const random = generator(3);
const matrix = (m: number, n: number, most: number) =>
  BigInt64Array.from({ length: m * n }, () => BigInt(Math.floor((2 * random.uniform() - 1) * most)));

/** The same with bigints, which wrap at 64 bits. */
function product(a: BigInt64Array, b: BigInt64Array, m: number, k: number, n: number): BigInt64Array {
  const out = new BigInt64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0n;
      for (let l = 0; l < k; l++) sum += a[i * k + l] * b[l * n + j];
      out[i * n + j] = sum;
    }
  return out;
}

it.each([
  ["small numbers", 100, 100],
  ["sums up to 2^53", 2 ** 23, 2 ** 23],
  ["sums just beyond 2^53", 2 ** 24, 2 ** 24],
  ["numbers of 32 bits", 2 ** 31, 2 ** 31],
  ["numbers beyond 32 bits", 2 ** 33, 3],
  ["products that wrap", 2 ** 52, 2 ** 40],
])("int64 products of %s are exact", (_, mostA, mostB) => {
  const [m, k, n] = [67, 70, 65];
  const [a, b] = [matrix(m, k, mostA), matrix(k, n, mostB)];
  const want = product(a, b, m, k, n);
  const [x, y] = [tensor(a).reshape([m, k]), tensor(b).reshape([k, n])];
  expect(x.matmul(y).dataSync()).toEqual(want);
  // the same of turned operands and repeated ones
  expect(x.t().contiguous().t().matmul(y.t().contiguous().t()).dataSync()).toEqual(want);
  expect(x.unsqueeze(0).expand([2, m, k]).matmul(y).select(0, 1).contiguous().dataSync()).toEqual(want);
});

it("keeps the sign of small and of negative results", () => {
  const ones = tensor(new BigInt64Array(64 * 64).fill(-1n)).reshape([64, 64]);
  expect(ones.matmul(ones.neg()).dataSync()).toEqual(new BigInt64Array(64 * 64).fill(-64n));
  expect(ones.mul(0).matmul(ones).dataSync()).toEqual(new BigInt64Array(64 * 64));
});
