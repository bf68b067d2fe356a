import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acquire } from "../src/files/acquire.ts";
import { cacheFolder, type FileSet } from "../src/files/folder.ts";

const content = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 5, 6, 7]);
const digest = createHash("sha256").update(content).digest("hex");
const packed = new Uint8Array(gzipSync(content));

let folder: string;
let server: Server | undefined;
let lines: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flambeau-acquire-"));
  lines = [];
});
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((done) => (server ? server.close(() => done()) : done()));
  server = undefined;
  await rm(folder, { recursive: true });
});

/** A mirror that answers with `bytes`, or never when there are none; gives its address. */
const serve = async (bytes: Uint8Array | undefined, status = 200): Promise<string> => {
  server = createServer((_, response) => {
    if (bytes) response.writeHead(status).end(bytes);
  });
  await new Promise<void>((done) => server?.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's address is always one
};

const setWith = (more: Partial<FileSet> = {}): FileSet => ({
  name: "tiny",
  files: { labels: { bytes: content.length, sha256: digest } },
  mirrors: [],
  ...more,
});
const log = (line: string) => lines.push(line);
const cache = () => join(folder, "cache");
const put = async (name: string, bytes: Uint8Array) => {
  await mkdir(join(folder, name, ".."), { recursive: true });
  await writeFile(join(folder, name), bytes);
};

describe("acquire", () => {
  it.each([
    ["raw", "labels", content],
    ["gzip", "labels.gz", packed],
    ["gzip without its ending", "labels", packed],
  ])("reads %s files from the folder given", async (_, name, bytes) => {
    await put(`root/${name}`, bytes);
    const got = await acquire(setWith(), ["labels"], { root: join(folder, "root"), cache: cache(), log });
    expect(got.source).toBe("folder");
    expect(new Uint8Array(got.contents.get("labels") ?? [])).toEqual(content);
    expect(lines).toEqual([]);
  });

  it("looks into the folder given, the cache, Debian's folder and the mirrors, in this order", async () => {
    const url = await serve(packed);
    const debian = { folder: join(folder, "debian"), package: "dataset-tiny", size: "1 kB" };
    const root = join(folder, "root");
    const source = async () =>
      (await acquire(setWith({ debian, mirrors: [url] }), ["labels"], { root, cache: cache(), log })).source;
    expect(await source()).toBe("download");
    expect(await source()).toBe("cache"); // what was downloaded is kept
    await rm(cache(), { recursive: true });
    await put("debian/labels.gz", packed);
    expect(await source()).toBe("debian");
    await put("cache/labels.gz", packed);
    expect(await source()).toBe("cache");
    await put("root/labels.gz", packed);
    expect(await source()).toBe("folder");
  });

  it("keeps a download whole, under its final name only", async () => {
    const url = await serve(packed);
    await acquire(setWith({ mirrors: [url] }), ["labels"], { cache: cache(), log });
    expect(await readdir(cache())).toEqual(["labels.gz"]);
    expect(new Uint8Array(await readFile(join(cache(), "labels.gz")))).toEqual(packed);
  });

  it("names a damaged file in the folder given, and loads nothing", async () => {
    const changed = content.slice();
    changed[9] ^= 1;
    await put("root/labels", changed);
    const root = join(folder, "root");
    await expect(acquire(setWith(), ["labels"], { root, cache: cache(), log })).rejects.toThrow(
      `${root}/labels: the content is not the published one: sha256 is`,
    );
    await writeFile(join(root, "labels"), content.subarray(0, 7));
    await expect(acquire(setWith(), ["labels"], { root, cache: cache(), log })).rejects.toMatchObject({
      name: "FormatError",
      file: `${root}/labels`,
      offset: 7,
    });
  });

  it("passes over a damaged cache, aloud, and mends it", async () => {
    await put("cache/labels.gz", packed.subarray(0, 20));
    const url = await serve(packed);
    const got = await acquire(setWith({ mirrors: [url] }), ["labels"], { cache: cache(), log });
    expect(got.source).toBe("download");
    expect(lines[0]).toMatch(/tiny: passing over .*labels\.gz: the gzip data ends too early/);
    expect(new Uint8Array(await readFile(join(cache(), "labels.gz")))).toEqual(packed);
  });

  it("says all that was tried when the files are nowhere to be had", async () => {
    const url = await serve(new TextEncoder().encode("gone"), 404);
    const attempt = acquire(setWith({ mirrors: [url] }), ["labels"], { root: folder, cache: cache(), log });
    await expect(attempt).rejects.toThrow(
      `tiny: the files are nowhere to be had: no labels or labels.gz in ${folder}; ` +
        `no labels or labels.gz in ${cache()}; ${url}: 404 Not Found`,
    );
    await expect(attempt).rejects.toMatchObject({ name: "UnavailableError" });
  });

  it.each([
    ["other bytes", gzipSync(content.slice().fill(1, 8)), /sha256 is/],
    ["more bytes than the file has", new Uint8Array(3000), /more than the 1035 bytes/],
    ["an error page", new TextEncoder().encode("<html>"), /the content has 6 bytes, expected 11/],
  ])("does not keep a download of %s", async (_, bytes, message) => {
    const url = await serve(new Uint8Array(bytes));
    await expect(acquire(setWith({ mirrors: [url] }), ["labels"], { cache: cache(), log })).rejects.toThrow(message);
    await expect(readdir(cache())).rejects.toThrow("ENOENT");
  });

  it("gives up on a mirror that does not answer", async () => {
    const url = await serve(undefined);
    const attempt = acquire(setWith({ mirrors: [url] }), ["labels"], { cache: cache(), timeout: 100, log });
    await expect(attempt).rejects.toThrow(/timeout/);
  });
});

describe("Debian's package", () => {
  const path = process.env.PATH;
  afterEach(() => {
    process.env.PATH = path;
  });

  /** An apt-get that notes how it is called and does what a script says. */
  const aptGet = async (script: string) => {
    await mkdir(join(folder, "bin"));
    const note = `#!/bin/sh\necho "$@" >> ${folder}/calls\n${script}\n`;
    await writeFile(join(folder, "bin/apt-get"), note, { mode: 0o755 });
    process.env.PATH = `${join(folder, "bin")}:${path}`;
  };
  const calls = async () => (await readFile(join(folder, "calls"), "utf8")).match(/ (update|install .*)$/gm);
  const debian = () => ({ folder: join(folder, "debian"), package: "dataset-tiny", size: "1 kB" });
  const get = () => acquire(setWith({ debian: debian() }), ["labels"], { cache: cache(), install: true, log });
  const impossible = (): string | undefined => {
    if (!existsSync("/etc/debian_version")) return "needs Debian";
    return process.getuid?.() === 0 ? undefined : "needs root";
  };

  it("is installed when it is missing, after an update of the lists if need be, and that is said", async (context) => {
    const reason = impossible();
    if (reason) return context.skip(reason);
    await put("content", packed);
    await aptGet(`case "$*" in
      *update*) touch ${folder}/updated ;;
      *) [ -e ${folder}/updated ] || exit 100; mkdir ${folder}/debian; cp ${folder}/content ${folder}/debian/labels.gz ;;
    esac`);
    expect((await get()).source).toBe("debian");
    const install = " install -y --no-install-recommends dataset-tiny";
    expect(await calls()).toEqual([install, " update", install]);
    expect(lines).toEqual(["tiny: installing Debian's package dataset-tiny (1 kB) with apt-get"]);
  });

  it("is passed over when apt-get fails, with its reason", async (context) => {
    const reason = impossible();
    if (reason) return context.skip(reason);
    await aptGet("echo 'E: no such package' >&2; exit 100");
    await expect(get()).rejects.toThrow("apt-get failed: E: no such package");
  });

  it.each([undefined, false])("is left alone with install: %s", async (install) => {
    await aptGet("exit 0");
    const options = { cache: cache(), install, log };
    await expect(acquire(setWith({ debian: debian() }), ["labels"], options)).rejects.toThrow("nowhere to be had");
    expect(existsSync(join(folder, "calls"))).toBe(false);
  });
});

describe("cacheFolder", () => {
  it("follows the XDG base directory specification", () => {
    const before = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = "/some/cache";
    try {
      expect(cacheFolder(setWith())).toBe("/some/cache/flambeau/tiny");
    } finally {
      if (before === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = before;
    }
  });
});
