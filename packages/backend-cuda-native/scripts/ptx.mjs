// Compiles the kernels to PTX with nvcc:
//   node packages/backend-cuda-native/scripts/ptx.mjs [--check]
// --check: compiles that for every architecture, as drivers will (minutes). Without nvcc it says so and leaves the committed PTX as it is.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { folder, kernels, kernelsHash, modules } from "./sources.mjs";

/** The architectures that the PTX is checked for. */
const checked = [75, 80, 86, 89, 90, 100, 120];
/** The lowest version of PTX that says all the kernels need; nvcc writes its own, which older drivers do not read. */
const version = "7.7";

/** @param {string} command @param {string[]} args */
function run(command, args) {
  const { status, error, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}\n${stderr}`);
  return stderr;
}

const work = mkdtempSync(join(tmpdir(), "flambeau-ptx-"));
try {
  run("nvcc", ["--version"]);
  let all = `// sources ${kernelsHash()}\n`;
  for (const { name, capability, flags } of modules) {
    const raw = join(work, `${name}.ptx`);
    const options = [`-arch=compute_${capability}`, "-std=c++17", "-O3", ...flags];
    run("nvcc", [...options, "-ptx", join(kernels, `${name}.cu`), "-o", raw]);
    const text = readFileSync(raw, "utf8")
      .replace(/^\.version .*$/m, `.version ${version}`)
      .replace(/^\/\/.*\n/gm, "");
    writeFileSync(raw, text);
    all += `// module ${capability} ${name}\n${text}`;
    for (const architecture of process.argv.includes("--check") ? checked.filter((one) => one >= capability) : []) {
      const report = run("ptxas", ["-v", `--gpu-name=sm_${architecture}`, raw, "-o", join(work, "out.cubin")]);
      const registers = [...report.matchAll(/Used (\d+) registers/g)].map(([, n]) => Number(n));
      const spills = [...report.matchAll(/(\d+) bytes spill stores/g)].map(([, n]) => Number(n));
      process.stdout.write(
        `${name}, sm_${architecture}: up to ${Math.max(...registers)} registers, up to ${Math.max(...spills)} bytes spilled\n`,
      );
    }
  }
  const packed = brotliCompressSync(all, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  writeFileSync(join(folder, "kernels.ptx.br"), packed);
  process.stdout.write(`kernels.ptx.br: ${all.length} bytes of PTX in ${packed.length}\n`);
} catch (error) {
  const absent = error instanceof Error && "code" in error && error.code === "ENOENT";
  process.stderr.write(absent ? "SKIPPED: nvcc is not there, the PTX stays as it is\n" : `${error}\n`);
  process.exitCode = absent ? 0 : 1;
} finally {
  rmSync(work, { recursive: true });
}
