import { add, data, mul, stack, sum, type Tensor, tensor, tidy } from "@flambeau/tensor";
import { decode } from "@flambeau/tensor/plugin";
import { expect } from "vitest";
import { Draw } from "./draw.ts";

/**
 * The step of the differences, and how far float32 gradients may be from them. The step is smaller than the distance of the
 * points under test from kinks (zero, ties); the rounding of float32 sums near 10 is then still below 1e-3 in a difference.
 */
const step = 2e-3;
const tolerance = 2e-2;

const read = async (x: Tensor): Promise<number[]> => decode(await data(x), x.dtype).map(Number);

/** A sum of all results, each element with a weight of its own, so that no two gradients can stand in for each other. */
function weighted(f: (...inputs: Tensor[]) => unknown, inputs: readonly Tensor[]): Tensor {
  const draw = new Draw(7);
  const results = [f(...inputs)].flat() as Tensor[]; // what the ops under test return
  return results
    .map((out) => {
      const weights = Float32Array.from({ length: out.size }, () => draw.between(0.5, 1.5));
      return sum(mul(out, tensor(weights, { shape: out.shape, device: out.device })));
    })
    .reduce((a, b) => add(a, b));
}

/** Asserts that float32 gradients agree with central differences, reading with await only. */
export async function expectGradients(f: (...inputs: Tensor[]) => unknown, inputs: readonly Tensor[]): Promise<void> {
  tidy(() => weighted(f, inputs).backward());
  for (const [k, x] of inputs.entries()) {
    const values = await read(x);
    const at = (i: number, change: number): Tensor => {
      const moved = tensor(
        Float32Array.from(values, (value, j) => (j === i ? value + change : value)),
        { shape: x.shape, device: x.device },
      );
      return weighted(
        f,
        inputs.map((input, j) => (j === k ? moved : input.detach())),
      );
    };
    const sums = tidy(() => stack(values.flatMap((_, i) => [at(i, step), at(i, -step)])));
    const both = await read(sums);
    sums.dispose();
    if (!x.grad) throw new Error(`input ${k} has no gradient`);
    const gradient = await read(x.grad);
    gradient.forEach((value, i) => {
      const difference = (both[2 * i] - both[2 * i + 1]) / (2 * step);
      const near = Math.abs(value - difference) <= tolerance * (1 + Math.abs(difference));
      if (!near) expect(`input ${k}, element ${i}: ${value}`).toBe(`input ${k}, element ${i}: ${difference}`);
    });
  }
  for (const x of inputs) {
    x.grad?.dispose();
    x.dispose();
  }
}
