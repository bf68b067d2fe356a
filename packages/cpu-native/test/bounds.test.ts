import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { type Arguments, from } from "./arguments.ts";
import { factors } from "./factors.ts";
import { overRowsAndElements } from "./rows.ts";

// Native code has no traps. The heap ends where nothing is mapped: what a kernel reads or writes past it ends the process.

type Kernel = (desc: number, start: number, end: number) => void;
interface Addon {
  readonly isas: readonly string[];
  readonly Heap: new (memory: Uint8Array, isa: string, pages: number) => { readonly kernels: Record<string, Kernel> };
}
const load = createRequire(import.meta.url);
const found = load("../index.cjs") as { path?: string; reason?: string };
const addon = found.path !== undefined ? (load(found.path) as Addon) : undefined;

const pages = 16;
const size = pages * 65536;
const pagesAt = 4096;
const desc = 8192;

function products(bytes: number): Record<string, Arguments> {
  const [batch, m, n, k] = [2, 5, 7, 3];
  const panels = Math.ceil((n * bytes) / panelBytes);
  const packed = batch * panels * k * panelBytes;
  const steps = [m, n, k, m * k, k, 1, k * n, n, 1, m * n, n].map((value, i) => (i < 3 ? value : value * bytes));
  const matrix = {
    numbers: { ...from(4, ...steps), ...from(15, 0, 6, 32, 1, 1, 0, 4, 0, 1) },
    count: batch,
    open: true,
  } as const;
  const [a, b, c] = [batch * m * k, batch * k * n, batch * m * n].map((count) => count * bytes);
  return {
    gemm: { ...matrix, operands: { 0: a, 1: b, 2: c, 3: n * bytes } },
    pack_b: { ...matrix, operands: { 1: b, 20: packed } },
    gemv: {
      numbers: { ...from(4, m, k, ...[m * k, k, 1, k, 1, m, 1, 1].map((step) => step * bytes)), ...from(14, 0, 16, 1) },
      operands: { 0: a, 1: batch * k * bytes, 2: batch * m * bytes, 3: m * bytes },
      count: batch,
      open: true,
    },
    outer: {
      numbers: { ...from(4, m, n, ...[m, 1, n, 1, m * n, n].map((step) => step * bytes)), ...from(12, 0, 4, 2) },
      operands: { 0: batch * m * bytes, 1: batch * n * bytes, 2: c, 3: n * bytes },
      count: batch * m * 2,
      open: true,
    },
  };
}

function convolutions(): Record<string, Arguments> {
  const [images, channels, filters, groups, height, width, kernel] = [3, 3, 7, 2, 5, 6, 6];
  const [outHeight, outWidth, k] = [6, 4, channels * kernel];
  const window = {
    ...from(4, images, channels, filters, height, width, 1, 1, outHeight, outWidth),
    ...from(13, 2, 3, 1, 2, 1, 1, groups),
  };
  const input = images * groups * channels * height * width * 4;
  const output = images * groups * filters * outHeight * outWidth * 4;
  const panels = Math.ceil(filters / 6);
  const packed = groups * panels * 6 * k * 4;
  const weight = groups * filters * k * 4;
  const sums = 2 * groups * panels * 6 * (Math.ceil(k / 8) * 8) * 4;
  return {
    conv_filters: {
      numbers: {
        ...from(2, filters, channels),
        ...window,
        ...from(2, filters, channels),
        ...from(20, filters * k * 4, k * 4, 24, 12, 4),
      },
      operands: { 0: weight, 1: packed },
      count: groups * panels,
    },
    conv_forward: {
      numbers: { ...window, ...from(20, 8, 3, 2, 0, 0, 1) },
      operands: { 0: input, 1: packed, 2: output, 3: groups * filters * 4 },
      count: images * groups * 3,
    },
    conv_input: {
      numbers: { ...window, ...from(20, 8, 0, 2) },
      operands: { 0: output, 1: weight, 2: input },
      count: images * groups,
    },
    conv_weight: {
      numbers: { ...window, ...from(20, 8, 3, 2, 5, 2) },
      operands: { 0: input, 1: output, 2: sums },
      count: 2 * groups * 2,
    },
    conv_weight_end: {
      numbers: from(2, 2, filters, k, 0, groups),
      operands: { 0: sums, 1: weight },
      count: groups * filters,
    },
    channel_sums: {
      numbers: from(2, images, channels, height * width),
      operands: { 0: images * channels * height * width * 4, 1: channels * 4 },
      count: channels,
    },
  };
}

