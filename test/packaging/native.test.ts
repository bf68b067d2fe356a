// The native kernels, from the tarballs: where they are installed every program computes with them, elsewhere it does so without.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { here, nameOf } from "../../scripts/native/targets.mjs";
import { compiler, compilerMissing } from "../../scripts/setup/compiler.mjs";
import { root } from "../../scripts/setup/paths.mjs";
import { bunProgram, closureOf, install } from "./install.ts";

const target = here();
const platform = target && `@flambeau/cpu-native-${nameOf(target)}`;
const there = platform !== undefined && compiler() !== undefined;
if (!there) console.warn(`SKIPPED: native kernels from tarballs: ${compilerMissing}`);

const program = `
import { arange, ones, nn, randn, manualSeed } from "flambeau";
const work = () => {
  const x = ones([300, 300]);
  let sum = 0;
  for (let i = 0; i < 30; i++) sum = x.matmul(x).sum().item();
  manualSeed(1);
  const y = new nn.Conv2d(3, 8, 3).forward(randn([2, 3, 20, 20])).sum().item();
  return { sum, y: Number.isFinite(y), info: x.backend.info };
};
console.log(JSON.stringify(work()));
`;
const inWorker = `
import { Worker, isMainThread, parentPort } from "node:worker_threads";
import { ones } from "flambeau";
if (isMainThread) {
  const workers = [1, 2].map(() => new Promise((resolve, reject) => {
    new Worker(new URL(import.meta.url)).once("message", resolve).once("error", reject);
  }));
  console.log(JSON.stringify(await Promise.all(workers)));
} else {
  const x = ones([300, 300]);
  parentPort.postMessage({ sum: x.matmul(x).sum().item(), info: x.backend.info });
}
`;
const natively = expect.stringMatching(/native kernels \((avx512|avx2|neon)\)/);
const without = (why: RegExp) => expect.stringMatching(new RegExp(`no native kernels \\(.*${why.source}`));
const right = { sum: 300 ** 3, y: true };

describe.skipIf(!there)("flambeau with its optional native kernels", () => {
  let folder = "";
  const run = (command: string, ...args: string[]) =>
    JSON.parse(
      execFileSync(command, args, { cwd: folder, encoding: "utf8", env: { PATH: process.env.PATH, HOME: folder } })
        .trim()
        .split("\n")
        .at(-1) ?? "",
    );
  beforeAll(async () => {
    const names = [...closureOf("flambeau"), "@flambeau/cpu-native", platform ?? ""];
    expect(inject("tarballs")[platform ?? ""]).toBeDefined();
    folder = await install("native", names);
    writeFileSync(join(folder, "program.mjs"), program);
    writeFileSync(join(folder, "workers.mjs"), inWorker);
  });

  test("Node takes them, and so do its worker threads", () => {
    expect(run(process.execPath, "program.mjs")).toEqual({ ...right, info: natively });
    const worker = { sum: 300 ** 3, info: natively };
    expect(run(process.execPath, "workers.mjs")).toEqual([worker, worker]);
  });
  test("Bun takes them", ({ skip }) => {
    const bun = bunProgram();
    if (bun === null) return skip("Bun's package for this platform is not installed");
    expect(run(bun, "program.mjs")).toEqual({ ...right, info: natively });
  });
  test("Deno takes them where it may, and goes on without where it may not", () => {
    const deno = join(root, "node_modules/deno/bin.cjs");
    const given = ["--no-lock", "--node-modules-dir=manual"];
    expect(run(process.execPath, deno, "run", "--allow-all", ...given, "program.mjs")).toEqual({
      ...right,
      info: natively,
    });
    const asked = run(process.execPath, deno, "run", "--allow-read", "--allow-env", ...given, "program.mjs");
    expect(asked).toEqual({ ...right, info: without(/./) });
  });
  test("a bundle for Node finds them beside it, one for pages does not ask", async () => {
    const bundle = (platform: "node" | "browser", outfile: string) =>
      build({
        absWorkingDir: folder,
        entryPoints: ["program.mjs"],
        outfile,
        bundle: true,
        format: "esm",
        platform,
        logLevel: "silent",
        external: ["node:*"],
        metafile: true,
      });
    const { metafile } = await bundle("node", "bundled.mjs");
    expect(run(process.execPath, "bundled.mjs")).toEqual({ ...right, info: natively });
    const page = await bundle("browser", "page.mjs");
    for (const { inputs } of [metafile, page.metafile])
      expect(Object.keys(inputs).filter((path) => path.includes("cpu-native"))).toEqual([]);
  });
  test("without the optional packages everything runs in WebAssembly", async () => {
    const own = join(folder, "node_modules/@flambeau");
    const moved = join(folder, "moved");
    mkdirSync(moved);
    // what `npm install` leaves on a platform without an addon, and on musl, where npm does not install one for glibc
    const name = (platform ?? "").split("/")[1] ?? "";
    renameSync(join(own, name), join(moved, name));
    expect(run(process.execPath, "program.mjs")).toEqual({
      ...right,
      info: without(/there are no native kernels for/),
    });
    // what `npm install --omit=optional` leaves
    renameSync(join(own, "cpu-native"), join(moved, "cpu-native"));
    expect(run(process.execPath, "program.mjs")).toEqual({ ...right, info: without(/not installed/) });
    for (const each of [name, "cpu-native"]) renameSync(join(moved, each), join(own, each));
    expect(run(process.execPath, "program.mjs")).toEqual({ ...right, info: natively });
  });
  test("npm omits them when it is asked to", () => {
    expect(existsSync(join(folder, "node_modules", platform ?? ""))).toBe(true);
    const manifest = JSON.parse(
      execFileSync("tar", ["-xzOf", inject("tarballs").flambeau ?? "", "package/package.json"], { encoding: "utf8" }),
    );
    expect(Object.keys(manifest.optionalDependencies)).toEqual(["@flambeau/cpu-native"]);
    const own = JSON.parse(
      execFileSync("tar", ["-xzOf", inject("tarballs")["@flambeau/cpu-native"] ?? "", "package/package.json"], {
        encoding: "utf8",
      }),
    );
    expect(Object.keys(own.optionalDependencies)).toContain(platform);
    expect(own.scripts?.install ?? own.scripts?.postinstall).toBeUndefined();
    rmSync(join(folder, "bundled.mjs"));
  });
});
