import "./backend.ts";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FormatError, manualSeed, rand, type Tensor } from "@flambeau/tensor";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { encode, encodeNpy, FetchError, load, loadMetadata, loadNpy, ReadError } from "../src/index.ts";
import { type Answerer, rangeOf, send, serve } from "./server.ts";

// 1.6 MB: more than a first request brings, in tensors that lie apart
let bytes: Uint8Array;
let small: Uint8Array;
let tensors: { [name: string]: Tensor };
let folder: string;
beforeAll(async () => {
  manualSeed(0);
  tensors = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`t${i}`, rand([100, 1000])]));
  bytes = await encode(tensors, { metadata: { epoch: "3" } });
  small = await encode({ t0: rand([3]) });
  folder = await mkdtemp(join(tmpdir(), "flambeau-http-"));
});
afterAll(() => rm(folder, { recursive: true }));

const same = (a: { [name: string]: Tensor }, names = Object.keys(tensors)) => {
  expect(Object.keys(a).sort()).toEqual(names);
  for (const name of names) expect(a[name].equal(tensors[name])).toBe(true);
};
const right: Answerer = (request, response) => send(request, response, bytes);
const digest = (algorithm: string, of = bytes) => `${algorithm}-${createHash(algorithm).update(of).digest("base64")}`;
const fresh = () => mkdtemp(join(folder, "cache-"));

describe("a file at an address", () => {
  it("comes in the parts that are asked for", async () => {
    await using server = await serve(right);
    same(await load(server.url));
    expect(server.asked.map(({ range }) => range)).toEqual(["bytes=0-65535", `bytes=65536-${bytes.length - 1}`]);
    server.asked.length = 0;
    same(await load(new URL(server.url), { only: ["t2"] }), ["t2"]);
    expect(server.asked).toHaveLength(2);
    const [, from, last] = /bytes=(\d+)-(\d+)/.exec(server.asked[1].range ?? "") ?? [];
    expect(Number(last) + 1 - Number(from)).toBe(400_000);
    server.asked.length = 0;
    expect(await loadMetadata(server.url)).toEqual({ epoch: "3" });
    expect(server.asked).toHaveLength(1);
  });

  it("may be small, empty or of another format", async () => {
    const npy = encodeNpy({ dtype: "uint8", shape: [3], bytes: new Uint8Array([1, 2, 3]) });
    await using server = await serve((request, response) =>
      send(request, response, request.url === "/npy" ? npy : request.url === "/none" ? new Uint8Array() : small),
    );
    expect((await load(server.url)).t0.shape).toEqual([3]);
    expect((await loadNpy(`${server.url}npy`)).tolist()).toEqual([1, 2, 3]);
    await expect(load(`${server.url}none`)).rejects.toThrow(
      "a safetensors file starts with 8 bytes of header length, this one has 0",
    );
  });

  it("may be a data: or blob: address, or a Blob", async () => {
    const url = `data:application/octet-stream;base64,${Buffer.from(small).toString("base64")}`;
    expect((await load(url)).t0.shape).toEqual([3]);
    const blob = new Blob([bytes as Uint8Array<ArrayBuffer>]);
    same(await load(blob));
    const address = URL.createObjectURL(blob);
    same(await load(address));
    URL.revokeObjectURL(address);
    await expect(load(address)).rejects.toThrow(FetchError);
    await expect(load(new File(["no tensors in here"], "notes.txt"))).rejects.toMatchObject({ file: "notes.txt" });
  });

  it("comes whole where the server does not know ranges", async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { "Content-Length": String(bytes.length) }).end(bytes);
    });
    same(await load(server.url));
    expect(server.asked).toHaveLength(1);
    // nor says how long it is
    await using chunked = await serve((_, response) => {
      response.write(bytes.subarray(0, 1000));
      response.end(bytes.subarray(1000));
    });
    same(await load(chunked.url));
  });

  it("is found behind redirections, unless they never end or give up encryption", async () => {
    await using server = await serve((request, response) => {
      if (request.url === "/file") return send(request, response, bytes);
      response.writeHead(302, { Location: request.url === "/loop" ? "/loop" : "/file" }).end();
    });
    same(await load(`${server.url}moved`));
    await expect(load(`${server.url}loop`)).rejects.toThrow(FetchError);
    const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
      const response = new Response("x", { status: 200 });
      Object.defineProperty(response, "url", { value: "http://elsewhere/model" });
      return response;
    });
    await expect(load("https://host/model")).rejects.toThrow(
      "redirected to http://elsewhere/model, which is not encrypted",
    );
    fetched.mockRestore();
  });

  it("is refused with the server's own word", async () => {
    await using server = await serve((_, response) => void response.writeHead(404).end());
    await expect(load(`${server.url}m?secret=1`)).rejects.toMatchObject({
      name: "FetchError",
      status: 404,
      message: `${server.url}m: not read: the server answered 404 Not Found\n  hint: check the address`,
    });
    const { url } = await serve(right).then(async (gone) => {
      await gone[Symbol.asyncDispose]();
      return gone;
    });
    await expect(load(url)).rejects.toMatchObject({ name: "FetchError", status: undefined });
  });
});

