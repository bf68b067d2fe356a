// The WebAssembly by which the machine's limits are measured, put together by hand: two loops that do nothing but what they measure.

/** Multiply-adds of four lanes in one turn of the loop: enough independent ones to keep two units busy while each is under way. */
const accumulators = 12;
/** Floating-point operations of one turn. */
export const flopsPerTurn = accumulators * 4 * 2;

const [i32, f32, v128] = [0x7f, 0x7d, 0x7b];
const vector = (parts: number[][]) => [parts.length, ...parts.flat()];
const section = (id: number, body: number[]) => [id, ...leb(body.length), ...body];
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const name = (text: string) => [text.length, ...[...text].map((c) => c.charCodeAt(0))];

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

/** `fma(turns)`: the operands come from memory, as constants would be rebuilt at each use. */
function fma(): number[] {
  const [turns, a, b, first] = [0, 1, 2, 3];
  const load = (address: number) => [0x41, address, 0xfd, 0x00, 4, 0];
  const each = <T>(f: (local: number) => T[]) => Array.from({ length: accumulators }, (_, i) => f(first + i)).flat();
  const code = [
    ...load(0),
    ...set(a),
    ...load(16),
    ...set(b),
    ...[0x03, 0x40], // loop
    // f32x4.relaxed_madd: a * b + what was there
    ...each((local) => [...get(a), ...get(b), ...get(local), 0xfd, ...leb(0x105), ...set(local)]),
    ...[...get(turns), 0x41, 1, 0x6b, 0x22, turns, 0x0d, 0, 0x0b], // turns -= 1, once more unless it is 0
    // the sum is returned, lest a compiler drop what nobody reads
    ...get(first),
    ...each((local) => (local === first ? [] : [...get(local), 0xfd, ...leb(0xe4)])),
    ...[0xfd, 0x1f, 0, 0x0b],
  ];
  return [1, accumulators + 2, v128, ...code];
}

/** `copy(to, from, bytes)`. */
const copy = [0, ...get(0), ...get(1), ...get(2), 0xfc, 0x0a, 0, 0, 0x0b];

const body = (code: number[]) => [...leb(code.length), ...code];

/** A module with `memory` of so many pages of 64 KiB, `fma` and `copy`. */
export const limitsModule = (pages: number) =>
  new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      vector([
        [0x60, 1, i32, 1, f32],
        [0x60, 3, i32, i32, i32, 0],
      ]),
    ),
    ...section(3, vector([[0], [1]])),
    ...section(5, [1, 0, ...leb(pages)]),
    ...section(
      7,
      vector([
        [...name("memory"), 2, 0],
        [...name("fma"), 0, 0],
        [...name("copy"), 0, 1],
      ]),
    ),
    ...section(10, vector([body(fma()), body(copy)])),
  ]);
