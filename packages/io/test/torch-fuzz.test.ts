import "./backend.ts";
import { FormatError, isTensor, memory, type Tensor } from "@flambeau/tensor/functional";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { long } from "../../../test/support/long.ts";
import { bytesSource } from "../src/files/bytes.ts";
import { loadPt } from "../src/index.ts";
import { contentOf, readDirectory } from "../src/numpy/zip.ts";
import { changedArchive, changedLegacy, type Record } from "./torch/archives.ts";
import { recordedFiles } from "./torch/files.ts";

// 1,000 files here, 100,000 in the long form
const numRuns = long ? 100_000 : 1000;

const recorded = new Map(recordedFiles().map(({ file, bytes }) => [file, bytes]));
const bytesOf = (file: string): Uint8Array => recorded.get(file) ?? expect.fail(`${file} is not recorded`);

async function recordsOf(file: string): Promise<Record[]> {
  const source = bytesSource(bytesOf(file), file);
  return Promise.all(
    (await readDirectory(source)).map(async (entry) => ({ name: entry.name, content: await contentOf(entry, source) })),
  );
}

const prototype = Reflect.ownKeys(Object.prototype);
/** Plain data, its tensors; counted place by place, as a caller would walk it. */
function walk(value: unknown, tensors: Set<Tensor>, depth = 0): number {
  expect(depth).toBeLessThanOrEqual(256);
  if (isTensor(value)) {
    tensors.add(value);
    if (value.size <= 10_000) value.dataSync();
    return 1;
  }
  if (typeof value !== "object" || value === null) {
    expect(typeof value).toMatch(/^(string|number|bigint|boolean|object)$/);
    return 1;
  }
  if (value instanceof Uint8Array) return 1;
  const sound = [Object.prototype, Array.prototype, Map.prototype, Set.prototype] as object[];
  expect(sound.includes(Object.getPrototypeOf(value))).toBe(true); // prototypes cannot be printed
  const parts =
    Array.isArray(value) || value instanceof Set
      ? [...value]
      : value instanceof Map
        ? [...value].flat()
        : Object.values(value);
  let count = 1;
  for (const part of parts) count += walk(part, tensors, depth + 1);
  return count;
}

let [whole, refused] = [0, 0];
/** Typed errors only, in which nothing is allocated; what is read is whole, and no larger than the file warrants. */
async function check(bytes: Uint8Array): Promise<void> {
  const before = memory().cpu.bytes;
  let read: unknown;
  try {
    read = await loadPt(bytes, { skipped: () => {} });
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect(Number.isInteger((error as FormatError).offset)).toBe(true);
    expect((error as FormatError).message.length).toBeLessThan(3000);
    expect(memory().cpu.bytes).toBe(before);
    refused++;
    return;
  } finally {
    expect(Reflect.ownKeys(Object.prototype)).toEqual(prototype);
  }
  whole++;
  const tensors = new Set<Tensor>();
  walk(read, tensors);
  // unpacked, widened to twice its width, and once more with signs turned
  expect(memory().cpu.bytes - before).toBeLessThanOrEqual(4 * 1032 * bytes.length);
  for (const tensor of tensors) tensor.dispose();
  expect(memory().cpu.bytes).toBe(before);
}

describe("files of torch.save that are changed in their pickles, records and sizes are read whole or refused with a FormatError", () => {
  it("archives", { timeout: 3_600_000 }, async () => {
    [whole, refused] = [0, 0];
    const bases = await Promise.all(
      [
        "tied.pt",
        "views.pt",
        "parameters.pt",
        "checkpoint.pt",
        "dtypes.pt",
        "dtypes_rare.pt",
        "bytes_and_counter.pt",
        "sparse.pt",
        "conj_neg_bits.pt",
        "protocol4.pt",
        "big_endian.pt",
      ].map(recordsOf),
    );
    await fc.assert(fc.asyncProperty(fc.oneof(...bases.map(changedArchive)), check), {
      numRuns,
      seed: 1,
      endOnFailure: true,
    });
    // both must happen, or the test says little
    expect(Math.min(whole, refused)).toBeGreaterThan(numRuns / 20);
  });

  it("files from before PyTorch 1.6", { timeout: 3_600_000 }, async () => {
    [whole, refused] = [0, 0];
    const bases = [
      "legacy_tied.pt",
      "legacy_views.pt",
      "legacy_checkpoint.pt",
      "legacy_dtypes.pt",
      "legacy_empty.pt",
    ].map(bytesOf);
    const half = Math.ceil(numRuns / 2);
    await fc.assert(fc.asyncProperty(fc.oneof(...bases.map(changedLegacy)), check), {
      numRuns: half,
      seed: 2,
      endOnFailure: true,
    });
    expect(Math.min(whole, refused)).toBeGreaterThan(half / 20);
  });
});
