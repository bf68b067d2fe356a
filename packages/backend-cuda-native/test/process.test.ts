// Threads, event loops and ends of processes around the addon.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { cudaNative } from "@flambeau/backend-cuda-native";
import {
  cublasEmulation,
  cudaEmulated,
  emulatedCublas,
  emulatedDriver,
  emulatedNvrtc,
  emulation,
  nvrtcEmulation,
} from "@flambeau/backend-cuda-native/emulated";
import { ones, registerBackend } from "flambeau";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { interrupted, loadedAnew } from "../../../test/support/interrupted.ts";
import { missingFor } from "./support/missing.ts";
import { training } from "./support/training.ts";

const missing = missingFor("processes and threads with a CUDA device");
const on = { device: "cuda" } as const;

/** A program that has a backend, in a process of its own. */
function run(program: string, ...options: Parameters<typeof cudaEmulated>) {
  const start = `
    import { ones, registerBackend } from "flambeau";
    import { cudaEmulated } from "@flambeau/backend-cuda-native/emulated";
    const backend = registerBackend(await cudaEmulated(...${JSON.stringify(options)}));
    const x = ones([300, 300], { device: "cuda" });`;
  const args = [
    "--conditions=source",
    "--disable-warning=ExperimentalWarning",
    "--input-type=module",
    "-e",
    start + program,
  ];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  return { status, signal, stdout: stdout.trim(), stderr };
}
const clean = { signal: null, stderr: "" };
/** The losses of two worker threads that train at once, which then are ended with their backends in use. */
async function inWorkers(...workerData: Parameters<typeof cudaEmulated>) {
  const workers = [0, 1].map(() => new Worker(new URL("./support/worker.ts", import.meta.url), { workerData }));
  const losses = await Promise.all(workers.map(async (worker) => (await once(worker, "message"))[0]));
  await Promise.all(workers.map((worker) => worker.terminate()));
  return losses;
}
/** The same in this thread. */
async function trained() {
  const backend = registerBackend(await cudaEmulated());
  const step = training("cuda");
  const losses = Array.from({ length: 10 }, () => step());
  backend.dispose();
  return losses;
}

describe.skipIf(missing !== null)("a process with a CUDA device", () => {
  test("goes on while data() waits for the device", async () => {
    const backend = registerBackend(await cudaEmulated());
    const x = ones([400, 400], on);
    const product = x.matmul(x).matmul(x); // runs when somebody waits for it
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    expect((await product.data())[0]).toBe(160_000);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
    backend.dispose();
  });

  test("reads that are under way settle when the device is given back", async () => {
    const backend = registerBackend(await cudaEmulated());
    const reads = Array.from({ length: 5 }, (_, i) => ones([3], on).mul(i).data());
    backend.dispose();
    expect((await Promise.all(reads)).map(([first]) => first)).toEqual([0, 1, 2, 3, 4]);
  });

  test("has it in two worker threads at once, each with the same losses", async () => {
    const expected = await trained();
    expect(await inWorkers()).toEqual([expected, expected]);
    // a worker that ends gives back what it had, and another backend is as the first one
    expect(["allocations", "streams", "contexts"].map((name) => emulation.get(name))).toEqual([0, 0, 0]);
    const again = registerBackend(await cudaEmulated());
    expect(ones([2], on).add(1).tolist()).toEqual([2, 2]);
    again.dispose();
  });

  test("ends by itself when nothing is left to do, after the reads that it waits for", () => {
    expect(run("const y = x.matmul(x).data(); y.then((v) => console.log(v[0]));")).toEqual({
      ...clean,
      status: 0,
      stdout: "300",
    });
    expect(run("console.log(x.add(1).dataSync()[0]);")).toEqual({ ...clean, status: 0, stdout: "2" });
  });
  test("ends in the middle of it", () => {
    expect(run("x.matmul(x).data(); x.matmul(x); process.exit(7);")).toEqual({ ...clean, status: 7, stdout: "" });
    // the end of the process meets the thread that runs the kernels anywhere in them
    for (let k = 0; k < 8; k++)
      expect(run("x.matmul(x).data(); throw new Error('ours');")).toMatchObject({ status: 1, signal: null });
  });
  test("has threads that may end in the middle of a call", () => {
    const driver = JSON.stringify(emulatedDriver);
    const built = fileURLToPath(
      new URL(`../build/${process.platform}-${process.arch}/flambeau-cuda.node`, import.meta.url),
    );
    const turn = `${loadedAnew(built)}
      addon.open(${driver});
      const device = new addon.Device(${driver}, 0);
      const at = device.alloc(64);
      device.write(at, new Uint8Array(64));
      device.read(at, 64, () => {});
      device.readSync(at, 64);
      try { device.alloc(-1); } catch {}
      try { new addon.Device(${driver}, 7); } catch {}
      device.close();`;
    expect(interrupted(turn, 100)).toEqual({ status: 0, signal: null, stderr: "" });
  });
});