function tiled(): Record<string, Arguments> {
  const [images, channels, filters, height, width] = [2, 9, 13, 10, 11];
  const shape = { ...from(4, images, channels, filters, height, width, 1, 1, height, width), ...from(13, 3, 3, 2, 16) };
  const input = images * channels * height * width * 4;
  const output = images * filters * height * width * 4;
  const panels = Math.ceil(filters / 6);
  const sums = 2 * 36 * panels * 6 * 16 * 4;
  return {
    conv3x3_filters: {
      numbers: from(2, filters, channels, channels * 36, 36, 12, 4),
      operands: { 0: filters * channels * 36, 1: 36 * panels * 6 * channels * 4 },
      count: panels,
    },
    conv3x3: {
      numbers: { ...shape, 17: 6 },
      operands: { 0: input, 1: 36 * panels * 6 * channels * 4, 2: output, 3: filters * 4 },
      count: 3,
    },
    conv3x3_weight: {
      numbers: { 3: 3, ...shape, ...from(17, 2, 7) },
      operands: { 0: input, 1: output, 2: sums },
      count: 2 * 2,
    },
    conv3x3_weight_end: {
      numbers: from(2, 2, filters, channels, 0),
      operands: { 0: sums, 1: filters * channels * 36 },
      count: filters,
    },
  };
}

function depthwise(): Record<string, Arguments> {
  const [images, channels, height, width, outHeight, outWidth, taps] = [2, 5, 9, 8, 5, 4, 6];
  const numbers = {
    ...from(4, images, 1, 1, height, width, 1, 1, outHeight, outWidth),
    ...from(13, 3, 2, 2, 2, 1, 1, channels, 11, 20),
  };
  const [input, output] = [images * channels * height * width * 4, images * channels * outHeight * outWidth * 4];
  return {
    conv_depthwise: {
      numbers: { ...numbers, 22: 1 },
      operands: { 0: input, 1: channels * taps * 4, 2: output, 3: channels * 4 },
      count: images * channels,
    },
    conv_depthwise_weight: { numbers, operands: { 0: input, 1: output, 2: channels * taps * 4 }, count: channels },
  };
}

function planes(): Record<string, Arguments> {
  const [images, channels, filters, groups, height, width, outHeight, outWidth, taps] = [2, 3, 13, 4, 9, 8, 8, 7, 8];
  const input = images * groups * channels * height * width * 4;
  const output = images * groups * filters * outHeight * outWidth * 4;
  return {
    conv_planes_weight: {
      numbers: {
        ...from(4, images, channels, filters, height, width, 1, 1, outHeight, outWidth),
        ...from(13, 4, 2, 1, 1, 1, 2, groups),
      },
      operands: { 0: input, 1: output, 2: groups * filters * channels * taps * 4 },
      count: groups,
    },
  };
}

function recurrent(): Record<string, Arguments> {
  const [steps, sequences, n] = [3, 5, 7];
  const [state, all] = [sequences * n * 4, steps * sequences * n * 4];
  const panels = (k: number, columns: number) => Math.ceil((columns * 4) / panelBytes) * k * panelBytes;
  const found: Record<string, Arguments> = {};
  for (const [kind, name, gates, d] of [
    [0, "plain", 1, 1],
    [2, "LSTM", 4, 4],
    [3, "GRU", 3, 4],
  ] as const) {
    const numbers = { ...from(0, kind, steps, sequences, n, 1), 6: 4 };
    const kept: Record<number, number> = gates > 1 ? { 8: gates * all, 9: all } : {};
    const common = { 5: sequences * 4, 7: all, ...kept, 10: state };
    const second: Record<number, number> = name === "LSTM" ? { 11: state } : {};
    const own: Record<number, number> = name === "GRU" ? { 13: panels(n, n), 14: n * 4 } : {};
    const back: Record<number, number> = name === "LSTM" ? { 15: state } : {};
    const words = { 5: [3, 0, 2, 1, 5] };
    found[`recurrent ${name}`] = {
      numbers,
      words,
      operands: {
        ...{ ...common, ...second },
        12: panels(n, name === "GRU" ? 2 * n : gates * n),
        ...own,
      },
      count: sequences,
    };
    found[`recurrent_backward ${name}`] = {
      numbers,
      words,
      operands: {
        ...{ ...common, ...second, 12: panels(gates * n, n), 13: all, 14: state },
        ...back,
        ...{ 16: d * all, 17: d * state, 18: d * state },
      },
      count: sequences,
    };
  }
  return found;
}