describe("a server that contradicts itself is refused", () => {
  /** Every answer is right but for what `wrong` does. */
  const lying = (
    wrong: (part: { from: number; to: number }, number: number) => { [header: string]: string } | undefined,
  ): Answerer => {
    return (request, response, number) => {
      const part = rangeOf(request, bytes.length);
      send(request, response, bytes, part && wrong(part, number));
    };
  };
  it.each<[string, Answerer, string]>([
    [
      "another part than was asked for",
      lying(({ from, to }) => ({ "Content-Range": `bytes ${from + 1}-${to}/${bytes.length}` })),
      "asked for bytes 0 to 65535, the server sent bytes 1 to 65536",
    ],
    [
      "a part that is longer than its range",
      lying(({ from, to }) => ({ "Content-Range": `bytes ${from}-${to - 2}/${bytes.length}` })),
      "the answer has 65536 bytes, its Content-Range is bytes 0-65534/",
    ],
    ["a range of no sense", lying(() => ({ "Content-Range": "bytes 9-3/2" })), 'its Content-Range is "bytes 9-3/2"'],
    ["a range that is none", lying(() => ({ "Content-Range": "lines 1-2/3" })), 'its Content-Range is "lines 1-2/3"'],
    [
      "another size the second time",
      lying(({ from, to }, n) => ({ "Content-Range": `bytes ${from}-${to - 1}/${bytes.length + n}` })),
      "was changed on the server while it was read",
    ],
    [
      "another version the second time",
      lying((_, n) => ({ ETag: `"${n}"` })),
      "was changed on the server while it was read",
    ],
    ["a part that is compressed", lying(() => ({ "Content-Encoding": "gzip" })), "came compressed"],
    [
      "a size that nobody has",
      lying(({ from, to }) => ({ "Content-Range": `bytes ${from}-${to - 1}/99999999999999999999` })),
      "its Content-Range is",
    ],
    [
      "a part without a range",
      (request, response) => {
        const { from, to } = rangeOf(request, bytes.length) ?? { from: 0, to: 0 };
        response.writeHead(206).end(bytes.subarray(from, to));
      },
      "a part of the file came without a Content-Range",
    ],
    [
      "all of it, after parts",
      (request, response, n) => {
        if (n === 0) return send(request, response, bytes);
        response.writeHead(200).end(bytes);
      },
      "was changed on the server",
    ],
    [
      "less than it announced",
      (request, response) => {
        const { from, to } = rangeOf(request, bytes.length) ?? { from: 0, to: 0 };
        response.writeHead(206, { "Content-Range": `bytes ${from}-${to - 1}/${bytes.length}` });
        response.end(bytes.subarray(from, from + 10));
      },
      "the server sent 10 of the 65536 bytes that it announced",
    ],
    [
      "more than it announced",
      (request, response) => {
        const { from, to } = rangeOf(request, bytes.length) ?? { from: 0, to: 0 };
        response.writeHead(206, { "Content-Range": `bytes ${from}-${to - 1}/${bytes.length}` });
        response.end(bytes.subarray(from, to + 10));
      },
      "the server sent more than the 65536 bytes that it announced",
    ],
    [
      "a Content-Length that is too large",
      (_, response) => {
        response.writeHead(200, { "Content-Length": String(bytes.length + 100) }).write(bytes);
        setTimeout(() => response.destroy(), 50);
      },
      "the connection broke after",
    ],
    ["nothing to read", (_, response) => void response.writeHead(204).end(), "the server answered 204"],
    ["not modified, unasked", (_, response) => void response.writeHead(304).end(), "the server answered 304"],
  ])("%s", async (_, answer, message) => {
    await using server = await serve(answer);
    const error = await load(server.url).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(FetchError);
    expect(String(error)).toContain(message);
    expect(server.asked.length).toBeLessThan(5);
  });

  it("a Content-Length that is too small", async () => {
    // the platform cuts the rest off; what is left is a file that ends early
    await using server = await serve((_, response) => {
      response.writeHead(200, { "Content-Length": "1000", Connection: "close" });
      response.socket?.write(`HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n`);
      response.socket?.end(bytes.subarray(0, 5000));
    });
    const error = await load(server.url).catch((e: unknown) => e);
    expect([FetchError, FormatError].some((kind) => error instanceof kind)).toBe(true);
  });

  it("a header that announces more than the file has", async () => {
    const cut = bytes.subarray(0, 200_000);
    await using server = await serve((request, response) => send(request, response, cut));
    await expect(load(server.url)).rejects.toThrow(FormatError);
  });
});

