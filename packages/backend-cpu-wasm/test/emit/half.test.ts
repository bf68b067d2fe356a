import { compileProgram, halfCodec, input } from "@flambeau/tensor/plugin";
import { describe, expect, it } from "vitest";
import { MapKernels } from "../../src/kernels/map.ts";
import { generator, Memory } from "../memory.ts";

// Half floats from and to float32, bit for bit what the dtypes' own encoding says; some more than whole vectors.

const memory = new Memory(1, { native: false });
const words = new DataView(new ArrayBuffer(4));
const fromBits = (bits: number): number => {
  words.setUint32(0, bits);
  return words.getFloat32(0);
};
const toBits = (value: number): number => {
  words.setFloat32(0, value);
  return words.getUint32(0);
};

describe.each([true, false])("with fused multiply-add: %s", (relaxed) => {
  const kernels = new MapKernels(memory.engine, { shared: memory.engine.shared, relaxed });

  describe.each(["float16", "bfloat16"] as const)("%s", (half) => {
    const codec = halfCodec(half)!;
    const patterns = Array.from({ length: 65536 + 3 }, (_, i) => codec.decode(i & 0xffff));

    it("every pattern becomes its number", () => {
      const [x, y] = [memory.tensor(half, [patterns.length], patterns), memory.tensor("float32", [patterns.length])];
      kernels.run(compileProgram(input(0), [half], 0, "float32", "float32"), [x], [], y, true);
      expect(memory.numbers(y)).toEqual(patterns);
    });

    it("numbers, halfway points and their neighbours are rounded to nearest even", () => {
      const random = generator(11);
      const between = patterns.flatMap((a, i) => {
        const middle = toBits((a + patterns[(i + 1) % patterns.length]) / 2);
        return [middle, middle + 1, middle - 1].map(fromBits);
      });
      const values = [...patterns, ...between, ...Array.from({ length: 100_000 }, () => fromBits(random.bits() >>> 0))];
      const [x, y] = [memory.tensor("float32", [values.length], values), memory.tensor(half, [values.length])];
      kernels.run(compileProgram(input(0), ["float32"], 0, "float32", half), [x], [], y, true);
      expect(memory.numbers(y)).toEqual(values.map((value) => codec.decode(codec.encode(value))));
    });
  });
});
