import { grad, vmap } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  allclose,
  arange,
  full,
  manualSeed,
  memory,
  noGrad,
  ones,
  rand,
  randn,
  registerBackend,
  type Tensor,
  tensor,
  tidy,
  withDevice,
  zeros,
} from "@flambeau/tensor";
import { describe, expect, test } from "vitest";
import * as nn from "../../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));
const {
  invertPermutation,
  isPackedSequence,
  packPaddedSequence,
  packSequence,
  PackedSequence,
  padPackedSequence,
  padSequence,
  unpackSequence,
  unpadSequence,
} = nn.utils.rnn;

// as printed by torch 2.13: x = torch.arange(1, 13.).view(3, 2, 2)
const x = arange(1, 13).to("float32").reshape([3, 2, 2]);
// a, b, c = torch.ones(2, 2), torch.arange(6.).view(3, 2), torch.full((1, 2), 7.)
const [a, b, c] = [ones([2, 2]), arange(6).to("float32").reshape([3, 2]), full([1, 2], 7)];
const lists = (sequences: readonly Tensor[]) => sequences.map((s) => s.tolist());

describe("sequences are laid out as PyTorch does", () => {
  test("packed in the order of their lengths", () => {
    const packed = packPaddedSequence(x, [2, 3], { enforceSorted: false });
    expect(lists([packed.data, packed.batchSizes])).toEqual([
      [
        [3, 4],
        [1, 2],
        [7, 8],
        [5, 6],
        [11, 12],
      ],
      [2, 2, 1],
    ]);
    expect(packed.sortedIndices?.tolist()).toEqual([1, 0]);
    expect(packed.unsortedIndices?.tolist()).toEqual([1, 0]);
  });
  test("with lengths in a tensor, and what is beyond the longest cut off", () => {
    const packed = packPaddedSequence(x, tensor([2, 2], { dtype: "int64" }));
    expect(packed.data.tolist()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
    ]);
    expect(packed.batchSizes.tolist()).toEqual([2, 2]);
    expect(packed.sortedIndices).toBe(null);
  });
  test("padded to a length, with a value", () => {
    const packed = packPaddedSequence(x, [2, 3], { enforceSorted: false });
    const [padded, lengths] = padPackedSequence(packed, { paddingValue: -5, totalLength: 5 });
    expect(padded.tolist()).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
      [
        [-5, -5],
        [11, 12],
      ],
      [
        [-5, -5],
        [-5, -5],
      ],
      [
        [-5, -5],
        [-5, -5],
      ],
    ]);
    expect(lengths.tolist()).toEqual([2, 3]);
  });
  test("side by side, padded on either side", () => {
    expect(padSequence([a, b, c], { paddingSide: "left", paddingValue: -1 }).tolist()).toEqual([
      [
        [-1, -1],
        [0, 1],
        [-1, -1],
      ],
      [
        [1, 1],
        [2, 3],
        [-1, -1],
      ],
      [
        [1, 1],
        [4, 5],
        [7, 7],
      ],
    ]);
    expect(padSequence([a, b, c], { batchFirst: true, paddingValue: -1 }).tolist()).toEqual([
      [
        [1, 1],
        [1, 1],
        [-1, -1],
      ],
      [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
      [
        [7, 7],
        [-1, -1],
        [-1, -1],
      ],
    ]);
    expect(padSequence(ones([2, 3])).shape).toEqual([3, 2]);
    expect(padSequence([zeros([0]), ones([2])]).tolist()).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });
  test("from a list and back", () => {
    const packed = packSequence([a, b, c], { enforceSorted: false });
    expect(packed.data.tolist()).toEqual([
      [0, 1],
      [1, 1],
      [7, 7],
      [2, 3],
      [1, 1],
      [4, 5],
    ]);
    expect(packed.sortedIndices?.tolist()).toEqual([1, 0, 2]);
    expect(lists(unpackSequence(packed))).toEqual(lists([a, b, c]));
    expect(lists(unpadSequence(x, tensor([3, 1], { dtype: "int32" })))).toEqual([
      [
        [1, 2],
        [5, 6],
        [9, 10],
      ],
      [[3, 4]],
    ]);
    expect(packSequence([ones([2]).to("int64"), ones([1]).to("int64")]).data.dtype).toBe("int64");
  });
  test("by a permutation that is undone", () => {
    expect(invertPermutation(tensor([2, 0, 1], { dtype: "int64" }))).toMatchObject({ dtype: "int64", shape: [3] });
    expect(invertPermutation(tensor([2, 0, 1], { dtype: "int64" })).tolist()).toEqual([1, 2, 0]);
    expect(invertPermutation(null)).toBe(null);
  });
});

