import type { DrawAttrs } from "@flambeau/tensor/plugin";
import { grainOf } from "./blocks.ts";
import type { Engine } from "./engine.ts";
import { setArguments, withWorkspace } from "./workspace.ts";

/** Words of the Mersenne Twister's state. */
const words = 624;

/** Fills `count` floats, at least 16, with the uniforms or normals that the generator draws next, and moves it on. */
export function drawFloats(
  engine: Engine,
  kind: "uniform" | "normal",
  address: number,
  count: number,
  attrs: DrawAttrs,
): void {
  const { engine: twister } = attrs;
  // vectors may read a little beyond the words
  withWorkspace(engine, "draw", 4 * words + 16, (state) => {
    engine.i32.set(twister.subarray(0, words), state >>> 2);
    const uniforms = (to: number, n: number): void => {
      setArguments(engine, 0, [state, twister[words], twister[words + 1], to, n]);
      engine.fn(engine.staticKernel("draw_uniforms"))(engine.desc, 0, 1);
      for (const i of [0, 1]) twister[words + i] = engine.i32[(engine.desc >>> 2) + 1 + i];
    };
    uniforms(address, count);
    if (kind === "uniform") inRange(engine, address, count, attrs);
    else {
      normals(engine, address, count >> 4, attrs);
      if (count & 15) {
        // the last 16 are drawn once more
        const last = address + 4 * (count - 16);
        uniforms(last, 16);
        normals(engine, last, 1, attrs);
      }
    }
    for (let i = 0; i < words; i++) twister[i] = engine.i32[(state >>> 2) + i];
  });
}

function setNumbers({ f64, desc }: Engine, numbers: readonly number[]): void {
  for (let i = 0; i < numbers.length; i++) f64[(desc >>> 3) + 2 + i] = numbers[i];
}

/** Turns blocks of 16 uniforms into normals. */
function normals(engine: Engine, address: number, blocks: number, { first, second }: DrawAttrs): void {
  setArguments(engine, 0, [address]);
  setNumbers(engine, [Math.fround(first), Math.fround(second)]);
  engine.run(engine.staticKernel("draw_normals"), engine.desc, blocks, grainOf(8192, 300));
}

function inRange(engine: Engine, address: number, count: number, { first, second }: DrawAttrs): void {
  if (first === 0 && second === 1) return;
  const [from, to] = [Math.fround(first), Math.fround(second)];
  const width = Math.fround(to - from);
  setArguments(engine, 0, [address]);
  setNumbers(engine, [from, width, to]);
  engine.run(engine.staticKernel("draw_range"), engine.desc, count >> 2, grainOf(8192, 4));
  // what is less than a vector
  for (let i = (address >>> 2) + (count & ~3); i < (address >>> 2) + count; i++) {
    const value = Math.fround(engine.f32[i] * width + from);
    engine.f32[i] = value === to ? from : value;
  }
}
