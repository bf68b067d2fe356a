import { word } from "./arguments.ts";
import { Graph, type Node } from "./graph.ts";
import { buildKernel, DESC, END, START, type Target } from "./kernel.ts";
import { writeWhile } from "./loops.ts";
import { I32, I64, i32, i64 } from "./opcodes.ts";
import { increase } from "./walk.ts";

/**
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). Items are blocks of four words. Arguments:
 * the output's address as 32 bits, then at 8 the seed and at 16 the first block's counter, as 64 bits; the counter's upper half is 0.
 */
export function compilePhilox(target: Target): Uint8Array {
  const g = new Graph(target.relaxed);
  return buildKernel(target, g, (code, schedule) => {
    const block = code.local(I32);
    const left = code.local(I32);
    const args = g.local(I32, DESC, 0);
    const seed = g.load(I64, i64.load, args, 8);
    const low = (x: Node) => g.i(i32.wrap, x);
    const high = (x: Node) => g.i(i32.wrap, g.l(i64.shrU, x, g.lc(32n)));
    const number = g.local(I32, block, 2);
    const counter = g.l(i64.add, g.load(I64, i64.load, args, 16), g.l(i64.extendU, number));
    let c = [low(counter), high(counter), g.ic(0), g.ic(0)];
    let k0 = low(seed);
    let k1 = high(seed);
    for (let round = 0; round < 10; round++) {
      const p0 = g.l(i64.mul, g.l(i64.extendU, c[0]), g.lc(0xd2511f53n));
      const p1 = g.l(i64.mul, g.l(i64.extendU, c[2]), g.lc(0xcd9e8d57n));
      const xor3 = (x: Node, y: Node, z: Node) => g.i(i32.xor, g.i(i32.xor, x, y), z);
      c = [xor3(high(p1), c[1], k0), low(p1), xor3(high(p0), c[3], k1), low(p0)];
      k0 = g.i(i32.add, k0, g.ic(0x9e3779b9));
      k1 = g.i(i32.add, k1, g.ic(0xbb67ae85));
    }
    const at = g.i(i32.add, word(g, 0), g.i(i32.shl, number, g.ic(4)));
    const stores = c.map((x, j) => g.store(i32.store, at, x, 4 * j));
    code.get(START);
    code.set(block);
    code.get(END);
    code.get(START);
    code.op(i32.sub);
    code.set(left);
    schedule.hoist(stores, 0);
    writeWhile(code, left, 1, () => {
      schedule.run(stores);
      increase(code, block, () => code.i32(1));
    });
  });
}
