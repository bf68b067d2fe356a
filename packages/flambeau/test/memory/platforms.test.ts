import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";

/** Runs a program in a Node of its own, whose globals `platform` changes before anything is loaded. */
function run(platform: string, body: string): unknown {
  const program = `
    ${platform}
    const warnings = [];
    console.warn = (text) => warnings.push(text);
    const { cpuWasm } = await import("@flambeau/backend-cpu-wasm");
    const { memory, nextStep, reclaim, registerBackend, zeros } = await import("flambeau");
    registerBackend(cpuWasm({ memoryLimit: 128 * 2 ** 20, threads: 1 }));
    const loop = async (n, turn) => {
      for (let i = 0; i < n; i++) {
        zeros([100, 1000]).add(1).mul(2).sum();
        if (turn) await turn();
      }
    };
    let error = null;
    try {
      ${body}
    } catch (e) {
      error = e.name;
    }
    console.log(JSON.stringify({ error, warnings, peak: memory().cpu.peakBytes, collects: typeof globalThis.gc }));`;
  const flags = ["--conditions=source", "--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program];
  return JSON.parse(execFileSync(process.execPath, flags, { cwd: import.meta.dirname, encoding: "utf8" }));
}
const without = "process.getBuiltinModule = undefined;";

describe("platforms whose collector cannot be called", () => {
  it("keep loops alive that yield", () => {
    expect(run(without, "await loop(1500, nextStep);")).toMatchObject({ error: null, warnings: [] });
  });
  it("tell one that does not of tidy, before its MemoryError", () => {
    const told = expect.stringMatching(/MiB of tensors are on "cpu".*tidy.*nextStep/);
    expect(run(without, "await loop(1500);")).toMatchObject({ error: "MemoryError", warnings: [told] });
  });
});

describe("Node", () => {
  it("keeps a loop alive that never yields, says nothing, and leaves no global behind", () => {
    expect(run("", "await loop(1500);")).toMatchObject({ error: null, warnings: [], collects: "undefined" });
  });
  it("so where a collector was exposed by a flag of the user's, which stays", () => {
    const exposed = "globalThis.gc = (await import('node:vm')).runInNewContext ? () => {} : null;";
    expect(run(exposed, "await loop(1500);")).toMatchObject({ error: null, collects: "function" });
  });
  it("frees what is dropped when it is asked to", () => {
    const body = `
      const kept = zeros([1000, 1000]);
      await loop(10);
      const freed = reclaim();
      if (freed < 10e6 || memory().cpu.bytes > 4.1e6) throw new Error(freed + " " + memory().cpu.bytes);
      if (kept.sum().item() !== 0) throw new Error("lost");`;
    expect(run("", body)).toMatchObject({ error: null });
  });
});