describe.skipIf(missing !== null)("a process with a CUDA device, a compiler and cuBLASLt", () => {
  const libraries = { nvrtc: emulatedNvrtc, cublas: emulatedCublas } as const;
  let cache: string;
  beforeAll(() => {
    cache = mkdtempSync(join(tmpdir(), "flambeau-cache-"));
  });
  afterAll(() => rmSync(cache, { recursive: true, force: true }));

  test("has them in two worker threads at once, which share what is compiled, and what ends leaves nothing", async () => {
    const expected = await trained();
    expect(await inWorkers({ ...libraries, cache }, { uses: 2 })).toEqual([expected, expected]);
    const kept = readdirSync(cache);
    expect(kept.length).toBeGreaterThan(3);
    expect(kept.filter((name) => !/^[0-9a-f]{64}\.ptx$/.test(name))).toEqual([]); // no drafts
    expect(nvrtcEmulation.get("compiled")).toBeGreaterThanOrEqual(kept.length);
    expect(cublasEmulation.get("products")).toBeGreaterThan(20);
    expect([nvrtcEmulation.get("programs"), cublasEmulation.get("alive")]).toEqual([0, 0]);
    expect(["allocations", "modules", "streams", "contexts"].map((name) => emulation.get(name))).toEqual([0, 0, 0, 0]);
  });
  test("ends by itself, and in the middle of it", () => {
    const options = [{ ...libraries, cache }, { uses: 1 }] as const;
    const busy = "const y = x.matmul(x).exp(); y.data(); y.matmul(x).log();";
    expect(run(`${busy} console.log(backend.info.split("; ").slice(1).join());`, ...options)).toEqual({
      ...clean,
      status: 0,
      stdout: "programs compiled by NVRTC 13.0,products by cuBLASLt 13.0",
    });
    for (let k = 0; k < 4; k++) {
      expect(run(`${busy} process.exit(7);`, ...options)).toEqual({ ...clean, status: 7, stdout: "" });
      expect(run(`${busy} throw new Error("ours");`, ...options)).toMatchObject({ status: 1, signal: null });
    }
  });
  test("has threads that may end in the middle of a call of theirs", () => {
    const built = fileURLToPath(
      new URL(`../build/${process.platform}-${process.arch}/flambeau-cuda.node`, import.meta.url),
    );
    const [driver, nvrtc, cublas] = [emulatedDriver, emulatedNvrtc, emulatedCublas].map((path) => JSON.stringify(path));
    const product = `${loadedAnew(built)}
      const device = new addon.Device(${driver}, 0);
      device.useCublas(${cublas});
      const matrix = [device.alloc(64), 2, 2, 2, 4, 0];
      device.product(Float64Array.from([0, 0, 1, ...matrix, ...matrix, device.alloc(64), 2, 2, 2, 4, 0, 0]));
      device.synchronize();
      device.close();`;
    expect(interrupted(product, 60)).toEqual({ status: 0, signal: null, stderr: "" });
    const compiling = `${loadedAnew(built)}
      addon.nvrtc(${nvrtc});
      try { addon.compile(${nvrtc}, "nothing that compiles", []); } catch {}`;
    expect(interrupted(compiling, 12)).toEqual({ status: 0, signal: null, stderr: "" });
  });
});

test("whether there is a card is told without an error, and the reason agrees", async () => {
  const reason = await cudaNative.unavailableReason();
  expect(await cudaNative.isAvailable()).toBe(reason === null);
  if (reason !== null) expect(reason).toMatch(/^cuda: /);
});
