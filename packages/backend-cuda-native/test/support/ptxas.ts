import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether the assembler is there that drivers bring, too. */
export const hasPtxas = spawnSync("ptxas", ["--version"]).status === 0;

/** What a kernel takes on a card: registers of a thread, bytes of them that lie in memory instead, bytes of shared memory of a block. */
export interface Taken {
  readonly kernel: string;
  readonly registers: number;
  readonly spilled: number;
  readonly shared: number;
}

/** What kernels take that are assembled for a compute capability: all of a text, or one. @throws Error with what the assembler says. */
export function assembled(ptx: string, capability: number, entry?: string): Taken[] {
  const work = mkdtempSync(join(tmpdir(), "flambeau-ptxas-"));
  try {
    const source = join(work, "kernels.ptx");
    writeFileSync(source, ptx);
    const one = entry === undefined ? [] : ["--entry", entry];
    const args = ["-v", `--gpu-name=sm_${capability}`, ...one, source, "-o", join(work, "out.cubin")];
    const { status, stderr } = spawnSync("ptxas", args, { encoding: "utf8", maxBuffer: 2 ** 28 });
    if (status !== 0) throw new Error(stderr);
    const [, ...reports] = stderr.split("Compiling entry function '");
    return reports.map((report) => {
      const number = (pattern: RegExp) => Number(pattern.exec(report)?.[1] ?? 0);
      return {
        kernel: report.slice(0, report.indexOf("'")),
        registers: number(/Used (\d+) registers/),
        spilled: number(/(\d+) bytes spill stores/),
        shared: number(/(\d+) bytes smem/),
      };
    });
  } finally {
    rmSync(work, { recursive: true });
  }
}
