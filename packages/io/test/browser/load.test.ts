// Addresses, Blobs and the cache in a page: ranges of blob: addresses are the browser's own, the cache lies in its private file system.
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { FormatError, manualSeed, rand, registerBackend, type Tensor, UnavailableError } from "@flambeau/tensor";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { encode, load, openSafetensors, save } from "../../src/index.ts";

let bytes: Uint8Array<ArrayBuffer>;
let t: Tensor;
beforeAll(async () => {
  registerBackend(cpuWasm({ threads: 1 }));
  manualSeed(0);
  t = rand([500, 500]);
  bytes = new Uint8Array(await encode({ t, last: rand([3]) }));
});

const folder = "flambeau-test";
const remove = async () => {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(folder, { recursive: true }).catch(() => {});
};
const copies = async () => {
  const root = await navigator.storage.getDirectory();
  const names: string[] = [];
  for await (const name of (await root.getDirectoryHandle(folder, { create: true })).keys()) names.push(name);
  return names;
};
beforeEach(remove);
afterEach(async () => {
  vi.restoreAllMocks();
  await remove();
});

const digestOf = async (of: Uint8Array<ArrayBuffer>) => {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-384", of));
  return `sha384-${btoa(String.fromCharCode(...digest))}`;
};

test("a Blob, its address, and files that a page was given", async () => {
  const blob = new Blob([bytes]);
  const url = URL.createObjectURL(blob);
  for (const place of [blob, new File([bytes], "m.safetensors"), url, new URL(url)]) {
    const all = await load(place, { integrity: await digestOf(bytes) });
    expect(all.t.equal(t)).toBe(true);
    await using file = await openSafetensors(place);
    expect((await file.tensor("last")).shape).toEqual([3]);
  }
  URL.revokeObjectURL(url);
  await expect(load(url)).rejects.toMatchObject({ name: "FetchError" });
  await expect(load(new File(["no tensors"], "notes.txt"))).rejects.toThrow(/^notes.txt: /);
  await expect(save({ t }, "m.safetensors")).rejects.toThrow(UnavailableError);
});

/** A server inside of the page. */
function serving(state: { etag: string; body: Uint8Array<ArrayBuffer>; down?: boolean }): (string | null)[] {
  const asked: (string | null)[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_, init) => {
    if (state.down) throw new TypeError("Failed to fetch");
    const range = new Headers(init?.headers).get("Range");
    asked.push(range);
    init?.signal?.throwIfAborted();
    const [, from, last] = /bytes=(\d+)-(\d*)/.exec(range ?? "") ?? [];
    const { body, etag } = state;
    if (from === undefined) return new Response(body, { headers: { ETag: etag, "Content-Length": `${body.length}` } });
    const to = last ? Math.min(Number(last) + 1, body.length) : body.length;
    const headers = { ETag: etag, "Content-Range": `bytes ${from}-${to - 1}/${body.length}` };
    return new Response(body.slice(Number(from), to), { status: 206, headers });
  });
  return asked;
}

test("the cache keeps a copy in the page's own file system, while it holds", async () => {
  const state = { etag: '"1"', body: bytes, down: false };
  const asked = serving(state);
  const url = "https://host/m.safetensors";
  expect((await load(url, { cache: folder })).t.equal(t)).toBe(true);
  expect(await copies()).toHaveLength(1);
  expect((await load(url, { cache: folder })).t.equal(t)).toBe(true);
  expect(asked).toEqual([null, "bytes=0-0"]);
  state.down = true;
  expect((await load(url, { cache: folder })).t.equal(t)).toBe(true);
  state.down = false;
  const [before] = await copies();
  state.etag = '"2"';
  expect((await load(url, { cache: folder })).t.equal(t)).toBe(true);
  expect(await copies()).toHaveLength(1);
  expect(await copies()).not.toEqual([before]);
});

test("what is not what it should be, or is ended, leaves nothing in it", async () => {
  serving({ etag: '"1"', body: bytes });
  const url = "https://host/m.safetensors";
  const wrong = await digestOf(bytes.slice(1));
  await expect(load(url, { cache: folder, integrity: wrong })).rejects.toThrow(FormatError);
  const controller = new AbortController();
  const reason = new Error("enough");
  const ended = load(url, { cache: folder, signal: controller.signal, onProgress: () => controller.abort(reason) });
  await expect(ended).rejects.toBe(reason);
  expect(await copies()).toEqual([]);
  expect((await load(url, { cache: folder, integrity: await digestOf(bytes) })).t.equal(t)).toBe(true);
  expect(await copies()).toHaveLength(1);
});

test("a path is an address beside the page", async () => {
  const asked = serving({ etag: '"1"', body: bytes });
  expect((await load("models/m.safetensors", { only: ["last"] })).last.shape).toEqual([3]);
  expect(asked[0]).toBe("bytes=0-65535");
  expect(vi.mocked(fetch).mock.calls[0][0]).toBe(new URL("models/m.safetensors", location.href).href);
});
