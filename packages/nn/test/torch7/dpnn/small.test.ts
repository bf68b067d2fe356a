// dpnn's small modules and criterions.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { grad, gradcheck, io, losses, manualSeed, nn, ones, randn, type Tensor, tensor, zeros } from "flambeau";
import {
  ArgMax,
  BinaryLogisticRegression,
  CategoricalEntropy,
  Clip,
  ReverseTable,
  Serial,
  SpatialBinaryLogisticRegression,
} from "flambeau/torch7";
import { beforeEach, describe, expect, test } from "vitest";

beforeEach(() => void manualSeed(31));
const double = { dtype: "float64" } as const;
const close = (a: Tensor, b: Tensor, atol = 1e-6) => expect(a.allclose(b, { atol, rtol: 1e-5 })).toBe(true);

test("Clip limits values and lets gradients through, as its code does", () => {
  const x = randn([20, 30]).requiresGrad_();
  const y = new Clip(-0.1, 0.5).forward(x);
  close(y, x.clamp(-0.1, 0.5));
  expect(grad([y.sum()], [x])[0].sub(1).any().item()).toBe(0);
  expect(new Clip(-1, 1).forward(tensor([1e8, -Infinity])).tolist()).toEqual([1, -1]);
  expect(() => new Clip("x" as never, 1)).toThrow("minval must be a number");
});
test("ArgMax gives the place of the largest, as an integer or in the input's dtype", () => {
  const x = randn([3, 5]).requiresGrad_();
  const y = new ArgMax(0, 1).forward(x);
  expect(y.tolist()).toEqual(x.argmax(1).tolist());
  expect(y.dtype).toBe("int32");
  expect(y.requiresGrad).toBe(false);
  const z = new ArgMax(0, 1, { asLong: false }).forward(x);
  expect([z.dtype, z.tolist()]).toEqual(["float32", y.tolist()]);
  expect(new ArgMax(0).forward(x).tolist()).toEqual(x.argmax(0).tolist());
  expect(new ArgMax(0, 1).forward(x.at(0)).item()).toBe(y.at(0).item());
});
test("ReverseTable", () => {
  const list = [1, 2, 3, 4].map((x) => tensor(x));
  expect(new ReverseTable().forward(list).map((x) => x.item())).toEqual([4, 3, 2, 1]);
  expect(list.map((x) => x.item())).toEqual([1, 2, 3, 4]);
  expect(() => new ReverseTable().forward(tensor([1]) as never)).toThrow("takes a list");
});

describe("CategoricalEntropy", () => {
  test("evens out categories, by dpnn's figures", () => {
    const x = randn([10, 5]).softmax(1).detach().requiresGrad_();
    const layer = new CategoricalEntropy();
    const y = layer.forward(x);
    close(y, x);
    const p = x.sum(0).div(x.sum());
    close(layer.entropy(x), p.mul(p.add(1e-6).log()).sum().neg());
    const [g] = grad([y.mul(0).sum()], [x]);
    close(g, p.log().add(1).div(x.sum()).div(10).expand([10, 5]), 1e-5);
    // the gradient that comes is added to
    const [h] = grad([layer.forward(x).mul(3).sum()], [x]);
    close(h, g.add(3));
  });
  test("is scaled, and only batches below the least entropy are evened", () => {
    const x = randn([10, 5]).softmax(1).detach().requiresGrad_();
    const of = (layer: CategoricalEntropy) => grad([layer.forward(x).mul(0).sum()], [x])[0];
    close(of(new CategoricalEntropy(2)), of(new CategoricalEntropy()).mul(2));
    close(of(new CategoricalEntropy(1, 12)), of(new CategoricalEntropy()));
    expect(of(new CategoricalEntropy(1, 0.1)).any().item()).toBe(0);
    expect(() => new CategoricalEntropy().forward(ones([3]))).toThrow("takes a batch [N, categories]");
  });
});

