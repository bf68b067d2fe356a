import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { manualSeed, ones, rand, registerBackend, tensor, zeros } from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

describe("layers", () => {
  it("unpool what was pooled", () => {
    const x = tensor([
      [
        [
          [1, 2, 3],
          [4, 9, 6],
          [7, 8, 5],
        ],
      ],
    ]);
    const { values, indices } = new nn.MaxPool2d(2).forwardWithIndices(x);
    const back = new nn.MaxUnpool2d(2).forward(values, indices, [3, 3]);
    expect(back.tolist()).toEqual([
      [
        [
          [0, 0, 0],
          [0, 9, 0],
          [0, 0, 0],
        ],
      ],
    ]);
  });

  it("fold what was unfolded, where blocks do not overlap", () => {
    manualSeed(0);
    const x = rand([2, 3, 4, 6]);
    const columns = new nn.Unfold([2, 3], { stride: [2, 3] }).forward(x);
    expect(columns.shape).toEqual([2, 18, 4]);
    const back = new nn.Fold([4, 6], [2, 3], { stride: [2, 3] }).forward(columns);
    expect(back.tolist()).toEqual(x.tolist());
  });

  it("shuffle pixels and channels back and forth", () => {
    const x = rand([1, 8, 3, 2]);
    expect(new nn.PixelUnshuffle(2).forward(new nn.PixelShuffle(2).forward(x)).tolist()).toEqual(x.tolist());
    expect(new nn.ChannelShuffle(4).forward(new nn.ChannelShuffle(2).forward(x)).tolist()).toEqual(x.tolist());
  });

  it("resize as the ops do", () => {
    const x = tensor([
      [
        [
          [0, 2],
          [4, 6],
        ],
      ],
    ]);
    expect(new nn.Upsample({ scaleFactor: 2 }).forward(x).shape).toEqual([1, 1, 4, 4]);
    expect(new nn.UpsamplingBilinear2d({ size: 3 }).forward(x).tolist()).toEqual([
      [
        [
          [0, 1, 2],
          [2, 3, 4],
          [4, 5, 6],
        ],
      ],
    ]);
    expect(new nn.UpsamplingNearest2d({ size: [2, 3] }).forward(x).tolist()).toEqual([
      [
        [
          [0, 0, 2],
          [4, 4, 6],
        ],
      ],
    ]);
  });

  it("sum bags of embeddings", () => {
    const bag = new nn.EmbeddingBag(4, 2, { mode: "sum", paddingIdx: 0 });
    expect(bag.weight.tolist()).toContainEqual([0, 0]);
    bag.loadStateDict({
      weight: tensor([
        [0, 0],
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    });
    const index = tensor([1, 2, 3], { dtype: "int32" });
    expect(bag.forward(index, tensor([0, 2], { dtype: "int32" })).tolist()).toEqual([
      [4, 6],
      [5, 6],
    ]);
  });

  it("measure angles and distances", () => {
    const [a, b] = [tensor([[3, 4]]), tensor([[4, 3]])];
    expect(new nn.CosineSimilarity().forward(a, b).item()).toBeCloseTo(0.96, 6);
    expect(new nn.PairwiseDistance({ p: 1, eps: 0 }).forward(a, b).tolist()).toEqual([2]);
  });
});

describe("recurrent layers", () => {
  it("read a sequence from both ends", () => {
    manualSeed(0);
    const net = new nn.GRU(2, 3, { bidirectional: true });
    const x = rand([4, 1, 2]);
    const [output, last] = net.forward(x);
    // the backward net has read everything at the first step
    expect(output.at(0, 0, { from: 3 }).tolist()).toEqual(last.at(1, 0).tolist());
    expect(output.at(-1, 0, { to: 3 }).tolist()).toEqual(last.at(0, 0).tolist());
  });

  it("continue from a state as if the sequence had been one", () => {
    manualSeed(0);
    const net = new nn.LSTM(2, 3, { numLayers: 2 });
    const x = rand([6, 2, 2]);
    const [whole] = net.forward(x);
    const [, state] = net.forward(x.at({ to: 4 }));
    const [rest] = net.forward(x.at({ from: 4 }), state);
    expect(rest.tolist()).toEqual(whole.at({ from: 4 }).tolist());
  });

  it("step as the cell does", () => {
    manualSeed(0);
    const net = new nn.RNN(2, 3, { nonlinearity: "relu" });
    const cell = new nn.RNNCell(2, 3, { nonlinearity: "relu" });
    cell.loadStateDict(new Map([...net.stateDict()].map(([k, t]) => [k.replace("_l0", ""), t])));
    const x = rand([1, 4, 2]);
    // not bit for bit: a layer's sums are made in another order
    const [stepped, whole] = [cell.forward(x.at(0)), net.forward(x)[1].at(0)].map(
      (t) => t.flatten().tolist() as number[],
    );
    stepped.forEach((value, i) => {
      expect(value).toBeCloseTo(whole[i], 6);
    });
  });
});

describe("containers of parameters", () => {
  it("are found by their module", () => {
    const list = new nn.ParameterList([zeros([2]), ones([3])]);
    expect([...list.stateDict().keys()]).toEqual(["0", "1"]);
    expect([list.length, list.get(-1).shape]).toEqual([2, [3]]);
    const dict = new nn.ParameterDict({ a: zeros([2]) }).set("b", ones([1]));
    expect([...dict.stateDict().keys()]).toEqual(["a", "b"]);
    expect([dict.has("b"), dict.has("c")]).toEqual([true, false]);
  });
});

describe("messages", () => {
  it.each([
    ["a position", () => new nn.ParameterList().get(0), "ParameterList: index 0 is out of range for 0 parameters"],
    ["a name", () => new nn.ParameterDict({ a: zeros([1]) }).get("b"), 'ParameterDict: there is no parameter "b"'],
    ["padding", () => new nn.ZeroPad2d([1, 2]), "ZeroPad2d: padding needs one or 4 widths, got [1,2]"],
    [
      "channels",
      () => new nn.InstanceNorm2d(3).forward(zeros([1, 2, 4, 4])),
      "InstanceNorm2d: expected input [N, 3, ...] or [3, ...] with 2 more dimensions, got [1,2,4,4]",
    ],
    [
      "one position",
      () => new nn.InstanceNorm1d(2).forward(zeros([1, 2, 1])),
      "instanceNorm: needs more than one position per channel, got input [1,2,1]",
    ],
    [
      "a sequence",
      () => new nn.LSTM(4, 2).forward(zeros([3, 1, 5])),
      "LSTM: expected input [L, N, 4] or [L, 4], got [3,1,5]",
    ],
    [
      "a state",
      () => new nn.RNN(4, 2).forward(zeros([3, 1, 4]), zeros([1, 1, 3])),
      "RNN: the first state must have shape [1,1,2], got [1,1,3]",
    ],
    [
      "a nonlinearity",
      () => new nn.RNNCell(4, 2, { nonlinearity: "gelu" as "relu" }),
      'RNNCell: the option nonlinearity is "tanh" or "relu", got "gelu"',
    ],
    [
      "Softmax2d",
      () => new nn.Softmax2d().forward(zeros([2, 3])),
      "Softmax2d: expected input [N, C, H, W] or [C, H, W], got [2,3]",
    ],
  ])("name %s", (_, call, message) => {
    expect(call).toThrow(message);
  });

  it("print layers with what they were made from", () => {
    expect(String(new nn.LSTM(4, 8, { numLayers: 2, batchFirst: true }))).toBe(
      "LSTM(4, 8, num_layers=2, batch_first=True)",
    );
    expect(String(new nn.AdaptiveAvgPool2d([2, null]))).toBe("AdaptiveAvgPool2d(output_size=(2, None))");
    expect(String(new nn.ConstantPad1d(1, 3))).toBe("ConstantPad1d(padding=(1, 1), value=3)");
  });
});
