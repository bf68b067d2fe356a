// The CUDA backend as npm installs it: in an empty folder, without a compiler, from the tarballs of the package and of its addons.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { demandsOf, notPortable } from "../../scripts/native/elf.mjs";
import { platformNames } from "../../scripts/native/platforms.ts";
import { nameOf, oldestGlibc, targets } from "../../scripts/native/targets.mjs";
import { quietly } from "../../scripts/setup/exec.mjs";
import { root } from "../../scripts/setup/paths.mjs";
import { closureOf, install } from "./install.ts";

const name = "@flambeau/backend-cuda-native";
const own = `${name}-${process.platform}-${process.arch}`;
const names = platformNames(name);
const emulated = join(root, "packages/backend-cuda-native/build/libcuda-emulated.so");

// one program for both: on a card where there is one, else on the cpu, with the reason
const program = `
import { cudaNative, registerBackend, setDefaultDevice, tensor } from "flambeau";
const options = process.argv[2] ? { driver: process.argv[2] } : {};
const reason = await cudaNative.unavailableReason(options);
if (reason === null) {
  registerBackend(await cudaNative(options));
  setDefaultDevice("cuda");
} else console.log(reason);
const x = tensor([1, 2, 3]);
console.log(x.device, x.mul(x).sum().item(), (await x.exp().data()).length);
`;

/** What npm puts there: the packages given, and what they ask for of these. */
async function installed(folder: string, also: readonly string[]): Promise<(...args: string[]) => Promise<string[]>> {
  const target = await install(folder, [...closureOf("flambeau"), ...also]);
  writeFileSync(join(target, "program.mjs"), program);
  // neither compilers nor what this checkout has in the environment
  const env = { PATH: "/nowhere", HOME: target };
  return async (...args) => {
    const said = await quietly("the program", process.execPath, ["program.mjs", ...args], { cwd: target, env });
    return said
      .trim()
      .split("\n")
      .filter((line) => !line.startsWith("  hint: "));
  };
}

describe("the CUDA backend's packages", () => {
  test("the main one asks for those of all platforms in its own version", async () => {
    const said = await quietly("tar", "tar", ["-xzOf", inject("tarballs")[name] ?? "", "package/package.json"]);
    const { version, optionalDependencies, scripts = {} } = JSON.parse(said);
    expect(optionalDependencies).toEqual(Object.fromEntries(names.map((each) => [each, version])));
    expect(Object.keys(scripts).filter((script) => /install|prepare/.test(script))).toEqual([]);
  });

  test.each(targets)(
    "the one for $os-$cpu says what it is for, and its addon loads on older systems",
    async (target) => {
      const tarball = inject("tarballs")[`${name}-${nameOf(target)}`];
      if (tarball === undefined) return void console.warn(`SKIPPED: no compiler for ${nameOf(target)}`);
      const folder = await install(`cuda ${target.cpu}`, []);
      await quietly("tar", "tar", ["-xzf", tarball, "-C", folder]);
      const manifest = JSON.parse(readFileSync(join(folder, "package/package.json"), "utf8"));
      expect(manifest).toMatchObject({ os: [target.os], cpu: [target.cpu], libc: ["glibc"], license: "MIT" });
      expect(manifest.scripts).toBeUndefined();
      const demands = demandsOf(join(folder, "package", manifest.main));
      expect(demands.cpu).toBe(target.cpu);
      expect(notPortable(demands, oldestGlibc)).toEqual([]);
    },
  );
});

describe.skipIf(!inject("tarballs")[own])("a program that installed flambeau", () => {
  let run: (...args: string[]) => Promise<string[]>;
  beforeAll(async () => {
    run = await installed("cuda", [own]);
  }, 600_000);

  test("goes on on the cpu where there is no driver, and says why", async () => {
    const [reason, ...rest] = await run("/nowhere/libcuda.so.1");
    expect(reason).toMatch(/^cuda: there is no NVIDIA driver: \/nowhere\/libcuda\.so\.1: cannot open/);
    expect(rest).toEqual(["cpu 14 3"]);
  });
  test("and where the system finds none", async () => {
    const said = await run();
    if (said.length === 1)
      expect(said).toEqual(["cuda 14 3"]); // this machine has a card
    else expect(said).toEqual([expect.stringMatching(/^cuda: there is no NVIDIA driver: libcuda\.so\.1/), "cpu 14 3"]);
  });
  test.skipIf(!existsSync(emulated))("computes there where there is one", async () => {
    expect(await run(emulated)).toEqual(["cuda 14 3"]);
  });
  test("without the platform's package it says which is missing", async () => {
    const [reason, ...rest] = await (await installed("cuda without", []))();
    expect(reason).toBe(`cuda: the native addon is not there: the package ${own} is not installed`);
    expect(rest).toEqual(["cpu 14 3"]);
  });
});
