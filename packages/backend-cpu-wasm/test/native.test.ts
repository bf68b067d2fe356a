import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { chooseNative } from "../src/engine/native.ts";
import { cpuWasm } from "../src/index.ts";

const found = chooseNative("auto");
const addon = found !== null && typeof found !== "string" ? found.choice.path : null;
if (addon === null) console.warn(`SKIPPED: native kernels: ${found}`);

const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "native-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const sources = pathToFileURL(join(import.meta.dirname, "../src/index.ts")).href;
const tensors = pathToFileURL(join(import.meta.dirname, "../../tensor/src/index.ts")).href;

/** A program on two threads: its backend's info, and the sum of a product that is large enough for both. */
const program = (options: object, before = "") => `
  const { cpuWasm } = await import(${JSON.stringify(sources)});
  const { ones, registerBackend } = await import(${JSON.stringify(tensors)});
  const { unlinkSync } = await import("node:fs");
  registerBackend(cpuWasm(${JSON.stringify({ threads: 2, ...options })}));
  ${before}
  const a = ones([256, 256]);
  let sum = 0;
  for (let i = 0; i < 40; i++) sum = a.matmul(a).sum().item();
  console.log(JSON.stringify({ info: a.backend.info, sum }));
`;

/** What the program says where the package with the native kernels gives `given`. */
function run(given: object | string | null, { options = {}, before = "", flags = [] as string[], env = {} } = {}) {
  const index = join(folder, "index.cjs");
  const hook = join(folder, "hook.cjs");
  writeFileSync(index, `module.exports = ${typeof given === "string" ? given : JSON.stringify(given)};`);
  writeFileSync(
    hook,
    `const Module = require("node:module");
     const resolve = Module._resolveFilename;
     Module._resolveFilename = function (name, ...rest) {
       if (name !== "@flambeau/cpu-native") return resolve.call(this, name, ...rest);
       ${given === null ? "throw Object.assign(new Error(name), { code: 'MODULE_NOT_FOUND' });" : `return ${JSON.stringify(index)};`}
     };`,
  );
  const args = [
    "--conditions=source",
    ...flags,
    "--require",
    hook,
    "--input-type=module",
    "-e",
    program(options, before),
  ];
  const out = execFileSync(process.execPath, args, {
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "", ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(out) as { info: string; sum: number }; // the program prints that
}

describe("without native kernels the program is the same, and info says why", () => {
  const cases: [string, object | null, RegExp][] = [
    ["the package is not there", null, /no native kernels \(@flambeau\/cpu-native is not installed\)/],
    [
      "it has none for this platform",
      { reason: "there are no native kernels for plan9-mips" },
      /\(there are .* plan9-mips\)/,
    ],
    ["its file is missing", { path: join(folder, "missing.node") }, /no native kernels \(.*missing\.node/],
    ["its file is text", { path: join(folder, "text.node") }, /no native kernels \(.*text\.node/],
    ["its file is empty", { path: join(folder, "empty.node") }, /no native kernels \(.*empty\.node/],
    ["its file is another addon", { path: join(folder, "other.cjs") }, /no native kernels \(/],
  ];
  writeFileSync(join(folder, "text.node"), "no addon at all\n".repeat(100));
  writeFileSync(join(folder, "empty.node"), "");
  writeFileSync(join(folder, "other.cjs"), "module.exports = { isas: [] };");
  it.each(cases)("%s", (_, given, info) => {
    const result = run(given);
    expect(result.info).toMatch(info);
    expect(result.info.match(/native/g)?.length).toBeLessThanOrEqual(2);
    expect(result.sum).toBe(256 ** 3);
  });

  it.skipIf(addon === null)("its file is cut off, damaged or made for another processor", () => {
    const whole = readFileSync(addon ?? "");
    // as the package itself looks at a file before anyone loads it: these would take the process with them
    const looked = (path: string) =>
      `require(${JSON.stringify(require.resolve("@flambeau/cpu-native"))}).whole(${JSON.stringify(path)})`;
    const damaged = Buffer.from(whole);
    damaged[whole.length >> 1] ^= 255;
    for (const [name, bytes] of [
      ["cut-64", whole.subarray(0, 64)],
      ["half", whole.subarray(0, whole.length >> 1)],
      ["damaged", damaged],
    ] as const) {
      const path = join(folder, `${name}.node`);
      writeFileSync(path, bytes);
      copyFileSync(`${addon}.json`, `${path}.json`);
      const result = run(looked(path));
      expect(result.info, name).toMatch(/no native kernels \(.*(bytes instead of|is damaged)/);
      expect(result.sum).toBe(256 ** 3);
    }
    const foreign = Buffer.from(whole);
    foreign.writeUInt16LE(243, 18); // e_machine: RISC-V
    writeFileSync(join(folder, "foreign.node"), foreign);
    expect(run({ path: join(folder, "foreign.node") }).info).toMatch(/no native kernels/);
  });

  it.skipIf(addon === null)("Node's policy refuses addons", () => {
    const flags = ["--permission", "--allow-fs-read=*", "--allow-worker"];
    const result = run({ path: addon }, { flags });
    expect(result.info).toMatch(/no native kernels/);
    expect(result.sum).toBe(256 ** 3);
  });
});

describe.skipIf(addon === null)("native kernels", () => {
  it("are taken where they are, on all threads", () => {
    const result = run({ path: addon });
    expect(result.info).toMatch(/^2 threads, native kernels \((avx512|avx2|neon)\), /);
    expect(result.sum).toBe(256 ** 3);
  });

  it("a worker that cannot load them does not take part", () => {
    const copy = join(folder, "copy.node");
    copyFileSync(addon ?? "", copy);
    const result = run({ path: copy }, { before: `unlinkSync(${JSON.stringify(copy)});` });
    expect(result.sum).toBe(256 ** 3);
  });

  it("are left alone with native: false, without fused multiply-add, and where the environment says so", () => {
    expect(run({ path: addon }, { options: { native: false } }).info).not.toMatch(/native/);
    const env = { FLAMBEAU_NATIVE: "off" };
    const off = execFileSync(process.execPath, ["--conditions=source", "--input-type=module", "-e", program({})], {
      encoding: "utf8",
      env: { ...process.env, NODE_OPTIONS: "", ...env },
    });
    expect(off).toMatch(/no native kernels \(FLAMBEAU_NATIVE is off\)/);
  });

  it("of an instruction set that the processor lacks are not taken", () => {
    const absent = process.arch === "arm64" ? "avx2" : "neon";
    expect(run({ path: addon }, { options: { native: absent } }).info).toMatch(/this processor has no/);
  });
});

it("native is auto, an instruction set or false", () => {
  for (const native of [true, "sse", 1, null]) {
    expect(() => cpuWasm({ native: native as "auto" })).toThrow(/native/);
  }
});
