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
  encodeSafetensors,
  load,
  loadCheckpoint,
  parseCheckpoint,
  parseSafetensors,
  restore,
  type State,
  type Stateful,
  saveCheckpoint,
  snapshot,
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

  /** `levels` arrays, maps and objects in each other. */
  const deep = (levels: number): State => {
    let state: State = 1;
    for (let i = 0; i < levels; i++)
      state = i % 3 === 0 ? [state] : i % 3 === 1 ? { a: state } : new Map([["b", state]]);
    return state;
  };

  it("give back keys that are no numbers JSON knows, holes, halves of letters, long integers", async () => {
    const state = {
      map: new Map<string | number, State>([
        [Number.NaN, 1],
        [Number.NEGATIVE_INFINITY, 2],
        [0, 3],
        ["NaN", 4],
      ]),
      holes: Object.assign(new Array<State>(3), { 1: 1 }),
      "\ud800": ["\udfff", tensor([1])],
      long: -(10n ** 9000n),
      ["__proto__"]: { polluted: true },
    };
    const back = parseCheckpoint(await encodeCheckpoint(state)) as typeof state;
    expect(plain(back)).toEqual(plain({ ...state, holes: [undefined, 1, undefined] }));
    expect([...back.map.keys()]).toEqual([Number.NaN, Number.NEGATIVE_INFINITY, 0, "NaN"]);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
  });

  it.each([100, 256])("give back %i levels", async (levels) => {
    expect(parseCheckpoint(await encodeCheckpoint(deep(levels)))).toEqual(deep(levels));
  });

  it.each([257, 2000, 100_000])("refuse %i levels at saving", async (levels) => {
    await expect(encodeCheckpoint(deep(levels))).rejects.toThrow(/^checkpoint: ".*" is over 256 levels deep/);
  });

  it("give back 50 MB of plain state, whatever its letters are", async () => {
    const losses = Array.from({ length: 1_000_000 }, (_, i) => Math.sin(i));
    const records = Array.from({ length: 200_000 }, (_, step) => ({ step, lr: 0.1, note: null }));
    const state = { losses, records, quotes: '"'.repeat(10_000_000), control: "\u0001".repeat(1_000_000) };
    const back = parseCheckpoint(await encodeCheckpoint(state)) as typeof state;
    expect(back.quotes === state.quotes && back.control === state.control).toBe(true);
    expect(back.losses.length === losses.length && losses.every((loss, i) => back.losses[i] === loss)).toBe(true);
    expect([back.records.length, back.records[199_999]]).toEqual([200_000, records[199_999]]);
  });

  it("keep a tensor of the name that a long state takes", async () => {
    const state = { "flambeau.checkpoint.state": tensor([1]), __metadata__: tensor([2]), text: "x".repeat(2_000_000) };
    expect(plain(parseCheckpoint(await encodeCheckpoint(state)))).toEqual(plain(state));
  });

  it("refuse a state that no file can hold with an error of ours", async () => {
    const text = "\u0001".repeat(90_000_000); // six letters each
    await expect(encodeCheckpoint({ text })).rejects.toThrow(
      "checkpoint: the numbers, strings and names are more than",
    );
  });

  it.each<[string, string, string]>([
    ["brackets without end", "[".repeat(1_000_000), "is over 256 levels deep"],
    ["too many levels", `${"[".repeat(300)}${"]".repeat(300)}`, "is over 256 levels deep"],
    ["digits without end", `{"$":"bigint","value":"${"9".repeat(900_000)}"}`, "has the unreadable bigint"],
  ])("refuse a hostile state of %s", (_, json, problem) => {
    const bytes = encodeSafetensors(
      [],
      [
        ["flambeau.checkpoint", "1"],
        ["flambeau.checkpoint.state", json],
      ],
    );
    expect(() => parseCheckpoint(bytes)).toThrow(problem);
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
    ["a symbol for a key", { a: { [Symbol("hidden")]: 1 } }, '"a" is an object with symbols for keys'],
    ["an endless integer", { seed: 10n ** 10_000n }, '"seed" is a bigint of over 10000 digits'],
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

  it("hold the same on the host: snapshot and restore", async () => {
    const parts = { first: new Part(1, 2), second: new Part(3) };
    const held = await snapshot(parts, { epoch: 4 });
    parts.first.value.fill_(9);
    parts.second.value.fill_(9);
    expect(await restore(held, parts)).toEqual({ epoch: 4 });
    expect([parts.first.values, parts.second.values]).toEqual([[1, 2], [3]]);
    const other = { first: new Part(7, 8), second: new Part(9, 9) };
    await expect(restore(held, other)).rejects.toThrow("expected 2 values, got 1");
    expect([other.first.values, other.second.values]).toEqual([
      [7, 8],
      [9, 9],
    ]);
    await expect(restore(held, { first: parts.first })).rejects.toThrow('snapshot: the checkpoint also has "second"');
    await expect(snapshot({ progress: new Part(1) })).rejects.toThrow('a part must not be named "progress"');
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
