import { Generator, normal, rand, randn, registerBackend, type Tensor, zeros } from "@flambeau/tensor";
import { withoutFused } from "@flambeau/tensor/plugin";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CpuWasmBackend } from "../src/backend.ts";

let backend: CpuWasmBackend;
beforeEach(() => registerBackend((backend = new CpuWasmBackend({ threads: 1 }))));
afterEach(() => backend.dispose());

const values = (x: Tensor) => x.dataSync() as Float32Array;
const bits = (x: Tensor) => [...new Uint32Array(values(x).slice().buffer)];
// whole blocks of the twister, what begins and ends within one, and normals that fill no block of 16
const sizes = [2048, 2049, 2051, 2496, 5003, 40_000, 40_009];

/** What `draw` gives on the device and on the host, each from a generator that has drawn `before` words. */
function both(before: number, draw: (generator: Generator) => Tensor) {
  const generators = [new Generator(7), new Generator(7)];
  for (const g of generators) g.fill32(new Uint32Array(before));
  const there = draw(generators[0]);
  const here = withoutFused(() => draw(generators[1]));
  expect(Buffer.from(generators[0].getState()).equals(Buffer.from(generators[1].getState()))).toBe(true);
  return { there, here };
}

describe("draws of the device", () => {
  for (const before of [0, 1, 623, 624, 700])
    for (const n of sizes) {
      it(`${n} uniforms after ${before} words are those of the host`, () => {
        for (const draw of [
          (generator: Generator) => rand([n], { generator }),
          (generator: Generator) => zeros([n]).uniform_(-0.1, 0.3, { generator }),
          (generator: Generator) => zeros([n]).uniform_(3, 3 + 2 ** -22, { generator }),
        ]) {
          const { there, here } = both(before, draw);
          expect(bits(there)).toEqual(bits(here));
        }
      });
      it(`${n} normals after ${before} words are those of the host, but for a last bit now and then`, () => {
        for (const draw of [
          (generator: Generator) => randn([n], { generator }),
          (generator: Generator) => zeros([n]).normal_(1.1, 0.3, { generator }),
        ]) {
          const { there, here } = both(before, draw);
          const [a, b] = [bits(there), bits(here)];
          const other = a.filter((word, i) => word !== b[i]);
          expect(other.length).toBeLessThanOrEqual(Math.ceil(n / 10_000));
          a.forEach((word, i) => void expect(Math.abs(word - b[i])).toBeLessThanOrEqual(1));
        }
      });
    }

  it("are PyTorch's", () => {
    // torch.manual_seed(3); torch.randn(5003); torch.empty(4099).uniform_(-0.1, 0.3); torch.rand(1)
    const generator = new Generator(3);
    const x = values(randn([5003], { generator }));
    const y = values(zeros([4099]).uniform_(-0.1, 0.3, { generator }));
    const wanted = [
      -0.07664429396390915, 0.35988152027130127, 0.39315512776374817, 0.13757717609405518, -1.5389765501022339,
      1.428417682647705,
    ];
    [0, 1, 100, 2047, 4992, 5002].forEach((i, k) => void expect(x[i]).toBeCloseTo(wanted[k], 6));
    // each of PyTorch's logarithms, sines and cosines differs by an ulp or so
    expect(x.reduce((sum, v) => sum + v, 0)).toBeCloseTo(-1.5576989443507046, 3);
    expect([0, 1, 77, 4096, 4098].map((i) => y[i])).toEqual([
      0.022513294592499733, 0.25182047486305237, -0.06272625923156738, 0.11759024113416672, 0.10406406223773956,
    ]);
    expect(values(rand([1], { generator }))[0]).toBe(0.4779284596443176);
  });

  it("do not depend on the number of threads", async () => {
    const one = bits(randn([100_003], { generator: new Generator(1) }));
    await backend.setThreads(2);
    expect(bits(randn([100_003], { generator: new Generator(1) }))).toEqual(one);
  });

  it("leave what is wrong to the host", () => {
    expect(() => normal(0, -1, [4096])).toThrow("std must be at least 0");
    expect(() => zeros([4096]).uniform_(1, 0)).toThrow("expected from <= to");
  });
});