describe("packed sequences", () => {
  test("may be made of their parts", () => {
    const indices = tensor([1, 0], { dtype: "int32" });
    const packed = new PackedSequence(ones([3]), tensor([2, 1], { dtype: "int32" }), indices);
    expect(packed.unsortedIndices?.tolist()).toEqual([1, 0]);
    expect(isPackedSequence(packed)).toBe(true);
    expect(isPackedSequence({ data: ones([3]) })).toBe(false);
  });
  test("in batch sizes that were changed are read again", () => {
    const sizes = tensor([2, 2], { dtype: "int32" });
    const packed = new PackedSequence(arange(4), sizes);
    expect(padPackedSequence(packed)[1].tolist()).toEqual([2, 2]);
    sizes.copy_(tensor([3, 1], { dtype: "int32" }));
    expect(padPackedSequence(packed)[1].tolist()).toEqual([2, 1, 1]);
  });
  test("move to another dtype with their order", () => {
    const packed = packSequence([a, b], { enforceSorted: false });
    const moved = packed.to("float64");
    expect([moved.data.dtype, moved.sortedIndices]).toEqual(["float64", packed.sortedIndices]);
    expect(packed.to("float32")).toBe(packed);
    expect(packed.to("meta")).toMatchObject({ data: { device: "meta" }, sortedIndices: { device: "meta" } });
  });
  test("lead gradients to each step that is in them, and none to padding", () => {
    const given = rand([3, 2, 2], { requiresGrad: true });
    const [padded] = padPackedSequence(packPaddedSequence(given, [3, 1]), { paddingValue: 9 });
    const [g] = grad(padded.mul(2).sum(), given);
    expect(g.select(1, 0).tolist()).toEqual([
      [2, 2],
      [2, 2],
      [2, 2],
    ]);
    expect(g.select(1, 1).tolist()).toEqual([
      [2, 2],
      [0, 0],
      [0, 0],
    ]);
  });
  test("leave themselves, and their tensors outlive a tidy", () => {
    const before = memory().cpu.tensors;
    const packed = packSequence([a, b, c], { enforceSorted: false });
    expect(memory().cpu.tensors - before).toBe(4);
    const kept = tidy(() => packSequence([a, b, c], { enforceSorted: false }));
    expect(kept.data.tolist()).toEqual(packed.data.tolist());
    const gru = new nn.GRU(2, 3, { bidirectional: true, numLayers: 2 });
    const after = memory().cpu.tensors;
    const [y, h] = noGrad(() => gru.forward(kept));
    // the data and the last state: sizes and order are those of the input
    expect(memory().cpu.tensors - after).toBe(2);
    expect([y.batchSizes, y.sortedIndices]).toEqual([kept.batchSizes, kept.sortedIndices]);
    expect(h.shape).toEqual([4, 3, 3]);
  });
});

