// Addons that were built here load elsewhere: they ask for no newer C library than that of 2018, for no other library, and show nothing else.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { UnavailableError } from "@flambeau/tensor/functional";
import { afterAll, describe, expect, test } from "vitest";
import { builtAddon } from "../scripts/native/compile.mjs";
import { demandsOf, notPortable } from "../scripts/native/elf.mjs";
import { loadAddon } from "../scripts/native/load.ts";
import { addonOf } from "../scripts/native/platforms.ts";
import { here, nameOf, oldestGlibc, targets } from "../scripts/native/targets.mjs";
import { compiler, compilerMissing } from "../scripts/setup/compiler.mjs";
import { root } from "../scripts/setup/paths.mjs";
import { packages } from "../scripts/workspace.ts";

const cxx = compiler();
if (!cxx || !here()) console.warn(`SKIPPED: addons: ${compilerMissing}`);
const work = mkdtempSync(join(tmpdir(), "flambeau-native-"));
afterAll(() => rmSync(work, { recursive: true }));
const portable = join(root, "scripts/native/portable.cc");

/** Compiles a program, and gives what it prints. */
function printed(program: string, ...flags: string[]): string {
  const [source, out] = [join(work, "program.cc"), join(work, "program")];
  writeFileSync(source, program);
  execFileSync(cxx ?? "", ["-std=c++17", source, ...flags, "-o", out]);
  return execFileSync(out, { encoding: "utf8" });
}

describe.skipIf(!cxx || !here())("addons", async () => {
  const owners = await Promise.all(packages().map(async ({ name, path }) => ({ name, addon: await addonOf(path) })));
  const built = owners.flatMap(({ name, addon }) =>
    addon ? targets.map((target) => ({ name, target, file: builtAddon(addon, target) })) : [],
  );
  test("there are some", () => {
    expect(built.filter(({ file }) => existsSync(file)).length).toBeGreaterThan(0);
  });
  test.each(built)("of $name for $target.cpu: $file", ({ file, target }) => {
    if (!existsSync(file) && target !== here()) return; // made when it is packed, which looks at it too
    const demands = demandsOf(file);
    expect(demands.cpu).toBe(target.cpu);
    expect(notPortable(demands, oldestGlibc)).toEqual([]);
    expect(demands.definedSymbols.filter((name) => !/^(napi|node_api)_/.test(name))).toEqual([]);
  });

  test("what is no such file, or asks for more, is told", () => {
    expect(() => demandsOf(import.meta.filename)).toThrow("is no ELF file of 64 bits");
    const demands = { cpu: "x64", undefinedSymbols: [], definedSymbols: [] };
    const libraries = ["libc.so.6", "libstdc++.so.6", "ld-linux-x86-64.so.2"];
    const versions = ["GLIBC_2.4", "GLIBC_2.28", "GLIBC_2.29", "GLIBCXX_3.4"];
    expect(notPortable({ ...demands, libraries, versions }, oldestGlibc)).toEqual([
      "it needs libstdc++.so.6",
      "it needs GLIBC_2.29, and may need glibc 2.28 at most",
      "it needs GLIBCXX_3.4, and may need glibc 2.28 at most",
    ]);
  });
  test("the linker's words agree with what is read", () => {
    printed("#include <thread>\nint main() { std::thread([] {}).join(); }");
    const { libraries, versions, cpu } = demandsOf(join(work, "program"));
    expect(cpu).toBe(process.arch);
    expect(libraries).toContain("libstdc++.so.6");
    expect(versions).toContain("GLIBCXX_3.4");
  });
  test("exceptions, threads, functions of libm and the loader work through the shim", () => {
    const program = `
      #include <dlfcn.h>
      #include <cmath>
      #include <cstdio>
      #include <cstdlib>
      #include <stdexcept>
      #include <thread>
      __attribute__((noinline)) void fail(int code) { throw std::runtime_error(std::to_string(code)); }
      int main(int argc, char**) {
        double x = argc + 1;
        try { fail(7); } catch (const std::exception& error) { printf("%s ", error.what()); }
        std::thread([] { try { fail(8); } catch (const std::exception& error) { printf("%s ", error.what()); } }).join();
        auto cosine = (double (*)(double))dlsym(dlopen("libm.so.6", RTLD_NOW), "cos");
        printf("%g %g %g %g %g %g\\n", exp(x), exp2(x), log(x), log2(x), pow(x, 10), cosine(0));
      }`;
    const flags = [portable, "-O2", "-pthread", "-ffunction-sections", "-Wl,--gc-sections", "-static-libstdc++"];
    expect(printed(program, ...flags, "-static-libgcc")).toBe("7 8 7.38906 4 0.693147 1 1024 1\n");
    const { versions, ...demands } = demandsOf(join(work, "program"));
    const addons = versions.filter((version) => version !== "GLIBC_2.34"); // that of a program's own start
    expect(notPortable({ ...demands, versions: addons }, oldestGlibc)).toEqual([]);
  });
  test("platforms are named as npm and Node name them", () => {
    expect(targets.map(nameOf)).toEqual(["linux-x64", "linux-arm64"]);
  });
});

describe("an addon is looked for", () => {
  const owner = { name: "@x/y", as: "y", file: "y", from: pathToFileURL(join(work, "y/src/addon.js")).href };
  const running = `${process.platform}-${process.arch}`;
  const put = (path: string, text: string) => {
    mkdirSync(join(work, path, ".."), { recursive: true });
    writeFileSync(join(work, path), text);
  };
  const load = (platforms: readonly string[]) => loadAddon({ ...owner, platforms });

  test("where there is none: the reason says why, as an error that callers tell apart", () => {
    expect(() => load(["beos-ppc"])).toThrow(`y: there is no native addon for ${running}, only for beos-ppc`);
    expect(() => load([running])).toThrow(UnavailableError);
    expect(() => load([running])).toThrow(
      /y: the native addon (is not there: the package @x\/y-\w+-\w+ is not installed|needs glibc)/,
    );
  });
  test("in the checkout, and before that in the platform's package; one that does not load says so", () => {
    put(`y/build/${running}/y.node`, "no addon");
    expect(() => load([running])).toThrow(/y: the native addon does not load: .*y\.node/s);
    put(`node_modules/@x/y-${running}/package.json`, JSON.stringify({ main: "./found.cjs" }));
    put(`node_modules/@x/y-${running}/found.cjs`, "module.exports = 42;");
    expect(load([running])).toBe(42);
  });
});
