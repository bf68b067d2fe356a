import type { FileSet } from "./folder.ts";

const installSeconds = 90;

/**
 * Install Debian's package of a data set with apt-get, where that is possible without asking anybody: Debian or a relative, and root.
 * Returns why it was not done, or nothing when it was.
 */
export async function installDebianPackage(set: FileSet, log: (line: string) => void): Promise<string | undefined> {
  const fs = globalThis.process?.getBuiltinModule?.("node:fs");
  const child = globalThis.process?.getBuiltinModule?.("node:child_process");
  if (!fs || !child || !set.debian) return "no Debian package to install here";
  if (!fs.existsSync("/etc/debian_version")) return "this is not Debian, so its package cannot be installed";
  if (process.getuid?.() !== 0) {
    return `not root: "sudo apt-get install ${set.debian.package}" would install it`;
  }
  const apt = (...args: string[]): Promise<string | undefined> =>
    new Promise((resolve) => {
      child.execFile(
        "apt-get",
        ["-qq", "-o", "DPkg::Lock::Timeout=60", "-o", "Acquire::Retries=1", ...args],
        { timeout: installSeconds * 1000, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } },
        (error, _out, stderr) => {
          if (!error) resolve(undefined);
          else if (error.killed) resolve(`apt-get took more than ${installSeconds} s`);
          else resolve(`apt-get failed: ${stderr.trim().split("\n").at(-1) || error.message}`);
        },
      );
    });
  log(`${set.name}: installing Debian's package ${set.debian.package} (${set.debian.size}) with apt-get`);
  const install = ["install", "-y", "--no-install-recommends", set.debian.package];
  if ((await apt(...install)) === undefined) return undefined;
  // a fresh container has no package lists yet
  return (await apt("update")) ?? (await apt(...install));
}
