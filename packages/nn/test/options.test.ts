import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { ArgumentError, registerBackend, zeros } from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

/** An argument that the types refuse. */
const wrong = (x: unknown) => x as never;
const layer = () => new nn.Linear(2, 3);

describe("PyTorch's positional forms are refused with what to write", () => {
  it.each<[string, () => unknown]>([
    [
      "Linear: options are given by name, got false\n  hint: write { bias: false }",
      () => new nn.Linear(4, 2, wrong(false)),
    ],
    [
      'Linear: options are given by name, got "float64"\n  hint: write { dtype: "float64" }',
      () => new nn.Linear(4, 2, wrong("float64")),
    ],
    [
      'Linear: options are given by name, got "cpu"\n  hint: write { device: "cpu" }',
      () => new nn.Linear(4, 2, wrong("cpu")),
    ],
    ["Conv2d: options are given by name, got 2\n  hint: write { stride: 2 }", () => new nn.Conv2d(1, 2, 3, wrong(2))],
    [
      'Conv2d: options are given by name, got "same"\n  hint: write { padding: "same" }',
      () => new nn.Conv2d(1, 2, 3, wrong("same")),
    ],
    ["MaxPool2d: options are given by name, got 2\n  hint: write { stride: 2 }", () => new nn.MaxPool2d(3, wrong(2))],
    [
      "BatchNorm2d: options are given by name, got 0.001\n  hint: write { eps: 0.001 }",
      () => new nn.BatchNorm2d(3, wrong(1e-3)),
    ],
    ["LSTM: options are given by name, got 2\n  hint: write { numLayers: 2 }", () => new nn.LSTM(3, 4, wrong(2))],
    [
      'RNNCell: options are given by name, got "relu"\n  hint: write { nonlinearity: "relu" }',
      () => new nn.RNNCell(3, 4, wrong("relu")),
    ],
    ["Upsample: options are given by name, got 2\n  hint: write { size: 2 }", () => new nn.Upsample(wrong(2))],
    [
      "UpsamplingNearest2d: options are given by name, got [4,4]\n  hint: write { size: [4,4] }",
      () => new nn.UpsamplingNearest2d(wrong([4, 4])),
    ],
    [
      'GELU: options are given by name, got "tanh"\n  hint: write { approximate: "tanh" }',
      () => new nn.GELU(wrong("tanh")),
    ],
    [
      "kaimingUniform_: options are given by name, got 1\n  hint: write { a: 1 }",
      () => nn.init.kaimingUniform_(zeros([2, 2]), wrong(1)),
    ],
    [
      "registerBuffer: options are given by name, got false\n  hint: write { persistent: false }",
      () => layer().registerBuffer("b", null, wrong(false)),
    ],
    [
      "loadStateDict: options are given by name, got false\n  hint: write { strict: false }",
      () => layer().loadStateDict({}, wrong(false)),
    ],
    [
      'toEmpty: options are given by name, got "cpu"\n  hint: write { device: "cpu" }',
      () => layer().toEmpty(wrong("cpu")),
    ],
  ])("%s", (message, call) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });
});

describe("options of another layer are refused", () => {
  it.each<[string, () => unknown]>([
    ['GRU: there is no option "projSize"', () => new nn.GRU(3, 4, wrong({ projSize: 2 }))],
    ['LSTM: there is no option "nonlinearity"', () => new nn.LSTM(3, 4, wrong({ nonlinearity: "relu" }))],
    [
      'RNN: there is no option "num_layers"\n  hint: did you mean numLayers?',
      () => new nn.RNN(3, 4, wrong({ num_layers: 2 })),
    ],
    ['Upsample: there is no option "antialias"', () => new nn.Upsample(wrong({ size: 2, antialias: true }))],
    [
      'UpsamplingBilinear2d: there is no option "mode"',
      () => new nn.UpsamplingBilinear2d(wrong({ size: 2, mode: "nearest" })),
    ],
    [
      'EmbeddingBag: there is no option "perSampleWeights"',
      () => new nn.EmbeddingBag(3, 4, wrong({ perSampleWeights: null })),
    ],
    [
      'FractionalMaxPool2d: there is no option "generator"',
      () => new nn.FractionalMaxPool2d(2, wrong({ outputSize: 2, generator: null })),
    ],
    [
      'Module.to: there is no option "devise"\n  hint: did you mean device?',
      () => layer().to(wrong({ devise: "cpu" })),
    ],
  ])("%s", (message, call) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });
  it("also where the answer is awaited", async () => {
    await expect(layer().toAsync(wrong({ dtipe: "float64" }))).rejects.toThrow(
      'Module.toAsync: there is no option "dtipe"',
    );
  });
});

it("undefined is the default", () => {
  const same = (a: nn.Module, b: nn.Module) => expect(String(a)).toBe(String(b));
  same(new nn.Linear(2, 3, { bias: undefined, dtype: undefined, device: undefined }), new nn.Linear(2, 3));
  same(
    new nn.Conv2d(2, 4, 3, { stride: undefined, padding: undefined, groups: undefined, paddingMode: undefined }),
    new nn.Conv2d(2, 4, 3),
  );
  same(new nn.BatchNorm1d(2, { momentum: undefined, affine: undefined }), new nn.BatchNorm1d(2));
  same(new nn.LSTM(2, 3, { numLayers: undefined, projSize: undefined, bidirectional: undefined }), new nn.LSTM(2, 3));
  same(new nn.RNNCell(2, 3, { nonlinearity: undefined }), new nn.RNNCell(2, 3));
  const conv = new nn.Conv2d(2, 4, 3, { stride: undefined, padding: undefined, paddingMode: "circular" });
  expect(conv.forward(zeros([1, 2, 5, 5])).shape).toEqual([1, 4, 3, 3]);
  expect(new nn.Linear(2, 3).to({ dtype: "float64", device: undefined }).weight.dtype).toBe("float64");
  expect(layer().loadStateDict({ weight: zeros([3, 2]), bias: zeros([3]) }, { strict: undefined }).missingKeys).toEqual(
    [],
  );
});
