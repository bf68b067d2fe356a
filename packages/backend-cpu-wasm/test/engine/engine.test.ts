import { execFileSync } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { createEngine, type Engine, type EngineOptions } from "../../src/engine/engine.ts";
import { gemm } from "../../src/engine/gemm.ts";
import { kernel, writeE } from "./emitted.ts";
import { error, get, numbers, put, random } from "./reference.ts";

const engines: Engine[] = [];
function open(threads: number): Engine {
  const engine = createEngine({ threads });
  engines.push(engine);
  return engine;
}
afterEach(() => {
  for (const engine of engines.splice(0)) engine.dispose();
});

// if (end == 100) unreachable
const trapAtEnd = [0x20, 2, 0x41, 0xe4, 0, 0x46, 0x04, 0x40, 0x00, 0x0b];

describe("engine", () => {
  it("runs an emitted kernel that calls a math function, over every index, on several threads", () => {
    const engine = open(3);
    const id = engine.addKernel(kernel(engine.shared, writeE));
    const n = 10_000;
    const out = engine.alloc(n * 8);
    engine.i32[engine.desc / 4] = out;
    const start = performance.now();
    while (performance.now() - start < 400) {
      engine.f64.fill(0, out / 8, out / 8 + n);
      engine.run(id, engine.desc, n, 16);
      expect(engine.f64.subarray(out / 8, out / 8 + n).every((v) => v === Math.E)).toBe(true);
    }
  });

  it("spreads the work over its threads", () => {
    const engine = open(2);
    // each thread has a private work area: its address, written for each index, tells who did the index
    const id = engine.addKernel(kernel(engine.shared, writeE, "scratchAddress"));
    const out = engine.alloc(800);
    engine.i32[engine.desc / 4] = out;
    const seen = new Set<number>();
    const end = performance.now() + 300_000;
    while (seen.size < 2 && performance.now() < end) {
      engine.run(id, engine.desc, 100, 1);
      for (let i = 0; i < 100; i++) seen.add(engine.f64[out / 8 + i]);
    }
    expect(seen.size).toBe(2);
  });

  it("raises a trap of a kernel on whatever thread it happened, and goes on working", () => {
    const engine = open(2);
    const trap = engine.addKernel(kernel(engine.shared, trapAtEnd));
    const good = engine.addKernel(kernel(engine.shared, writeE));
    const out = engine.alloc(800);
    const start = performance.now();
    while (performance.now() - start < 300) expect(() => engine.run(trap, engine.desc, 100, 1)).toThrow(/unreachable/);
    engine.i32[engine.desc / 4] = out;
    engine.run(good, engine.desc, 100, 1);
    expect(engine.f64[out / 8 + 99]).toBe(Math.E);
  });

  it("names the missing kernel", () => {
    expect(() => open(1).staticKernel("gemm_f16")).toThrow('the kernel module has no "gemm_f16"');
  });
});

describe("builds", () => {
  const product = (options: EngineOptions) => {
    const engine = createEngine(options);
    engines.push(engine);
    const next = numbers(4);
    const [m, n, k] = [40, 33, 50];
    const a = put(engine, random(m * k, next));
    const b = put(engine, random(k * n, next));
    const c = engine.alloc(m * n * 4);
    gemm(engine, "float32", { a, b, c, m, n, k, aRow: k, aCol: 1, bRow: n, bCol: 1, cRow: n });
    return { engine, values: get(engine, c, m * n) };
  };

  it("with and without fused multiply-add, on shared and unshared memory, agree", () => {
    const all = [true, false].flatMap((shared) =>
      [true, false].map((relaxed) => product({ shared, relaxed, threads: 2 })),
    );
    expect(all.map(({ engine }) => [engine.shared, engine.relaxed, engine.threads])).toEqual([
      [true, true, 2],
      [true, false, 2],
      [false, true, 1],
      [false, false, 1],
    ]);
    expect(all[2].values).toEqual(all[0].values);
    expect(all[3].values).toEqual(all[1].values);
    expect(error(all[1].values, all[0].values)).toBeLessThan(1e-6);
    expect(all[1].values).not.toEqual(all[0].values);
    expect(all[3].engine.info).toBe("1 thread, SIMD without FMA: unshared memory was asked for");
  });

  it("runs emitted kernels on unshared memory, and keeps its views when that grows", () => {
    const { engine } = product({ shared: false });
    const id = engine.addKernel(kernel(false, writeE));
    const out = engine.alloc(100 << 20);
    engine.i32[engine.desc / 4] = out;
    engine.run(id, engine.desc, 1000, 1);
    expect(engine.f64[out / 8 + 999]).toBe(Math.E);
  });
});

