// PyTorch's arguments by position, where Flambeau has another form: what would change the result is refused and says how it is written,
// what changes nothing is as if it were not there. So lists can be mapped and reduced with the functions themselves.
import {
  ArgumentError,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  bmm,
  celu,
  copy_,
  elu,
  gather,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  lu,
  mish,
  mm,
  msort,
  nn,
  ones,
  optim,
  relu,
  relu6,
  selu,
  silu,
  tensor,
  threshold,
} from "flambeau";
import { describe, expect, test } from "vitest";

const x = ones([2, 2]);
const plane = (rank: number) => ones([1, ...Array<number>(rank).fill(4)]);
const optimizer = () => new optim.SGD([new nn.Parameter(ones([1]))], { lr: 0.1 });
type Call = (...args: unknown[]) => unknown;

describe("refused, with the form to write", () => {
  test.each<[string, unknown, unknown[], string]>([
    ["relu", relu, [x, true], "relu_(x)"],
    ["relu6", relu6, [x, true], "relu6_(x)"],
    ["elu", elu, [x, 1, true], "elu_(x)"],
    ["celu", celu, [x, 1, true], "celu_(x)"],
    ["selu", selu, [x, true], "selu_(x)"],
    ["silu", silu, [x, true], "silu_(x)"],
    ["mish", mish, [x, true], "mish_(x)"],
    ["hardswish", hardswish, [x, true], "hardswish_(x)"],
    ["hardsigmoid", hardsigmoid, [x, true], "hardsigmoid_(x)"],
    ["hardtanh", hardtanh, [x, -1, 1, true], "hardtanh_(x)"],
    ["leakyRelu", leakyRelu, [x, 0.1, true], "leakyRelu_(x)"],
    ["threshold", threshold, [x, 1, 0, true], "threshold_(x)"],
    ["adaptiveMaxPool1d", adaptiveMaxPool1d, [plane(1), 2, true], "adaptiveMaxPool1dWithIndices(x, outputSize)"],
    ["adaptiveMaxPool2d", adaptiveMaxPool2d, [plane(2), 2, true], "adaptiveMaxPool2dWithIndices(x, outputSize)"],
    ["adaptiveMaxPool3d", adaptiveMaxPool3d, [plane(3), 2, true], "adaptiveMaxPool3dWithIndices(x, outputSize)"],
    ["mm", mm, [x, x, "float64"], "mm(a.to(dtype), b.to(dtype))"],
    ["bmm", bmm, [plane(2), plane(2), "float64"], "bmm(a.to(dtype), b.to(dtype))"],
  ])("%s", (name, f, args, form) => {
    expect(() => (f as Call)(...args)).toThrow(ArgumentError);
    expect(() => (f as Call)(...args)).toThrow(`${name}: there is no argument`);
    expect(() => (f as Call)(...args)).toThrow(form);
    expect(() => (f as Call)(...args.slice(0, -1), args.at(-1) === true ? false : undefined)).not.toThrow();
  });
  test("as methods", () => {
    const method = x.relu as Call;
    expect(() => method.call(x, true)).toThrow("relu_(x)");
  });
  test("factorizations without pivots", () => {
    expect(() => (lu as Call)(x, false)).toThrow(ArgumentError);
    expect(() => (lu as Call)(x, true)).not.toThrow();
  });
  test("layers and schedules", () => {
    const make = (f: unknown, ...args: unknown[]) => Reflect.construct(f as new () => unknown, args);
    for (const layer of [nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d]) {
      expect(() => make(layer, 2, true)).toThrow("forwardWithIndices(x)");
      expect(() => make(layer, 2, false)).not.toThrow();
    }
    const { ExponentialLR, LambdaLR, MultiplicativeLR, StepLR } = optim.lrScheduler;
    expect(() => make(ExponentialLR, optimizer(), 0.9, 3)).toThrow("schedule.loadStateDict(state)");
    expect(() => make(LambdaLR, optimizer(), () => 1, 3)).toThrow("schedule.loadStateDict(state)");
    expect(() => make(MultiplicativeLR, optimizer(), () => 1, 3)).toThrow("schedule.loadStateDict(state)");
    expect(() => make(ExponentialLR, optimizer(), 0.9, -1)).not.toThrow();
    const step = new StepLR(optimizer(), 2).step as Call;
    expect(() => step.call(new StepLR(optimizer(), 2), 5)).toThrow("takes no epoch");
  });
});

test("what changes no value is as if it were not there", () => {
  const index = tensor([[0], [1]], { dtype: "int32" });
  expect((gather as Call)(x, 1, index, true)).toEqual(expect.objectContaining({ shape: [2, 1] }));
  expect((copy_ as Call)(ones([2]), tensor([3, 4]), true)).toEqual(expect.objectContaining({ shape: [2] }));
});

test("functions of tensors go into map and reduce", () => {
  const list = [tensor([[2, -1]]), tensor([[-3, 4]])];
  expect(list.map(relu).map((t) => t.tolist())).toEqual([[[2, 0]], [[0, 4]]]);
  expect(list.map(msort).length).toBe(2);
  expect([x, x, x].reduce(mm).tolist()).toEqual([
    [4, 4],
    [4, 4],
  ]);
});
