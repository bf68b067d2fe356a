import { nn } from "flambeau";
import { describe, expect, test } from "vitest";

// the right-hand sides are what PyTorch 2.13 prints for the same modules
const modules: readonly (readonly [nn.Module, string])[] = [
  [new nn.ReLU(), "ReLU()"],
  [new nn.ReLU({ inplace: true }), "ReLU(inplace=True)"],
  [new nn.ReLU6({ inplace: true }), "ReLU6(inplace=True)"],
  [new nn.Hardswish({ inplace: true }), "Hardswish()"],
  [new nn.LeakyReLU(0.2), "LeakyReLU(negative_slope=0.2)"],
  [new nn.LeakyReLU(0.01, { inplace: true }), "LeakyReLU(negative_slope=0.01, inplace=True)"],
  [new nn.ELU(), "ELU(alpha=1.0)"],
  [new nn.ELU(0.5, { inplace: true }), "ELU(alpha=0.5, inplace=True)"],
  [new nn.CELU(), "CELU(alpha=1.0)"],
  [new nn.Hardtanh(), "Hardtanh(min_val=-1.0, max_val=1.0)"],
  [new nn.Hardshrink(), "Hardshrink(0.5)"],
  [new nn.Softshrink(0.3), "Softshrink(0.3)"],
  [new nn.Softplus(), "Softplus(beta=1.0, threshold=20.0)"],
  [new nn.Threshold(0.1, 20), "Threshold(threshold=0.1, value=20)"],
  [new nn.Threshold(1, 2, { inplace: true }), "Threshold(threshold=1, value=2, inplace=True)"],
  [new nn.GLU(), "GLU(dim=-1)"],
  [new nn.Softmax(1), "Softmax(dim=1)"],
  [new nn.Softmax2d(), "Softmax2d()"],
  [new nn.GELU(), "GELU(approximate='none')"],
  [new nn.GELU({ approximate: "tanh" }), "GELU(approximate='tanh')"],
  [new nn.PReLU(3), "PReLU(num_parameters=3)"],
  [new nn.RReLU(), "RReLU(lower=0.125, upper=0.3333333333333333)"],
  [new nn.RReLU(0.1, 0.2, { inplace: true }), "RReLU(lower=0.1, upper=0.2, inplace=True)"],
  [new nn.Dropout(), "Dropout(p=0.5, inplace=False)"],
  [new nn.Dropout(0.2, { inplace: true }), "Dropout(p=0.2, inplace=True)"],
  [new nn.AlphaDropout(), "AlphaDropout(p=0.5, inplace=False)"],
  [new nn.Linear(4, 2), "Linear(in_features=4, out_features=2, bias=True)"],
  [new nn.Linear(4, 2, { bias: false }), "Linear(in_features=4, out_features=2, bias=False)"],
  [new nn.Bilinear(2, 3, 4), "Bilinear(in1_features=2, in2_features=3, out_features=4, bias=True)"],
  [new nn.Identity(54, { unused: 1 }), "Identity()"],
  [new nn.Flatten(), "Flatten(start_dim=1, end_dim=-1)"],
  [new nn.Unflatten(1, [2, 3]), "Unflatten(dim=1, unflattened_size=(2, 3))"],
  [new nn.Conv1d(1, 2, 3), "Conv1d(1, 2, kernel_size=(3,), stride=(1,))"],
  [new nn.Conv2d(1, 6, 5), "Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))"],
  [
    new nn.Conv2d(4, 8, [3, 5], { stride: [2, 1], padding: 1, dilation: 2, groups: 4, bias: false }),
    "Conv2d(4, 8, kernel_size=(3, 5), stride=(2, 1), padding=(1, 1), dilation=(2, 2), groups=4, bias=False)",
  ],
  [new nn.Conv2d(4, 8, 3, { padding: "same" }), "Conv2d(4, 8, kernel_size=(3, 3), stride=(1, 1), padding=same)"],
  [
    new nn.Conv2d(4, 8, 3, { padding: 1, paddingMode: "reflect" }),
    "Conv2d(4, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), padding_mode=reflect)",
  ],
  [new nn.Conv3d(1, 2, 3, { stride: 2 }), "Conv3d(1, 2, kernel_size=(3, 3, 3), stride=(2, 2, 2))"],
  [new nn.ConvTranspose1d(1, 2, 3), "ConvTranspose1d(1, 2, kernel_size=(3,), stride=(1,))"],
  [
    new nn.ConvTranspose2d(4, 2, 3, { stride: 2, padding: 1, outputPadding: 1 }),
    "ConvTranspose2d(4, 2, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), output_padding=(1, 1))",
  ],
  [
    new nn.ConvTranspose2d(4, 2, 3, { dilation: 2, groups: 2, bias: false }),
    "ConvTranspose2d(4, 2, kernel_size=(3, 3), stride=(1, 1), dilation=(2, 2), groups=2, bias=False)",
  ],
  [new nn.BatchNorm2d(6), "BatchNorm2d(6, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)"],
  [
    new nn.BatchNorm2d(6, { momentum: null }),
    "BatchNorm2d(6, eps=1e-05, momentum=None, affine=True, bias=True, track_running_stats=True)",
  ],
  [
    new nn.BatchNorm3d(6, { eps: 0.001, affine: false, trackRunningStats: false }),
    "BatchNorm3d(6, eps=0.001, momentum=0.1, affine=False, bias=False, track_running_stats=False)",
  ],
  [
    new nn.InstanceNorm2d(3, { affine: true }),
    "InstanceNorm2d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=False)",
  ],
  [new nn.LayerNorm(6), "LayerNorm((6,), eps=1e-05, elementwise_affine=True, bias=True)"],
  [
    new nn.LayerNorm([2, 3], { eps: 1e-6, elementwiseAffine: false }),
    "LayerNorm((2, 3), eps=1e-06, elementwise_affine=False, bias=False)",
  ],
  [new nn.RMSNorm(6), "RMSNorm((6,), eps=None, elementwise_affine=True)"],
  [new nn.GroupNorm(2, 4), "GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)"],
  [new nn.LocalResponseNorm(2), "LocalResponseNorm(2, alpha=0.0001, beta=0.75, k=1.0)"],
  [new nn.MaxPool1d(2), "MaxPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)"],
  [
    new nn.MaxPool2d([3, 2], { stride: [2, 1], padding: [1, 0], dilation: 2, ceilMode: true }),
    "MaxPool2d(kernel_size=(3, 2), stride=(2, 1), padding=(1, 0), dilation=2, ceil_mode=True)",
  ],
  [new nn.AvgPool1d(3), "AvgPool1d(kernel_size=(3,), stride=(3,), padding=(0,))"],
  [new nn.AvgPool2d(3, { stride: 2, padding: 1 }), "AvgPool2d(kernel_size=3, stride=2, padding=1)"],
  [new nn.AvgPool2d([3, 2]), "AvgPool2d(kernel_size=(3, 2), stride=(3, 2), padding=0)"],
  [new nn.LPPool1d(2, 3), "LPPool1d(norm_type=2, kernel_size=3, stride=None, ceil_mode=False)"],
  [new nn.LPPool2d(2, 3, { stride: 2 }), "LPPool2d(norm_type=2, kernel_size=3, stride=2, ceil_mode=False)"],
  [new nn.AdaptiveAvgPool2d([null, 7]), "AdaptiveAvgPool2d(output_size=(None, 7))"],
  [new nn.FractionalMaxPool2d(3, { outputSize: [13, 12] }), "FractionalMaxPool2d()"],
  [new nn.MaxUnpool2d(2), "MaxUnpool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0))"],
  [new nn.ZeroPad2d(1), "ZeroPad2d((1, 1, 1, 1))"],
  [new nn.ConstantPad1d(2, 3.5), "ConstantPad1d(padding=(2, 2), value=3.5)"],
  [new nn.ReflectionPad2d(2), "ReflectionPad2d((2, 2, 2, 2))"],
  [new nn.CircularPad2d(1), "CircularPad2d((1, 1, 1, 1))"],
  [new nn.Upsample({ scaleFactor: 2 }), "Upsample(scale_factor=2.0, mode='nearest')"],
  [new nn.Upsample({ size: [3, 4], mode: "bilinear", alignCorners: true }), "Upsample(size=(3, 4), mode='bilinear')"],
  [new nn.UpsamplingNearest2d({ scaleFactor: 2 }), "UpsamplingNearest2d(scale_factor=2.0, mode='nearest')"],
  [new nn.UpsamplingBilinear2d({ size: 4 }), "UpsamplingBilinear2d(size=4, mode='bilinear')"],
  [new nn.PixelShuffle(2), "PixelShuffle(upscale_factor=2)"],
  [new nn.ChannelShuffle(2), "ChannelShuffle(groups=2)"],
  [new nn.Fold([4, 5], [2, 2]), "Fold(output_size=(4, 5), kernel_size=(2, 2), dilation=1, padding=0, stride=1)"],
  [
    new nn.Unfold([2, 3], { padding: [1, 0], stride: 2 }),
    "Unfold(kernel_size=(2, 3), dilation=1, padding=(1, 0), stride=2)",
  ],
  [new nn.Embedding(10, 3, { paddingIdx: 0 }), "Embedding(10, 3, padding_idx=0)"],
  [
    new nn.Embedding(10, 3, { paddingIdx: 1, maxNorm: 2.5, normType: 1, scaleGradByFreq: true }),
    "Embedding(10, 3, padding_idx=1, max_norm=2.5, norm_type=1.0, scale_grad_by_freq=True)",
  ],
  [new nn.EmbeddingBag(10, 3, { mode: "sum" }), "EmbeddingBag(10, 3, mode='sum')"],
  [
    new nn.EmbeddingBag(10, 3, { maxNorm: 1.5, paddingIdx: 2 }),
    "EmbeddingBag(10, 3, max_norm=1.5, mode='mean', padding_idx=2)",
  ],
  [
    new nn.RNN(3, 4, { numLayers: 2, nonlinearity: "relu", batchFirst: true }),
    "RNN(3, 4, num_layers=2, batch_first=True)",
  ],
  [
    new nn.LSTM(3, 4, { numLayers: 2, bias: false, batchFirst: true, dropout: 0.1, bidirectional: true, projSize: 2 }),
    "LSTM(3, 4, proj_size=2, num_layers=2, bias=False, batch_first=True, dropout=0.1, bidirectional=True)",
  ],
  [new nn.RNNCell(3, 4, { nonlinearity: "relu" }), "RNNCell(3, 4, nonlinearity=relu)"],
  [new nn.GRUCell(3, 4, { bias: false }), "GRUCell(3, 4, bias=False)"],
  [new nn.CosineSimilarity(), "CosineSimilarity()"],
  [new nn.PairwiseDistance(), "PairwiseDistance()"],
  [new nn.Sequential(), "Sequential()"],
  [
    new nn.Sequential(new nn.Linear(2, 3), new nn.Sequential(new nn.ReLU())),
    "Sequential(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n  (1): Sequential(\n    (0): ReLU()\n  )\n)",
  ],
  [
    new nn.ModuleList([new nn.Linear(2, 3), new nn.Linear(2, 3), new nn.ReLU(), new nn.Linear(2, 3)]),
    "ModuleList(\n  (0-1): 2 x Linear(in_features=2, out_features=3, bias=True)\n  (2): ReLU()\n" +
      "  (3): Linear(in_features=2, out_features=3, bias=True)\n)",
  ],
  [new nn.ModuleDict({ a: new nn.ReLU(), b: new nn.Tanh() }), "ModuleDict(\n  (a): ReLU()\n  (b): Tanh()\n)"],
];

describe("modules print as PyTorch's do", () => {
  test.each(modules)("%s", (module, text) => {
    expect(String(module)).toBe(text);
  });

  test("one that contains itself ends where it begins again", () => {
    const net = new nn.Sequential(new nn.ReLU());
    net.registerModule("self", net);
    expect(String(net)).toBe("Sequential(\n  (0): ReLU()\n  (self): Sequential(...)\n)");
    for (const call of [() => net.stateDict(), () => net.apply(() => {})])
      expect(call).toThrow(/a Sequential contains itself/);
    expect([...net.modules()].length).toBe(2);
    expect(net.to("float64").train().parameters().next().done).toBe(true);
  });
});