/** Those of the instruction set at hand: vectors' width is in the layout of packed operands. */
let panelBytes = 32;
function table(): Record<string, Arguments> {
  const all: Record<string, Arguments> = {
    ...convolutions(),
    ...tiled(),
    ...overRowsAndElements(),
    ...depthwise(),
    ...planes(),
    ...recurrent(),
    ...factors(),
  };
  for (const [suffix, bytes] of [
    ["f32", 4],
    ["f64", 8],
    ["i32", 4],
    ["i64", 8],
  ] as const)
    for (const [name, each] of Object.entries(products(bytes))) all[`${name}_${suffix}`] = each;
  return all;
}

/** A case is called by its kernel, and by what else there is to say. */
const kernelOf = (name: string): string => name.split(" ")[0];

describe.skipIf(addon === undefined).each(addon?.isas ?? [])("native kernels (%s)", (isa) => {
  const memory = new Uint8Array(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer);
  const slots = new Int32Array(memory.buffer, desc, 1024);
  new Uint32Array(memory.buffer)[pagesAt / 4] = pages;
  const heap = new (addon as Addon).Heap(memory, isa, pagesAt);
  panelBytes = (heap as unknown as { panelBytes: number }).panelBytes;
  const cases = table();

  /** Writes arguments; the operands lie one behind the other, but where `moved` says otherwise. */
  function write(each: Arguments, moved: Readonly<Record<number, number>> = {}): void {
    slots.fill(0);
    for (const [slot, value] of Object.entries(each.numbers)) slots[+slot] = value;
    let at = 16384;
    for (const [slot, bytes] of Object.entries(each.operands)) {
      slots[+slot] = at;
      at += Math.ceil(bytes / 64) * 64 + 64;
    }
    for (const [slot, value] of Object.entries(moved)) slots[+slot] = value;
    for (const [slot, words] of Object.entries(each.words ?? {})) {
      const address = slots[+slot] >>> 0;
      if (address <= size - 4 * words.length) new Int32Array(memory.buffer, address, words.length).set(words);
    }
  }
  function refuses(name: string, start: number, end: number): void {
    const before = memory.slice();
    expect(() => heap.kernels[kernelOf(name)](desc, start, end), `${slots.slice(0, 26)}`).toThrow(RangeError);
    expect(Buffer.compare(memory, before)).toBe(0);
  }

  it("are all in this table", () => {
    expect(Object.keys(heap.kernels).sort()).toEqual([...new Set(Object.keys(cases).map(kernelOf))].sort());
  });

  it.each(Object.entries(cases))(
    "%s takes operands up to the heap's end, and refuses one float further",
    (name, each) => {
      write(each);
      heap.kernels[kernelOf(name)](desc, 0, each.count);
      for (const [slot, bytes] of Object.entries(each.operands)) {
        write(each, { [slot]: size - bytes });
        heap.kernels[kernelOf(name)](desc, 0, each.count);
        for (const address of [size - bytes + 4, size, size + 65536, -4]) {
          write(each, { [slot]: address });
          refuses(name, 0, each.count);
        }
      }
    },
  );

  it.each(Object.entries(cases))("%s refuses indices that there are not", (name, each) => {
    write(each);
    refuses(name, -1, each.count);
    if (!each.open) refuses(name, 0, each.count + 1);
    refuses(name, 0, 2 ** 31 - 1);
  });

  // the bytes that these reach over are 2^64 and a few: their last index alone would leave the heap
  it.each(["f32", "f64", "i32", "i64"])("products refuse numbers whose sums wrap (%s)", (suffix) => {
    const [most, step] = [2 ** 31 - 1, -1]; // steps are unsigned
    const { gemm, gemv } = products(suffix.endsWith("64") ? 8 : 4);
    const refusesLast = (name: string, each: Arguments, numbers: Record<number, number>, end: number) => {
      write({ ...each, numbers: { ...each.numbers, ...numbers } });
      refuses(`${name}_${suffix}`, end - 1, end);
    };
    refusesLast("gemm", gemm, { ...from(4, 1, 11, most, 0, 0, 0, step, step, 2 ** 31, 0, 0) }, most);
    refusesLast("gemv", gemv, { ...from(4, most, most, 20, step, step, 0, 0, 0, 0, 0) }, 2 ** 30 + 1);
    refusesLast("pack_b", gemm, { ...from(4, 1, 1, 2 ** 30, 0, 0, 0, 0, 0, 0, 0, 0), 20: 16384 }, 2 ** 34 / panelBytes);
  });

  it.each(Object.entries(cases))("%s stays in the heap with any number", (name, each) => {
    for (const slot of Object.keys(each.numbers)) {
      for (const value of [-(2 ** 31), -7, -1, 0, 1, 2, 1000, 2 ** 20, 2 ** 30, 2 ** 31 - 1]) {
        write(each, { [slot]: value });
        try {
          heap.kernels[kernelOf(name)](desc, 0, each.count);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }
    }
  });
});
