import "./backend.ts";
import { existsSync } from "node:fs";
import { FormatError } from "@flambeau/tensor/functional";
import { describe, expect, it } from "vitest";
import { decode, listPt, loadPt, parseSafetensors } from "../src/index.ts";
import float8 from "./figures/float8.json" with { type: "json" };
import { Comparison, sameElements } from "./torch/contents.ts";
import { type Content, type RecordedTensor, recordedFiles } from "./torch/files.ts";

/** The hostile files would make it, were they run. */
const trace = "/tmp/oracle_pt_ran";

const files = recordedFiles();
const torchKinds = new Set([
  "pt",
  "legacy",
  "hostile pickle",
  "malformed pickle",
  "lying tensor",
  "bad zip",
  "module",
  "bad legacy",
  "damaged",
]);
const ofTorch = files.filter(({ file, kind }) => torchKinds.has(kind) && !file.endsWith(".safetensors"));
const ofSafetensors = files.filter(({ file }) => file.endsWith(".safetensors"));

/** What Flambeau does not hold of files that are sound: these tensors, and no others, are refused. */
const lacking: { readonly [file: string]: readonly string[] } = {
  "dtypes.pt": ["complex64", "complex128"],
  "legacy_dtypes.pt": ["complex64", "complex128"],
  "dtypes_rare.pt": ["complex32", "float8_e4m3fn", "float8_e5m2", "uint64"],
  "conj_neg_bits.pt": ["conj"],
};

/** `undefined` where the file is refused as it has to be. */
async function outcome(read: () => unknown): Promise<{ readonly value: unknown } | FormatError> {
  try {
    return { value: await read() };
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return error as FormatError;
  }
}

describe("files of PyTorch 2.13, and files that a safe reader refuses", () => {
  it("are all there", () => {
    expect([ofTorch.length, ofSafetensors.length]).toEqual([231, 55]);
  });

  it.each(ofTorch.map((file) => [file.file, file] as const))("%s", async (name, { bytes, expect: wanted, content }) => {
    const without = lacking[name];
    if (without) return checkLacking(bytes, content, without);
    const result = await outcome(() => loadPt(bytes, { file: name }));
    if (result instanceof FormatError)
      expect([name, wanted, result.message]).not.toEqual([name, "load", result.message]);
    else {
      expect(wanted, name).not.toBe("refuse");
      if (content !== undefined) new Comparison().same(result.value, content);
    }
    // from a page's file the same
    const blob = await outcome(() => loadPt(new Blob([bytes as Uint8Array<ArrayBuffer>]), { file: name }));
    expect(blob instanceof FormatError ? blob.message : "read").toBe(
      result instanceof FormatError ? result.message : "read",
    );
  });

  it.each(ofSafetensors.map((file) => [file.file, file] as const))(
    "%s",
    async (name, { bytes, expect: wanted, content, metadata }) => {
      const skipped: string[] = [];
      const result = await outcome(() => decode(bytes, { file: name, skipped: (tensor) => skipped.push(tensor) }));
      if (result instanceof FormatError) return expect(wanted, name).not.toBe("load");
      expect(wanted, name).not.toBe("refuse");
      if (content === undefined) return;
      const read = result.value as ReturnType<typeof decode>;
      const recorded = Object.entries(content as unknown as { [name: string]: RecordedTensor });
      expect([...Object.keys(read), ...skipped].sort()).toEqual(recorded.map(([tensor]) => tensor).sort());
      for (const [tensor, data] of recorded) {
        if (skipped.includes(tensor)) expect(data.$t).toMatch(/^(complex64|uint64)$/);
        else sameElements(read[tensor], widenedFloat8(data), tensor);
      }
      if (metadata) expect(Object.fromEntries(parseSafetensors(bytes).metadata)).toEqual(metadata);
    },
  );

  it("have run nothing and changed no prototype", () => {
    expect(existsSync(trace)).toBe(false);
    expect(Reflect.ownKeys(Object.prototype).sort()).toEqual(prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

/** What 8-bit floats come as, by PyTorch's own table. */
function widenedFloat8(recorded: RecordedTensor): RecordedTensor {
  const name = (
    { float8_e4m3fn: "F8_E4M3", float8_e5m2: "F8_E5M2" } as {
      readonly [name: string]: "F8_E4M3" | "F8_E5M2" | undefined;
    }
  )[recorded.$t];
  if (name === undefined) return recorded;
  const table = Buffer.from(float8[name], "base64");
  const data = [...Buffer.from(recorded.data, "base64")].map((code) => table.subarray(4 * code, 4 * code + 4));
  return { ...recorded, $t: "float32", data: Buffer.concat(data).toString("base64") };
}

const prototype = Reflect.ownKeys(Object.prototype).sort();

/** A file with tensors that Flambeau lacks: it is refused with the name of the first, and the others can be read. */
async function checkLacking(
  bytes: Uint8Array,
  content: Content | undefined,
  without: readonly string[],
): Promise<void> {
  const entries = (content as unknown as { $dict: [string, Content][] }).$dict;
  const others = entries.filter(([name]) => !without.includes(name));
  const left: string[] = [];
  new Comparison().same(await loadPt(bytes, { skipped: (name) => left.push(name) }), { $dict: others });
  expect(left.sort()).toEqual([...without].sort());
  new Comparison().same(await loadPt(bytes, { only: others.map(([name]) => name) }), { $dict: others });
  const listed = await listPt(bytes);
  expect(Object.keys(listed)).toEqual(entries.map(([name]) => name));
  for (const name of without) {
    const { $t } = (entries.find(([key]) => key === name) as unknown as [string, RecordedTensor])[1];
    const refused = await outcome(() => loadPt(bytes, { only: [name] }));
    expect(refused).toMatchObject({ message: expect.stringContaining(`"${name}" cannot be read: `) });
    expect((refused as FormatError).message).toContain($t);
    expect(listed[name].dtype).toBe($t);
  }
  expect(await outcome(() => loadPt(bytes))).toMatchObject({
    message: expect.stringContaining(`"${without[0]}" cannot be read: `),
  });
}
