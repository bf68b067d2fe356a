// Names of temporary files say who writes them, so that what a killed process left behind can be told from what is being written.
// They do not hold the name of the file they become: names may fill all that a file system allows.

/** The host as a file name can have it. */
const host = (): string =>
  process
    .getBuiltinModule("node:os")
    .hostname()
    .replace(/[^\w-]/g, "_")
    .slice(0, 64);

export const temporaryName = (): string => `.flambeau-${host()}-${process.pid}-${crypto.randomUUID().slice(0, 8)}.tmp`;

/** Remove the temporary files in `folder` whose processes, of this host, are gone. */
export async function removeStale(folder: string): Promise<void> {
  const fs = process.getBuiltinModule("node:fs/promises");
  const { join } = process.getBuiltinModule("node:path");
  const ours = `.flambeau-${host()}-`;
  const entries = await fs.readdir(folder).catch(() => []); // a folder may be written to and not listed
  for (const entry of entries) {
    const [, pid] = (entry.startsWith(ours) && /^(\d+)-[0-9a-f]{8}\.tmp$/.exec(entry.slice(ours.length))) || [];
    if (pid === undefined) continue;
    const path = join(folder, entry);
    if (await isStale(Number(pid), path)) await fs.rm(path, { force: true }).catch(() => {});
  }
}

async function isStale(pid: number, path: string): Promise<boolean> {
  if (pid !== process.pid) return !isAlive(pid);
  // of a process before this one with the same number, as the first of a container has it
  const written = await process
    .getBuiltinModule("node:fs/promises")
    .stat(path)
    .catch(() => undefined);
  return written !== undefined && written.mtimeMs < Date.now() - process.uptime() * 1000;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0); // sends nothing
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