describe("logistic criterions", () => {
  test("BinaryLogisticRegression is the soft margin of its targets, of [N] or [N, 1]", () => {
    const x = randn([10, 1]).requiresGrad_();
    const t = tensor(Array.from({ length: 10 }, (_, i) => (i % 3 ? 1 : -1)));
    const loss = new BinaryLogisticRegression().forward(x, t);
    close(loss, losses.softMargin(x.squeeze(1), t));
    close(
      new BinaryLogisticRegression({ sizeAverage: false }).forward(x.squeeze(1), t.unsqueeze(1)),
      loss.mul(10),
      1e-5,
    );
    const [g] = grad([loss], [x]);
    const e = x.squeeze(1).mul(t).neg().exp();
    close(g.squeeze(1), t.neg().mul(e).div(e.add(1)).div(10)); // its updateGradInput
    expect(() => new BinaryLogisticRegression().forward(x, ones([9]))).toThrow("scores and targets are [N] or [N, 1]");
  });
  test("SpatialBinaryLogisticRegression halves the mean over pixels", () => {
    const x = randn([3, 1, 4, 5], double).requiresGrad_();
    const t = x.detach().sign().neg();
    const pixels = x.mul(t).neg().exp().add(1).log().sum();
    close(new SpatialBinaryLogisticRegression().forward(x, t), pixels.div(2 * 3 * 20));
    close(new SpatialBinaryLogisticRegression({ sizeAverage: false }).forward(x, t), pixels.div(2 * 20));
    const one = x.detach().at(0);
    close(
      new SpatialBinaryLogisticRegression().forward(one, t.at(0)),
      one.mul(t.at(0)).neg().exp().add(1).log().sum().div(40),
    );
    expect(gradcheck((v: Tensor) => new SpatialBinaryLogisticRegression().forward(v, t), [x])).toBe(true);
    expect(() => new SpatialBinaryLogisticRegression().forward(zeros([3, 2, 4, 4]), zeros([3, 2, 4, 4]))).toThrow(
      "[N, 1, H, W]",
    );
  });
});

describe("Serial", () => {
  test("saves gradients unless it is light, in the dtype that it is told", async () => {
    const make = () => new Serial(new nn.Sequential(new nn.Linear(3, 2), new nn.BatchNorm1d(2)), { dtype: "float16" });
    const serial = make();
    serial
      .forward(randn([4, 3]))
      .square()
      .sum()
      .backward();
    const heavy = serial.stateDict();
    expect([...heavy.keys()].filter((key) => key.startsWith("grad:"))).toEqual(
      ["0.weight", "0.bias", "1.weight", "1.bias"].map((key) => `grad:module.${key}`),
    );
    expect(heavy.get("module.0.weight")?.dtype).toBe("float16");
    expect(heavy.get("module.1.num_batches_tracked")?.dtype).toBe("int32");
    const file = join(mkdtempSync(join(tmpdir(), "serial-")), "model.safetensors");
    await io.save(serial.mediumSerial().stateDict(), file);
    const other = make();
    expect(other.loadStateDict(await io.load(file))).toEqual({ missingKeys: [], unexpectedKeys: [] });
    const [a, b] = [serial.getParameter("module.0.weight"), other.getParameter("module.0.weight")];
    close(b, a, 1e-3);
    expect(b.dtype).toBe("float32");
    close(b.grad as Tensor, a.grad as Tensor, 1e-2);
    const light = serial.lightSerial().stateDict();
    expect([...light.keys()].some((key) => key.startsWith("grad:"))).toBe(false);
    expect(light.size).toBeLessThan(heavy.size);
    expect(serial.heavySerial().stateDict().size).toBe(heavy.size);
    expect(() => other.loadStateDict({})).toThrow("missing keys");
    // within another module, too
    const outer = new nn.Sequential(serial);
    const keys = [...outer.stateDict().keys()];
    expect(keys).toContain("0.grad:module.0.weight");
    expect(new nn.Sequential(make()).loadStateDict(outer.stateDict())).toEqual({ missingKeys: [], unexpectedKeys: [] });
  });
});
