import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Remove what processes that were ended before they could tidy up left in a folder: `<prefix><process id>`, and what follows. */
export async function removeOrphans(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const owner = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
    if (owner > 0 && !alive(owner)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

function alive(id: number): boolean {
  try {
    process.kill(id, 0); // signal 0 only asks
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
