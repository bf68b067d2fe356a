import "./backend.ts";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FormatError, Generator, Tensor, tensor } from "@flambeau/tensor";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runs } from "../../../test/support/long.ts";
import {
  encodeCheckpoint,
  load,
  loadCheckpoint,
  parseCheckpoint,
  parseSafetensors,
  type State,
  type Stateful,
  saveCheckpoint,
} from "../src/index.ts";
import { damaged } from "./damage.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flambeau-checkpoint-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Tensors written out, so that trees can be compared. */
const plain = (state: unknown): unknown => {
  if (state instanceof Tensor) return { dtype: state.dtype, shape: [...state.shape], values: [...state.dataSync()] };
  if (Array.isArray(state)) return state.map(plain);
  if (state instanceof Map) return new Map([...state].map(([key, value]) => [key, plain(value)]));
  if (state === null || typeof state !== "object" || state instanceof Uint8Array) return state;
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [key, plain(value)]));
};

/** An optimizer's state, say: nested, with all kinds of values. */
const tree = (): { [key: string]: State } => ({
  model: {
    "conv.weight": tensor([
      [1.5, -2],
      [0.1, 3],
    ]),
    steps: tensor(7, { dtype: "int64" }),
  },
  optimizer: {
    state: new Map<number, State>([[0, { step: 3, expAvg: tensor([0.25, 0.5]) }]]),
    paramGroups: [{ lr: 1e-3, betas: [0.9, 0.999], foreach: null, maximize: false, params: [0, 1] }],
  },
  best: Number.POSITIVE_INFINITY,
  nothing: Number.NaN,
  zero: -0,
  seed: 2n ** 63n,
  note: "résumé",
  missing: undefined,
  generator: new Uint8Array([1, 2, 3]),
  odd: { $: "an object with the mark's name", $$: 1 },
  empty: {},
});

describe("encodeCheckpoint and parseCheckpoint", () => {
  it("give back every kind of value, exactly", async () => {
    const state = tree();
    expect(plain(parseCheckpoint(await encodeCheckpoint(state)))).toEqual(plain(state));
  });

  it("keep each tensor under its dotted path, for any reader of safetensors", async () => {
    const { tensors } = parseSafetensors(await encodeCheckpoint(tree()));
    expect([...tensors.keys()].sort()).toEqual([
      "generator",
      "model.conv.weight",
      "model.steps",
      "optimizer.state.0.expAvg",
    ]);
  });

  it("keep tensors apart whose paths read the same", async () => {
    const state = { a: { "b.c": tensor([1]), b: { c: tensor([2]) } } };
    expect(plain(parseCheckpoint(await encodeCheckpoint(state)))).toEqual(plain(state));
  });

  it.each<[string, unknown, string]>([
    ["a function", { hook: () => 1 }, '"hook" is a function'],
    ["an instance of a class", { model: { at: new Date() } }, '"model.at" is an instance of Date'],
    ["a map with other keys", { a: new Map([[{}, 1]]) }, '"a" is a map whose keys are no strings or numbers'],
    [
      "a cycle",
      (() => {
        const a: { self?: unknown } = {};
        a.self = a;
        return { a };
      })(),
      '"a.self" is an object that contains itself',
    ],
  ])("refuse %s", async (_, state, message) => {
    await expect(encodeCheckpoint(state as State)).rejects.toThrow(message);
  });

  it("refuse a safetensors file that is no checkpoint", async () => {
    const bytes = new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d]);
    expect(() => parseCheckpoint(bytes, { file: "model.safetensors" })).toThrow(
      "model.safetensors: a safetensors file, but not a checkpoint (at byte 8)",
    );
  });

  it("give a FormatError or a whole tree, whatever is done to the bytes", async () => {
    const bytes = await encodeCheckpoint(tree());
    const header = Number(new DataView(bytes.buffer).getBigUint64(0, true)) + 8;
    const kinds: { [key: string]: number } = { whole: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(damaged(bytes, header), async (changed) => {
        let state: State;
        try {
          state = parseCheckpoint(changed);
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
          kinds.refused++;
          return;
        }
        kinds.whole++;
        expect(plain(parseCheckpoint(await encodeCheckpoint(state)))).toEqual(plain(state));
      }),
      { numRuns: runs(2000), seed: 1 },
    );
    expect(Math.min(kinds.whole, kinds.refused)).toBeGreaterThan(20);
  });
});

/** Something with a state of one tensor, which takes tensors of its own size only. */
class Part implements Stateful<{ value: Tensor }> {
  value: Tensor;
  constructor(...values: number[]) {
    this.value = tensor(values);
  }
  stateDict() {
    return { value: this.value };
  }
  loadStateDict({ value }: { value: Tensor }) {
    if (value.size !== this.value.size) throw new Error(`expected ${this.value.size} values, got ${value.size}`);
    this.value = value;
  }
  get values() {
    return [...this.value.dataSync()];
  }
}

describe("saveCheckpoint and loadCheckpoint", () => {
  it("bring back all parts and the progress", async () => {
    const path = join(folder, "run.safetensors");
    const generator = new Generator(3);
    generator.random32();
    await saveCheckpoint(path, { model: new Part(1, 2), generator }, { epoch: 4, best: 0.9 });
    const next = generator.random32();
    const model = new Part(0, 0);
    const other = new Generator(0);
    expect(await loadCheckpoint(path, { model, generator: other })).toEqual({ epoch: 4, best: 0.9 });
    expect(model.values).toEqual([1, 2]);
    expect(other.random32()).toBe(next);
    expect(await readdir(folder)).toEqual(["run.safetensors"]);
    // other programs find the tensors under the parts' names
    expect(Object.keys(await load(path)).sort()).toEqual(["generator", "model.value"]);
  });

  it("change no part when one does not take its state", async () => {
    const path = join(folder, "run.safetensors");
    await saveCheckpoint(path, { first: new Part(1, 2), second: new Part(3, 4) });
    const parts = { first: new Part(7, 8), second: new Part(9) };
    await expect(loadCheckpoint(path, parts)).rejects.toThrow("expected 1 values, got 2");
    expect([parts.first.values, parts.second.values]).toEqual([[7, 8], [9]]);
  });

  it("change no part when the file is damaged", async () => {
    const path = join(folder, "run.safetensors");
    await saveCheckpoint(path, { model: new Part(1, 2) });
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 1));
    const model = new Part(7, 8);
    await expect(loadCheckpoint(path, { model })).rejects.toMatchObject({ name: "FormatError", file: path });
    expect(model.values).toEqual([7, 8]);
  });

  it("name the part that is missing, on either side", async () => {
    const path = join(folder, "run.safetensors");
    await saveCheckpoint(path, { model: new Part(1) });
    const model = new Part(0);
    await expect(loadCheckpoint(path, { model, optimizer: new Part(0) })).rejects.toThrow(
      'the checkpoint has no "optimizer" (it holds model)',
    );
    await expect(loadCheckpoint(path, {})).rejects.toThrow('the checkpoint also has "model" (it holds model)');
    expect(model.values).toEqual([0]);
  });
});
