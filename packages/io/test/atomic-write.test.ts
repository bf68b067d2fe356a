import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { ArgumentError } from "@flambeau/tensor/functional";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { atomicWrite } from "../src/files/atomic-write.ts";
import { temporaryName } from "../src/files/temporary.ts";
import { load } from "../src/index.ts";
import { parseSafetensors } from "../src/safetensors/parse.ts";

const before = new TextEncoder().encode("the checkpoint before");
const after = new TextEncoder().encode("the checkpoint after");
const script = (name: string) => join(import.meta.dirname, name);

let folder: string;
let mounted: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flambeau-write-"));
  mounted = [];
});
afterEach(async () => {
  for (const at of mounted.reverse()) execFileSync("umount", [at]);
  await rm(folder, { recursive: true });
});

/** Mount a small file system in memory; a string says why that is not possible. */
function mountMemory(at: string, bytes: number): string | undefined {
  if (process.platform !== "linux") return "mounting a small disk needs Linux";
  if (process.getuid?.() !== 0) return "mounting a small disk needs root";
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "none", at], { stdio: "pipe" });
  } catch (error) {
    return `this system does not allow mounting: ${error instanceof Error ? error.message.trim() : error}`;
  }
  mounted.push(at);
  return undefined;
}

describe("atomicWrite", () => {
  it("writes a new file and replaces an old one, leaving nothing else", async () => {
    const path = join(folder, "model.safetensors");
    await atomicWrite(path, before);
    await atomicWrite(path, after);
    expect(new Uint8Array(await readFile(path))).toEqual(after);
    expect(await readdir(folder)).toEqual(["model.safetensors"]);
  });

  it("keeps the permissions of the file it replaces", async () => {
    const path = join(folder, "model");
    await writeFile(path, before);
    for (const mode of [0o600, 0o666]) {
      await chmod(path, mode);
      await atomicWrite(path, after);
      expect((await stat(path)).mode & 0o777).toBe(mode);
    }
  });

  it("writes through a symbolic link", async () => {
    await writeFile(join(folder, "run-3"), before);
    await symlink(join(folder, "run-3"), join(folder, "latest"));
    await atomicWrite(join(folder, "latest"), after);
    expect(new Uint8Array(await readFile(join(folder, "run-3")))).toEqual(after);
  });

  it("makes the file that a dangling link names, and leaves the link", async () => {
    await mkdir(join(folder, "runs"));
    await symlink("runs/../runs/run-4", join(folder, "next"));
    await symlink("next", join(folder, "latest"));
    await atomicWrite(join(folder, "latest"), after);
    expect(await readlink(join(folder, "latest"))).toBe("next");
    expect(new Uint8Array(await readFile(join(folder, "runs/run-4")))).toEqual(after);
    await symlink("round", join(folder, "round"));
    await expect(atomicWrite(join(folder, "round"), after)).rejects.toMatchObject({
      name: "WriteError",
      code: "ELOOP",
    });
  });

  it("leaves devices and FIFOs what they are", async (context) => {
    if (process.platform === "win32") return context.skip("Windows has neither");
    const fifo = join(folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    const message = "no regular file but a device, a FIFO or a socket (EINVAL)";
    for (const path of [fifo, "/dev/null"]) await expect(atomicWrite(path, after)).rejects.toThrow(message);
    expect([(await stat(fifo)).isFIFO(), (await stat("/dev/null")).isCharacterDevice()]).toEqual([true, true]);
    // nor does reading wait for a writer
    await expect(load(fifo)).rejects.toThrow(message);
  });

  it("takes names as long as the file system does, and file: URLs", async () => {
    const path = join(folder, `${"n".repeat(240)}.safetensors`);
    await atomicWrite(path, before);
    await atomicWrite(pathToFileURL(path), after);
    expect(new Uint8Array(await readFile(path))).toEqual(after);
    await expect(atomicWrite(join(folder, "n".repeat(300)), after)).rejects.toMatchObject({ code: "ENAMETOOLONG" });
  });

  it.each<[unknown, string]>([
    ["", 'the path is a string or a file: URL, got ""'],
    ["a\0b", 'got "a\\u0000b"'],
    [3, "got number"],
    [new URL("https://host/m"), "the path is a file's, got the address https://host/m"],
  ])("refuses the path %j", async (path, message) => {
    await expect(atomicWrite(path as string, after)).rejects.toThrow(message);
    await expect(atomicWrite(path as string, after)).rejects.toBeInstanceOf(ArgumentError);
  });

  it("removes what killed processes left behind, and nothing else", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    const ours = temporaryName();
    const dead = ours.replace(`-${process.pid}-`, `-${child.pid}-`);
    const reused = temporaryName();
    const others = [
      ours,
      ours.replace(`-${process.pid}-`, `-${process.ppid}-`),
      dead.replace(".flambeau-", ".flambeau-other"),
      `${dead}.txt`,
    ];
    for (const name of [dead, reused, ...others]) await writeFile(join(folder, name), before);
    await utimes(join(folder, reused), 1, 1); // of a process before, with our number
    await atomicWrite(join(folder, "model"), after);
    expect(await readdir(folder)).toEqual([...others, "model"].sort());
  });

  it("says that the folder does not exist", async () => {
    const path = join(folder, "nowhere", "model");
    await expect(atomicWrite(path, after)).rejects.toMatchObject({
      name: "WriteError",
      code: "ENOENT",
      path,
      message: expect.stringContaining(`${path}: not written: the folder does not exist (ENOENT)`),
    });
  });

  it("refuses to replace a folder, and cleans up", async () => {
    await mkdir(join(folder, "model"));
    await expect(atomicWrite(join(folder, "model"), after)).rejects.toThrow("the path is a folder (EISDIR)");
    expect(await readdir(folder)).toEqual(["model"]);
  });

  it("leaves the file before as it was when the disk is full", async (context) => {
    const disk = join(folder, "disk");
    await mkdir(disk);
    const impossible = mountMemory(disk, 1 << 20);
    if (impossible) return context.skip(impossible);
    const path = join(disk, "model");
    await atomicWrite(path, before);
    const attempt = atomicWrite(path, new Uint8Array(2 << 20));
    await expect(attempt).rejects.toMatchObject({ name: "WriteError", code: "ENOSPC", path });
    await expect(attempt).rejects.toThrow(
      `${path}: not written: the disk is full (ENOSPC); the previous file, if any, is unchanged`,
    );
    expect(new Uint8Array(await readFile(path))).toEqual(before);
    expect(await readdir(disk)).toEqual(["model"]);
    await atomicWrite(path, after);
    expect(new Uint8Array(await readFile(path))).toEqual(after);
  });

  it("leaves the file before as it was on a read-only disk", async (context) => {
    const disk = join(folder, "disk");
    await mkdir(disk);
    const impossible = mountMemory(disk, 1 << 20);
    if (impossible) return context.skip(impossible);
    const path = join(disk, "model");
    await atomicWrite(path, before);
    execFileSync("mount", ["-o", "remount,ro", disk]);
    await expect(atomicWrite(path, after)).rejects.toThrow("the file system is read-only (EROFS)");
    expect(new Uint8Array(await readFile(path))).toEqual(before);
  });

  it("leaves the file before as it was in a folder without write permission", async (context) => {
    if (process.platform === "win32") return context.skip("Windows has other permissions");
    const path = join(folder, "model");
    await writeFile(path, before);
    await chmod(folder, 0o555);
    const run = promisify(execFile)(process.execPath, [script("write-as-nobody.ts"), path]);
    const { stdout } = await run.finally(() => chmod(folder, 0o755));
    expect(stdout).toContain(`${path}: not written: permission denied (EACCES)`);
    expect(new Uint8Array(await readFile(path))).toEqual(before);
    expect(await readdir(folder)).toEqual(["model"]);
  });

  it("holds a whole file, the previous or the new one, whenever the process is killed", async (context) => {
    if (process.platform === "win32") return context.skip("Windows has no SIGKILL");
    const path = join(folder, "model");
    let saved = 0;
    for (let round = 0; round < 8; round++) {
      const child = spawn(process.execPath, [script("save-loop.ts"), path, `${saved}`], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const from = saved;
      child.stdout.on("data", (dots: Uint8Array) => {
        saved += dots.length;
      });
      const died = once(child, "exit").then(([code]) => {
        throw new Error(`save-loop.ts ended with ${code}`);
      });
      while (saved < from + 2) await Promise.race([once(child.stdout, "data"), died]);
      died.catch(() => {}); // from here on it is killed
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
      child.kill("SIGKILL");
      await once(child, "close");
      const { tensors, metadata } = parseSafetensors(new Uint8Array(await readFile(path)));
      const step = Number(metadata.get("step"));
      // the last one that was reported, or one more whose report the kill cut off
      expect([saved - 1, saved]).toContain(step);
      expect(tensors.get("state")?.bytes.every((byte) => byte === step % 251)).toBe(true);
      saved = step + 1;
    }
    await atomicWrite(path, after);
    expect(await readdir(folder)).toEqual(["model"]);
  });
});
