// What is kept of compiled programs has bounds, in bytes and in files: what was not used for longest goes.
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DiskCache } from "../src/generated/cache.ts";

let folder: string;
let cache: DiskCache;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flambeau-cache-"));
  cache = new DiskCache(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const name = (of: string): string => `${createHash("sha256").update(of).digest("hex")}.ptx`;
/** A file as the cache has them, of so many bytes (which take no room), and used so many minutes ago. */
function old(file: string, bytes: number, minutes: number): void {
  const path = join(folder, file);
  writeFileSync(path, "");
  truncateSync(path, bytes);
  const then = new Date(Date.now() - 60_000 * minutes);
  utimesSync(path, then, then);
}
const mebibyte = 2 ** 20;

test("below the bounds all stays", () => {
  for (let i = 0; i < 3; i++) old(name(`${i}`), 21 * mebibyte, i + 1);
  cache.set("mine", "text");
  expect(cache.get("mine")).toBe("text");
  expect(readdirSync(folder)).toHaveLength(4);
});
test("beyond 64 MiB those go that nobody used for longest, and what was read last stays", () => {
  cache.set("first", "kept of the first");
  old(name("second"), 30 * mebibyte, 20);
  old(name("third"), 30 * mebibyte, 10);
  const then = new Date(Date.now() - 60_000 * 30);
  utimesSync(join(folder, name("first")), then, then); // the oldest of all
  expect(cache.get("first")).toBe("kept of the first"); // and now it is the youngest
  cache.set("mine", "x".repeat(10 * mebibyte));
  expect(readdirSync(folder).sort()).toEqual([name("first"), name("third"), name("mine")].sort());
  expect(cache.get("first")).toBe("kept of the first");
  expect(cache.get("mine")?.length).toBe(10 * mebibyte);
});
test("a text beyond the bounds alone is not kept", () => {
  cache.set("vast", "x".repeat(65 * mebibyte));
  expect(readdirSync(folder)).toEqual([]);
  expect(cache.get("vast")).toBeNull();
  cache.set("mine", "text");
  expect(cache.get("mine")).toBe("text");
});
test("beyond 2,048 files the oldest go; drafts that somebody left, too, and no other files", () => {
  for (let i = 0; i < 2048; i++) old(name(`${i}`), 10, 2 * i + 1);
  old(`${name("left")}.123-0`, 10, 10_000);
  writeFileSync(join(folder, "notes.txt"), "not ours");
  cache.set("mine", "text");
  const left = readdirSync(folder);
  expect(left).toHaveLength(2048 + 1);
  expect(left).toContain("notes.txt");
  expect(left).toContain(name("mine"));
  expect(left).toContain(name("2046"));
  expect(left).not.toContain(name("2047"));
  expect(left.filter((file) => /-0$/.test(file))).toEqual([]);
});