describe("recurrent layers read packed sequences", () => {
  const make = {
    RNN: () => new nn.RNN(3, 4, { nonlinearity: "relu", numLayers: 2 }),
    LSTM: () => new nn.LSTM(3, 4, { bidirectional: true, projSize: 2 }),
    GRU: () => new nn.GRU(3, 4, { numLayers: 2, bidirectional: true, bias: false }),
  };
  test.each(Object.entries(make))("%s, each as if it were alone", (_, made) => {
    manualSeed(0);
    const layer = made() as nn.GRU; // they differ in their states, which are not given
    const sequences = [2, 5, 1, 5].map((length) => randn([length, 3]));
    const [y, last] = layer.forward(packSequence(sequences, { enforceSorted: false }));
    const alone = sequences.map((s) => layer.forward(s));
    const states = (state: Tensor | readonly Tensor[]) => (Array.isArray(state) ? state : [state as Tensor]);
    unpackSequence(y).forEach((out, i) => {
      expect(allclose(out, alone[i][0], { rtol: 1e-5, atol: 1e-6 })).toBe(true);
      states(last).forEach((s, k) => {
        expect(allclose(s.select(1, i), states(alone[i][1])[k], { rtol: 1e-5, atol: 1e-6 })).toBe(true);
      });
    });
  });
  test("under vmap, an ensemble of one architecture too", () => {
    manualSeed(0);
    const layers = [0, 1, 2].map(() => new nn.LSTM(2, 3));
    const [params] = nn.stackModuleState(layers);
    const input = randn([4, 2, 2]);
    const all = vmap((own: Record<string, Tensor>) => nn.functionalCall(layers[0], own, input)[0])(params as never);
    layers.forEach((layer, i) => {
      expect(allclose((all as Tensor).at(i), layer.forward(input)[0], { rtol: 1e-5, atol: 1e-6 })).toBe(true);
    });
  });
  test("on meta, where there are no values", () => {
    const packed = withDevice("meta", () => packSequence([zeros([3, 2]), zeros([1, 2])]));
    const layer = withDevice("meta", () => new nn.GRU(2, 5));
    expect(layer.forward(packed)[0].data.shape).toEqual([4, 5]);
  });
});

describe("messages", () => {
  const packed = packSequence([ones([2, 3])]);
  test.each([
    ["lengths that rise", () => packPaddedSequence(x, [2, 3]), "packPaddedSequence: lengths must not rise, got [2,3]"],
    [
      "no steps",
      () => packPaddedSequence(x, [2, 0]),
      "each length must be from 1 to 3, the steps of the input, got [2,0]",
    ],
    ["more steps than there are", () => packPaddedSequence(x, [4, 1]), "each length must be from 1 to 3"],
    ["more lengths", () => packPaddedSequence(x, [3, 2, 1]), "packPaddedSequence: there are 2 sequences and 3 lengths"],
    [
      "no dimension of sequences",
      () => packPaddedSequence(ones([3]), [1]),
      "expected a tensor of [L, N, ...] with elements, got [3]",
    ],
    ["lengths that are fractions", () => packPaddedSequence(x, tensor([2.5, 1])), "each of lengths must be an integer"],
    [
      "too short a total",
      () => padPackedSequence(packed, { totalLength: 1 }),
      "padPackedSequence: totalLength 1 is below the length 2 of the longest sequence",
    ],
    ["a tensor", () => padPackedSequence(ones([2]) as never), "padPackedSequence: takes a PackedSequence, got"],
    ["no sequences", () => padSequence([]), "padSequence: there are no sequences"],
    ["other features", () => padSequence([ones([2]), ones([2, 2])]), "differ in their lengths only, got [2] and [2,2]"],
    [
      "lengths beyond the end",
      () => unpadSequence(x, [5, 1]),
      "unpadSequence: each length must be from 0 to 3, got [5,1]",
    ],
    [
      "sizes that rise",
      () => new PackedSequence(ones([3]), [1, 2]),
      "batchSizes must be positive and must not rise, got [1,2]",
    ],
    [
      "sizes that do not add up",
      () => new PackedSequence(ones([4]), [2, 1]),
      "data has shape [4], the sizes add up to 3 steps",
    ],
    ["features", () => new nn.GRU(4, 2).forward(packed), "GRU: expected packed data [S, 4], got [2,3]"],
    [
      "a state",
      () => new nn.GRU(3, 2).forward(packed, zeros([1, 2, 2])),
      "GRU: the first state must have shape [1,1,2], got [1,2,2]",
    ],
  ])("name %s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});