describe("a connection that breaks", () => {
  /** Sends `most` bytes of each answer and hangs up; the first `times` times. */
  const breaking =
    (most: number, times: number, headers: { [name: string]: string } = {}): Answerer =>
    (request, response, n) => {
      if (n >= times) return send(request, response, bytes, headers);
      const part = rangeOf(request, bytes.length);
      const { from, to } = part ?? { from: 0, to: bytes.length };
      response.writeHead(part ? 206 : 200, {
        ETag: '"1"',
        ...headers,
        "Content-Length": String(to - from),
        ...(part && { "Content-Range": `bytes ${from}-${to - 1}/${bytes.length}` }),
      });
      response.write(bytes.subarray(from, Math.min(to, from + most)), () => setTimeout(() => response.destroy(), 20));
    };

  it("is taken up again where it broke", async () => {
    await using server = await serve((request, response, n) =>
      n === 0 ? send(request, response, bytes) : breaking(500_000, 3)(request, response, n),
    );
    same(await load(server.url));
    const starts = server.asked.map(({ range }) => Number(/\d+/.exec(range ?? "")?.[0]));
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts.at(-1)).toBeGreaterThan(500_000);
  });

  it("is taken up again in what is read as a whole, of the same version", async () => {
    await using server = await serve(breaking(700_000, 2));
    same(await load(server.url, { integrity: digest("sha256") }));
    expect(server.asked.map(({ range }) => range === undefined)).toEqual([true, false, false]);
  });

  it("begins anew where the version changed, or has no name", async () => {
    for (const answer of [
      ((request, response, n) => breaking(700_000, 1, { ETag: `"${n}"` })(request, response, n)) satisfies Answerer,
      ((request, response, n) => {
        if (n > 0) return void response.writeHead(200).end(bytes);
        breaking(700_000, 1)(request, response, n);
      }) satisfies Answerer,
    ]) {
      await using server = await serve(answer);
      const seen: number[] = [];
      same(await load(server.url, { integrity: digest("sha512"), onProgress: ({ loaded }) => void seen.push(loaded) }));
      expect(seen.at(-1)).toBe(bytes.length);
    }
  });

  it("again and again, without anything new, is an error", async () => {
    await using server = await serve(breaking(0, 100));
    await expect(load(server.url)).rejects.toThrow("the connection broke after 0 bytes");
    expect(server.asked).toHaveLength(3);
  });

  it("is not the only thing that passes", async () => {
    await using server = await serve((request, response, n) => {
      if (n < 2) return void response.writeHead(503).end();
      send(request, response, bytes);
    });
    same(await load(server.url));
    await using down = await serve((_, response) => void response.writeHead(503).end());
    await expect(load(down.url)).rejects.toMatchObject({ status: 503 });
  });
});