describe("threads", () => {
  const script = (body: string) => `
    import { createEngine } from ${JSON.stringify(new URL("../../src/engine/engine.ts", import.meta.url).href)};
    import { gemm } from ${JSON.stringify(new URL("../../src/engine/gemm.ts", import.meta.url).href)};
    const engine = createEngine({ threads: 2 });
    const n = 256;
    const args = { a: engine.alloc(n * n * 4), b: engine.alloc(n * n * 4), c: engine.alloc(n * n * 4) };
    const work = () => gemm(engine, "float32", { ...args, m: n, n, k: n, aRow: n, aCol: 1, bRow: n, bCol: 1, cRow: n });
    ${body}`;
  const node = (body: string, flags: string[] = []) =>
    execFileSync(process.execPath, [...flags, "--input-type=module", "-e", script(body)], {
      encoding: "utf8",
      timeout: 300_000,
    });

  it("do not keep the process alive, asleep or spinning", () => {
    const asleep =
      "for (let i = 0; i < 50; i++) work(); await new Promise((r) => setTimeout(r, 300)); console.log('end');";
    expect(node(asleep)).toBe("end\n");
    expect(node("for (let i = 0; i < 50; i++) work(); console.log('end');")).toBe("end\n");
  });

  it("are fewer, and nothing hangs, where workers cannot start", () => {
    const refuse = `
      const threads = process.getBuiltinModule("node:worker_threads");
      const get = process.getBuiltinModule;
      class Worker { constructor() { throw new Error("refused"); } }
      process.getBuiltinModule = (id) => (id === "node:worker_threads" ? { ...threads, Worker } : get(id));`;
    // the pool takes the module up when it is imported, so the refusal stands in a module of its own
    const first = ["--import", `data:text/javascript,${encodeURIComponent(refuse)}`];
    expect(node("for (let i = 0; i < 50; i++) work(); console.log('end');", first)).toBe("end\n");
  });

  it("stop at dispose, and one thread goes on", () => {
    const body = "for (let i = 0; i < 50; i++) work(); engine.dispose(); work(); console.log(engine.threads);";
    expect(node(body)).toBe("1\n");
  });
});

describe("allocator", () => {
  it("never hands out overlapping blocks, aligns them, and comes back to zero", () => {
    const engine = open(1);
    const next = numbers(1);
    const base = engine.usedBytes();
    const live: { address: number; bytes: number; tag: number }[] = [];
    for (let i = 0; i < 20_000; i++) {
      if (live.length > 200 || (live.length > 0 && next() < -0.1)) {
        const at = Math.floor(((next() + 1) / 2) * live.length);
        const { address, bytes, tag } = live[at];
        expect(engine.u8[address]).toBe(tag);
        expect(engine.u8[address + bytes - 1]).toBe(tag);
        engine.free(address, bytes);
        live[at] = live[live.length - 1];
        live.pop();
      } else {
        const bytes = 1 + Math.floor(2 ** (10 + 10 * next()));
        const address = engine.alloc(bytes);
        expect(address % 64).toBe(0);
        expect(address).toBeGreaterThan(0);
        const tag = i & 255;
        engine.u8[address] = tag;
        engine.u8[address + bytes - 1] = tag;
        live.push({ address, bytes, tag });
      }
    }
    for (const { address, bytes } of live) engine.free(address, bytes);
    expect(engine.usedBytes()).toBe(base);
    expect(engine.heldBytes()).toBeLessThan(400 << 20);
  });

  it("uses memory that was held in blocks of one size for blocks of another", () => {
    const engine = open(1);
    for (const bytes of [64, 1000, 30_000, 100_000, 1 << 20, 3 << 20, 64]) {
      const blocks = Array.from({ length: Math.floor((100 << 20) / (bytes + 64)) }, () => engine.alloc(bytes));
      for (const address of blocks) engine.free(address, bytes);
    }
    expect(engine.heldBytes()).toBeLessThan(200 << 20);
  });

  it("gives 0 when memory is full, and works again after something was freed", () => {
    const engine = open(1);
    const block = 512 << 20;
    const blocks: number[] = [];
    for (let address = engine.alloc(block); address !== 0; address = engine.alloc(block)) blocks.push(address);
    expect(blocks.length).toBeGreaterThanOrEqual(6);
    expect(blocks.length).toBeLessThan(8);
    expect(engine.alloc(2 ** 33)).toBe(0);
    // the last block lies above 2 GiB: addresses stay positive
    const last = blocks[blocks.length - 1];
    expect(last).toBeGreaterThan(2 ** 31);
    engine.free(last, block);
    expect(engine.alloc(block)).toBe(last);
    for (const address of blocks) engine.free(address, block);
  });
});
