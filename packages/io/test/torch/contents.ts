import { isTensor, type Tensor } from "@flambeau/tensor";
import { bytesOf } from "@flambeau/tensor/plugin";
import { expect } from "vitest";
import type { Content, RecordedTensor } from "./files.ts";

/** What unsigned integers come as. */
const widened: { readonly [dtype: string]: [dtype: string, from: number, to: number] } = {
  uint16: ["int32", 2, 4],
  uint32: ["int64", 4, 8],
  uint64: ["int64", 8, 8],
};

/** Holds what was read against what PyTorch recorded, bit for bit. */
export class Comparison {
  /** Our storage of each of PyTorch's. */
  readonly #storages = new Map<number, unknown>();

  same(read: unknown, recorded: Content | undefined, path = "it"): void {
    if (recorded === null || typeof recorded !== "object") return expect(read, path).toBe(recorded);
    if (Array.isArray(recorded)) return this.#list(read, recorded, path);
    if ("$t" in recorded) return this.#tensor(read, recorded as unknown as RecordedTensor, path);
    const [[kind, value]] = Object.entries(recorded);
    switch (kind) {
      case "$tuple":
      case "$size":
        return this.#list(read, value as readonly Content[], path);
      case "$dict":
      case "$odict":
      case "$counter":
        return this.#dict(read, value as readonly [Content, Content][], path);
      case "$set":
        expect(read, path).toBeInstanceOf(Set);
        return this.#list([...(read as Set<unknown>)].sort(), value as readonly Content[], path);
      case "$bytes":
        return expect(Buffer.from(read as Uint8Array).toString("base64"), path).toBe(value);
      case "$big":
        return expect(read, path).toBe(Number.isSafeInteger(Number(value)) ? Number(value) : BigInt(value as string));
      case "$n":
        return expect(read, path).toBe({ nan: Number.NaN, inf: Infinity, "-inf": -Infinity }[value as string]);
      case "$c":
        return expect(read, path).toEqual({ re: (value as number[])[0], im: (value as number[])[1] });
      case "$dtype":
      case "$device":
        return expect(read, path).toBe(value);
      default:
        throw new Error(`${path}: nothing compares ${kind}`);
    }
  }

  #list(read: unknown, recorded: readonly Content[], path: string): void {
    expect(Array.isArray(read), path).toBe(true);
    expect((read as unknown[]).length, path).toBe(recorded.length);
    for (const [i, item] of recorded.entries()) this.same((read as unknown[])[i], item, `${path}[${i}]`);
  }

  #dict(read: unknown, recorded: readonly [Content, Content][], path: string): void {
    const entries = read instanceof Map ? [...read] : Object.entries(read as object);
    if (!(read instanceof Map)) expect(Object.getPrototypeOf(read), path).toBe(Object.prototype);
    expect(entries.length, path).toBe(recorded.length);
    recorded.forEach(([key, value], i) => {
      this.same(entries[i][0], key, `a key of ${path}`);
      this.same(entries[i][1], value, `${path}.${String(entries[i][0])}`);
    });
  }

  #tensor(read: unknown, recorded: RecordedTensor, path: string): void {
    if (!isTensor(read)) return expect(read, path).toBe("a tensor");
    sameElements(read, recorded, path);
    expect(read.requiresGrad, path).toBe(recorded.rg === true);
    if (recorded.storage === undefined || recorded.storage === null) return;
    // strides of sizes 0 and 1 say nothing, and are kept all the same
    expect(read.strides, path).toEqual(recorded.stride);
    expect(read.offset, path).toBe(recorded.offset);
    const known = this.#storages.get(recorded.storage);
    if (known === undefined) this.#storages.set(recorded.storage, read.storage);
    else expect(read.storage, path).toBe(known);
  }
}

/** Dtype, shape and the bits of the elements. */
export function sameElements(read: Tensor, recorded: RecordedTensor, path: string): void {
  const [dtype, from, to] = widened[recorded.$t] ?? [recorded.$t, 1, 1];
  expect(read.dtype, path).toBe(dtype);
  expect(read.shape, path).toEqual(recorded.shape);
  const { buffer, byteOffset, byteLength } = read.dataSync();
  const wanted = Buffer.from(recorded.data, "base64");
  const bytes = Buffer.alloc((wanted.length / from) * to);
  for (let i = 0; i < wanted.length / from; i++) wanted.copy(bytes, i * to, i * from, (i + 1) * from);
  expect(byteLength, path).toBe(read.size * bytesOf(read.dtype));
  expect(Buffer.from(buffer, byteOffset, byteLength).equals(bytes), path).toBe(true);
}