describe("options", () => {
  it("onProgress is told each step", async () => {
    await using server = await serve(right);
    const seen: { file: string; loaded: number; total: number | undefined }[] = [];
    await load(server.url, { onProgress: (step) => seen.push(step) });
    expect(seen.at(-1)).toEqual({ file: server.url, loaded: bytes.length, total: bytes.length });
    expect(seen.map(({ loaded }) => loaded)).toEqual(seen.map(({ loaded }) => loaded).sort((a, b) => a - b));
    const path = join(folder, "local.safetensors");
    await writeFile(path, bytes);
    seen.length = 0;
    await load(path, { onProgress: (step) => seen.push(step) });
    expect(seen.at(-1)).toEqual({ file: path, loaded: bytes.length, total: bytes.length });
  });

  it("signal ends the reading with its reason, at any time", async () => {
    const reason = new Error("enough");
    await using server = await serve((request, response) => {
      const part = rangeOf(request, bytes.length);
      if (part?.from === 0) return send(request, response, bytes);
      const { from, to } = part ?? { from: 0, to: bytes.length };
      const range = { "Content-Range": `bytes ${from}-${to - 1}/${bytes.length}` };
      response.writeHead(part ? 206 : 200, { "Content-Length": String(to - from), ...(part && range) });
      response.write(bytes.subarray(from, from + 1000)); // and no more
    });
    await expect(load(server.url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(server.asked).toHaveLength(0);
    for (const cache of [undefined, await fresh()]) {
      const controller = new AbortController();
      let loaded = 0;
      const loading = load(server.url, {
        signal: controller.signal,
        cache,
        onProgress(step) {
          loaded = step.loaded;
          setTimeout(() => controller.abort(reason), 50);
        },
      });
      await expect(loading).rejects.toBe(reason);
      expect(loaded).toBeGreaterThan(0);
      if (cache) expect(await readdir(cache)).toEqual([]);
    }
    // and while it waits for the next try
    await using down = await serve((_, response) => void response.writeHead(503).end());
    await expect(load(down.url, { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it("an error of the caller's own callback is the caller's", async () => {
    await using server = await serve(right);
    const mine = new Error("mine");
    const cache = await fresh();
    for (const options of [{}, { cache }])
      await expect(
        load(server.url, {
          ...options,
          onProgress() {
            throw mine;
          },
        }),
      ).rejects.toBe(mine);
    expect(await readdir(cache)).toEqual([]);
  });

  it("integrity is checked before anything is given", async () => {
    await using server = await serve(right);
    const path = join(folder, "checked.safetensors");
    await writeFile(path, bytes);
    for (const algorithm of ["sha256", "sha384", "sha512"]) {
      same(await load(server.url, { integrity: digest(algorithm) }));
      same(await load(path, { integrity: digest(algorithm) }));
    }
    const wrong = digest("sha512", small);
    for (const place of [server.url, path]) {
      await expect(load(place, { integrity: wrong })).rejects.toThrow(`expected ${wrong.replace(/=+$/, "")}`);
      // the strongest counts, and of it any
      await expect(load(place, { integrity: `${wrong} ${digest("sha256")}` })).rejects.toThrow(FormatError);
      same(await load(place, { integrity: ` ${wrong}\n${digest("sha512")} sha256-${"A".repeat(43)}=` }));
    }
    for (const integrity of ["", "md5-abc", "sha256-abc", digest("sha256").replace("256", "512"), "sha256"])
      await expect(load(path, { integrity })).rejects.toMatchObject({ name: "ArgumentError" });
    await expect(load(path, { integrity: { a: wrong } })).rejects.toThrow("is a string where there is one file");
  });

  it("are of their kinds", async () => {
    const wrong = (x: unknown) => x as never; // the types refuse it
    await expect(load("m", { signal: wrong({}) })).rejects.toThrow("the option signal is an AbortSignal");
    await expect(load("m", { onProgress: wrong(1) })).rejects.toThrow("the option onProgress is a function");
    await expect(load("m", { cache: wrong(1) })).rejects.toThrow("the option cache is a string or a boolean");
    await expect(load("m", { cache: true })).rejects.toThrow("the option cache is for addresses");
    await expect(load("absent", { onProgress: () => {} })).rejects.toThrow(ReadError);
  });
});

describe("the cache", () => {
  it("keeps a copy, and asks whether it still holds", async () => {
    let etag = '"1"';
    await using server = await serve((request, response) => send(request, response, bytes, { ETag: etag }));
    const cache = await fresh();
    same(await load(server.url, { cache }));
    const [copy, ...others] = await readdir(cache);
    expect(others).toEqual([]);
    server.asked.length = 0;
    same(await load(server.url, { cache }));
    expect(server.asked.map(({ range }) => range)).toEqual(["bytes=0-0"]);
    etag = '"2"';
    same(await load(server.url, { cache }));
    const after = await readdir(cache);
    expect(after).toHaveLength(1);
    expect(after).not.toEqual([copy]);
  });

  it("needs no server where the digest is known, or there is none", async () => {
    const server = await serve(right);
    const cache = await fresh();
    const integrity = digest("sha384");
    same(await load(server.url, { cache, integrity }));
    server.asked.length = 0;
    same(await load(server.url, { cache, integrity }));
    expect(server.asked).toEqual([]);
    await server[Symbol.asyncDispose]();
    same(await load(server.url, { cache }));
  });

  it("makes up for copies that were damaged", async () => {
    await using server = await serve(right);
    const cache = await fresh();
    const integrity = digest("sha256");
    same(await load(server.url, { cache, integrity }));
    const [name] = await readdir(cache);
    await writeFile(join(cache, name), bytes.subarray(0, 100));
    same(await load(server.url, { cache, integrity }));
    expect(await readdir(cache)).toEqual([name]);
    // without a digest its length tells
    await writeFile(join(cache, name), bytes.subarray(0, 100));
    same(await load(server.url, { cache }));
    expect(await readdir(cache)).toEqual([name]);
  });

  it("asks anew each time where the server names no version", async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { "Content-Length": String(bytes.length) }).end(bytes);
    });
    const cache = await fresh();
    same(await load(server.url, { cache }));
    same(await load(server.url, { cache }));
    expect(await readdir(cache)).toHaveLength(1);
    expect(server.asked).toHaveLength(3);
  });

  it("keeps nothing that is not what it should be", async () => {
    await using server = await serve(right);
    const cache = await fresh();
    await expect(load(server.url, { cache, integrity: digest("sha256", small) })).rejects.toThrow(FormatError);
    expect(await readdir(cache)).toEqual([]);
  });

  it("goes on after breaks, and begins anew where the file changed meanwhile", async () => {
    let n = 0;
    const answer: Answerer = (request, response) => {
      if (n++ > 0) return send(request, response, bytes, { ETag: '"new"' });
      response.writeHead(200, { "Content-Length": String(bytes.length), ETag: '"old"' });
      response.write(new Uint8Array(700_000), () => setTimeout(() => response.destroy(), 20));
    };
    await using server = await serve(answer);
    const cache = await fresh();
    same(await load(server.url, { cache }));
    expect(await readdir(cache)).toHaveLength(1);
  });
});
