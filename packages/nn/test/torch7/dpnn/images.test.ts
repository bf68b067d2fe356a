// What dpnn has for images: glimpses, crops, noise, convolutions; by its tests and its documentation.
import {
  arange,
  cat,
  conv2d,
  gradcheck,
  manualSeed,
  nn,
  noGrad,
  ones,
  rand,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "flambeau";
import {
  FireModule,
  Inception,
  PCAColorTransform,
  SimpleColorTransform,
  SpatialBinaryConvolution,
  SpatialFeatNormalization,
  SpatialGlimpse,
  SpatialRegionDropout,
  SpatialUniformCrop,
  TotalDropout,
} from "flambeau/torch7";
import { beforeEach, describe, expect, test } from "vitest";

beforeEach(() => void manualSeed(29));
const close = (a: Tensor, b: Tensor, atol = 1e-5) => expect(a.allclose(b, { atol, rtol: 1e-5 })).toBe(true);
const double = { dtype: "float64" } as const;

describe("SpatialGlimpse", () => {
  const image = arange(1, 129).reshape([1, 2, 8, 8]).to("float32");
  const at = (y: number, x = y): Tensor => tensor([[y, x]]);
  /** The first patch, of both channels. */
  const sharp = (y: Tensor): Tensor => y.narrow(1, 0, 2);

  test("looks at the middle, dpnn's cases", () => {
    const y = new SpatialGlimpse(4).forward([image, at(0)]);
    expect(y.shape).toEqual([1, 6, 4, 4]); // three patches of two channels
    close(sharp(y), image.narrow(2, 2, 4).narrow(3, 2, 4));
    close(new SpatialGlimpse(4).forward([image.at(0), tensor([0, 0])]), y.at(0));
    close(sharp(new SpatialGlimpse(5).forward([image, at(0)])), image.narrow(2, 1, 5).narrow(3, 1, 5));
  });
  test("looks at the corners, with zeros outside", () => {
    for (const size of [4, 5]) {
      const pad = Math.floor((size - 1) / 2);
      const padded = image.pad([pad, pad, pad, pad]);
      const y = new SpatialGlimpse(size).forward([image, at(-1)]);
      close(sharp(y), padded.narrow(2, 0, size).narrow(3, 0, size));
      const z = new SpatialGlimpse(size).forward([image, at(1)]);
      const end = 8 + 2 * pad - size;
      close(sharp(z), padded.narrow(2, end, size).narrow(3, end, size));
      // (y, x), and beyond the edge is the edge
      const corner = new SpatialGlimpse(size).forward([image, at(-1, 3)]);
      close(sharp(corner), padded.narrow(2, 0, size).narrow(3, end, size));
    }
  });
  test("coarser patches are means of blocks, around the same place", () => {
    const y = new SpatialGlimpse(4, 2).forward([image, at(0)]);
    const padded = image.pad([3, 3, 3, 3]).narrow(2, 3, 8).narrow(3, 3, 8);
    close(y.narrow(1, 2, 2), padded.avgPool2d(2));
    const depth3 = new SpatialGlimpse(2, 3).forward([image, at(0)]);
    close(depth3.narrow(1, 4, 2), image.pad([3, 3, 3, 3]).narrow(2, 3, 8).narrow(3, 3, 8).avgPool2d(4));
  });
  test("other scales are interpolated, corners to corners", () => {
    const flat = ones([1, 1, 9, 9]);
    const y = new SpatialGlimpse(3, 2, 1.5).forward([flat, at(0)]);
    close(y, ones([1, 2, 3, 3]));
    const ramp = arange(9).to("float32").reshape([1, 1, 1, 9]).expand([1, 1, 9, 9]).contiguous();
    const z = new SpatialGlimpse(3, 2, 1.7).forward([ramp, at(0)]); // 5 columns, 2 to 6, as 3
    close(z.at(0, 1, 0), tensor([2, 4, 6]));
  });
  test("patches may be rectangles, and each example has its own place", () => {
    const two = cat([image, image.mul(2)]);
    const y = new SpatialGlimpse([2, 4], 1).forward([
      two,
      tensor([
        [0, 0],
        [-1, -1],
      ]),
    ]);
    expect(y.shape).toEqual([2, 2, 2, 4]);
    close(y.at(0), image.at(0).narrow(1, 3, 2).narrow(2, 2, 4));
    close(y.at(1), image.mul(2).at(0).pad([1, 1]).narrow(1, 0, 2).narrow(2, 0, 4));
  });
  test("gradients go to the image and not to the place", () => {
    const x = randn([2, 1, 6, 6], { ...double, requiresGrad: true });
    const where = tensor(
      [
        [0.3, -0.4],
        [0.9, 0.1],
      ],
      { ...double, requiresGrad: true },
    );
    for (const glimpse of [new SpatialGlimpse(2, 2), new SpatialGlimpse(3, 2, 1.4)])
      expect(gradcheck((image: Tensor) => glimpse.forward([image, where.detach()]), [x])).toBe(true);
    new SpatialGlimpse(2).forward([x, where]).sum().backward();
    expect(where.grad).toBeNull();
  });
  test("what is wrong is said", () => {
    expect(() => new SpatialGlimpse(0)).toThrow("size");
    expect(() => new SpatialGlimpse(4, 0)).toThrow("depth must be a positive integer, got 0");
    expect(() => new SpatialGlimpse(4, 1, -1)).toThrow("scale must be positive, got -1");
    expect(() => new SpatialGlimpse(4).forward([image, zeros([2, 2])])).toThrow(
      "takes images [N, C, H, W] and locations [N, 2]",
    );
    expect(() => new SpatialGlimpse(20, 1).forward([ones([1, 1, 1, 1]), at(0)])).toThrow("does not fit an image");
  });
});

describe("SpatialUniformCrop", () => {
  test("takes each place equally often, one for each example", () => {
    const x = arange(9).to("float32").reshape([1, 1, 3, 3]).expand([4500, 1, 3, 3]).contiguous();
    const corner = new SpatialUniformCrop(2).forward(x).at("...", 0, 0).flatten();
    const counts = [0, 1, 3, 4].map((value) => Number(corner.eq(value).sum().item()));
    expect(counts.reduce((a, b) => a + b)).toBe(4500);
    for (const count of counts) expect(Math.abs(count - 1125)).toBeLessThan(150);
    const y = new SpatialUniformCrop(2).forward(x.at(0));
    expect(y.shape).toEqual([1, 2, 2]);
  });
  test("is the middle in evaluation, all of it where it fits, and has a gradient", () => {
    const x = arange(25).to("float32").reshape([1, 5, 5]);
    expect(new SpatialUniformCrop(3).eval().forward(x).at(0, 0).tolist()).toEqual([6, 7, 8]);
    close(new SpatialUniformCrop(5).forward(x), x);
    expect(() => new SpatialUniformCrop(6).forward(x)).toThrow("a patch of 6x6 does not fit");
    const crop = new SpatialUniformCrop(2, 3);
    const run = (image: Tensor) => {
      manualSeed(3);
      return crop.forward(image);
    };
    expect(gradcheck(run, [randn([2, 1, 4, 4], { ...double, requiresGrad: true })])).toBe(true);
  });
  test("takes patches of several sizes", () => {
    const crop = new SpatialUniformCrop(4, 4, { scale: [0.5, 2] });
    const ramp = arange(16).to("float32").reshape([1, 1, 1, 16]).expand([200, 1, 16, 16]).contiguous();
    const y = crop.forward(ramp);
    expect(y.shape).toEqual([200, 1, 4, 4]);
    const widths = y
      .at("...", 0, 3)
      .sub(y.at("...", 0, 0))
      .flatten(); // of a patch of n columns, n - 1
    expect(widths.min().item()).toBe(2 - 0); // ceil(4 * s) for s above 0.5: 3 columns at least
    expect(widths.max().item()).toBe(7);
    expect(() => new SpatialUniformCrop(4, 4, { scale: [2, 1] })).toThrow("scale is [least, most]");
  });
});

describe("noise", () => {
  test("SpatialRegionDropout drops one side of all images", () => {
    const layer = new SpatialRegionDropout(0.25);
    const seen = new Set<string>();
    for (let i = 0; i < 60; i++) {
      const y = layer.forward(ones([2, 3, 8, 4]));
      const kept = y.at(0, 0).gt(0).to("int32");
      expect(y.unique().tolist()).toEqual([0, Math.fround(1 / 0.75)]);
      expect(y.at(0, 0).equal(y.at(1, 2))).toBe(true);
      seen.add(String(kept.tolist()));
    }
    const full = ones([8, 4]);
    const sides = [full.clone(), full.clone(), full.clone(), full.clone()];
    sides[0].narrow(0, 0, 2).fill_(0);
    sides[1].narrow(0, 6, 2).fill_(0);
    sides[2].narrow(1, 0, 1).fill_(0);
    sides[3].narrow(1, 3, 1).fill_(0);
    expect([...seen].sort()).toEqual(sides.map((side) => String(side.tolist())).sort());
    const x = ones([1, 8, 4]).requiresGrad_();
    const y = layer.forward(x);
    y.sum().backward();
    close(x.grad as Tensor, y.detach());
    expect(layer.eval().forward(x)).toBe(x);
    expect(() => layer.setp(1)).toThrow("p must be in [0, 1), got 1");
    expect(layer.setp(0.5).p).toBe(0.5);
  });
  test("TotalDropout drops all or nothing", () => {
    const layer = new TotalDropout(0.3);
    const sums = Array.from({ length: 300 }, () =>
      Number(
        layer
          .forward(ones([4, 2]))
          .sum()
          .item(),
      ),
    );
    expect(new Set(sums)).toEqual(new Set([0, 8])); // not scaled
    expect(sums.filter((s) => s === 8).length / 300).toBeCloseTo(0.7, 1);
    expect(
      layer
        .eval()
        .forward(ones([2]))
        .tolist(),
    ).toEqual([1, 1]);
    expect(() => new TotalDropout(1)).toThrow("p must be in [0, 1), got 1");
  });
  test("SpatialFeatNormalization", () => {
    const [mean, std] = [tensor([1, 2, 3]), tensor([2, 4, 8])];
    const x = randn([2, 3, 4, 5]);
    const y = new SpatialFeatNormalization(mean, std).forward(x);
    for (const c of [0, 1, 2])
      close(
        y.at(1, c),
        x
          .at(1, c)
          .sub(c + 1)
          .div(2 ** (c + 1)),
      );
    close(new SpatialFeatNormalization(mean).forward(x.at(0)), x.at(0).sub(mean.reshape([3, 1, 1])));
    expect([...new SpatialFeatNormalization(mean).parameters()].length).toBe(0);
    expect(() => new SpatialFeatNormalization(mean).forward(randn([2, 4, 4]))).toThrow("takes [N, 3, H, W]");
    expect(() => new SpatialFeatNormalization(mean, tensor([1]))).toThrow("mean and deviation are [C]");
  });
  test("SimpleColorTransform shifts each channel of each image within its range", () => {
    const layer = new SimpleColorTransform(3, tensor([0.1, 0, 2]));
    const x = rand([500, 3, 4, 4]);
    const shift = layer.forward(x).sub(x);
    close(shift.sub(shift.narrow(2, 0, 1).narrow(3, 0, 1)), zeros([500, 3, 4, 4])); // one for all pixels
    const each = shift.at("...", 0, 0);
    expect(each.at("...", 1).abs().max().item()).toBeLessThan(1e-6);
    expect(each.at("...", 2).abs().max().item()).toBeLessThanOrEqual(2.00001);
    expect(each.at("...", 2).std().item()).toBeCloseTo(4 / Math.sqrt(12), 1);
    expect(each.at("...", 0).std().item()).toBeCloseTo(0.2 / Math.sqrt(12), 2);
    expect(layer.eval().forward(x)).toBe(x);
    expect(layer.train().forward(x.at(0)).shape).toEqual([3, 4, 4]);
    expect(() => new SimpleColorTransform(3, tensor([1]))).toThrow("range is [3], got [1]");
  });
  test("PCAColorTransform shifts along the components, by their eigenvalues", () => {
    const vectors = tensor([
      [0.6, -0.8],
      [0.8, 0.6],
    ]); // in columns
    const layer = new PCAColorTransform(2, vectors, tensor([3, 0.5]), 0.2);
    const x = rand([4000, 2, 2, 2]);
    const shift = layer.forward(x).sub(x).at("...", 0, 0);
    const along = shift.matmul(vectors);
    expect(along.at("...", 0).std().item()).toBeCloseTo(0.6, 1);
    expect(along.at("...", 1).std().item()).toBeCloseTo(0.1, 2);
    expect(Math.abs(Number(along.at("...", 0).mul(along.at("...", 1)).mean().item()))).toBeLessThan(0.01);
    expect(layer.eval().forward(x)).toBe(x);
    expect(() => new PCAColorTransform(3, vectors, tensor([1, 2]))).toThrow("for 3 channels eigenvectors are [3, 3]");
  });
});

describe("SpatialBinaryConvolution", () => {
  test("convolves by signs, with the mean size of each filter", () => {
    const layer = new SpatialBinaryConvolution(3, 4, 2, 3, { dW: 1, dH: 2, padW: 1, padH: 0, ...double });
    const x = randn([2, 3, 7, 6], double);
    const { weight } = layer;
    expect(weight.shape).toEqual([4, 3, 3, 2]);
    const signs = weight.ge(0).to("float64").mul(2).sub(1);
    const alpha = weight.abs().mean([1, 2, 3]).reshape([4, 1, 1]);
    const plain = conv2d(x, signs, null, { stride: [2, 1], padding: [0, 1] });
    close(layer.forward(x), plain.mul(alpha));
    close(layer.forward(x.at(0)), plain.mul(alpha).at(0));
    expect([...layer.parameters()].length).toBe(1);
  });
  test("its gradients are those of Torch7's code", () => {
    const layer = new SpatialBinaryConvolution(3, 4, 3, 3, double);
    const x = randn([2, 3, 6, 6], { ...double, requiresGrad: true });
    const g = randn([2, 4, 4, 4], double);
    layer.forward(x).mul(g).sum().backward();
    const signs = layer.weight.ge(0).to("float64").mul(2).sub(1).detach().requiresGrad_();
    const plain = x.detach().requiresGrad_();
    conv2d(plain, signs).mul(g).sum().backward();
    close(layer.weight.grad as Tensor, signs.grad as Tensor);
    const factors = layer.weight.abs().mean([0, 2, 3]).reshape([3, 1, 1]);
    close(x.grad as Tensor, (plain.grad as Tensor).mul(factors));
  });
  test("learns", () => {
    const layer = new SpatialBinaryConvolution(1, 1, 3, 3);
    const teacher = tensor([1, -1, 1, -1, -1, 1, 1, 1, -1]).reshape([1, 1, 3, 3]);
    for (let step = 0; step < 60; step++) {
      const x = randn([8, 1, 6, 6]);
      layer.zeroGrad();
      layer.forward(x).sub(conv2d(x, teacher).mul(0.2)).square().mean().backward();
      noGrad(() => void layer.weight.sub_((layer.weight.grad as Tensor).mul(0.05)));
    }
    expect(layer.weight.sign().tolist()).toEqual(teacher.tolist());
  });
});

describe("Inception and FireModule", () => {
  test("columns side by side, as dpnn's test and the paper have them", () => {
    const config = { inputSize: 3, outputSize: [4, 5], reduceSize: [2, 3, 6, 7], batchNorm: true };
    const module = new Inception(config);
    const x = randn([2, 3, 8, 9]);
    expect(module.forward(x).shape).toEqual([2, 4 + 5 + 6 + 7, 8, 9]);
    expect(module.eval().forward(x.at(0)).shape).toEqual([22, 8, 9]);
    // each column by hand: reduce, transfer, convolution, transfer
    const plain = new Inception({
      inputSize: 3,
      outputSize: [4, 5],
      reduceSize: [2, 3, 6, 7],
      transfer: new nn.Tanh(),
    });
    const y = plain.forward(x);
    const part = (name: string) => plain.getParameter(`module.${name}`);
    const conv = (input: Tensor, name: string, padding = 0) =>
      conv2d(input, part(`${name}.weight`), part(`${name}.bias`), { padding }).tanh();
    close(y.narrow(1, 0, 4), conv(conv(x, "0.0"), "0.2", 2));
    close(y.narrow(1, 4, 5), conv(conv(x, "1.0"), "1.2", 1));
    // pooled without padding, in the middle of zeros
    close(y.narrow(1, 9, 6), conv(x.maxPool2d(3, { stride: 1 }), "2.1").pad([1, 1, 1, 1]));
    close(y.narrow(1, 15, 7), conv(x, "3.0"));
    expect(() => new Inception({ ...config, outputSize: [4] })).toThrow("for 2 kernels outputSize has 2 numbers");
    expect(() => new Inception({ inputSize: 3 } as never)).toThrow("for 2 kernels");
  });
  test("columns, strides and pooling as they are told", () => {
    const x = randn([1, 3, 12, 12]);
    const last = new Inception({ inputSize: 3, outputSize: [4], reduceSize: [2, 6], kernelSize: [3] });
    expect(last.forward(x).shape).toEqual([1, 10, 12, 12]);
    const bare = new Inception({
      inputSize: 3,
      outputSize: [4],
      reduceSize: [2],
      kernelSize: [3],
      pool: new nn.AvgPool2d(2),
    });
    expect(bare.forward(x).shape).toEqual([1, 7, 12, 12]); // the pooled input itself
    const strided = new Inception({
      inputSize: 3,
      outputSize: [4, 5],
      reduceSize: [2, 3, 6, 7],
      kernelStride: [2, 2],
      reduceStride: [1, 1, 1, 2],
      poolStride: 2,
      padding: false,
    });
    expect(strided.forward(x).shape).toEqual([1, 22, 6, 6]);
  });
  test("a transfer with parameters is copied for each convolution", () => {
    const module = new Inception({
      inputSize: 1,
      outputSize: [1],
      reduceSize: [1, 1, 1],
      kernelSize: [3],
      transfer: new nn.PReLU(),
    });
    expect(
      [...module.namedParameters()].filter(([, p]) => p.size === 1 && p.ndim === 1 && p.item() === 0.25).length,
    ).toBe(4);
  });
  test("FireModule squeezes and expands", () => {
    const fire = new FireModule(3, 2, 4, 5, new nn.Tanh());
    const x = randn([2, 3, 8, 8]);
    const s = fire.squeeze.forward(x).tanh();
    close(fire.forward(x), cat([fire.expand1.forward(s), fire.expand3.forward(s)], 1).tanh());
    expect(fire.forward(x.at(0)).shape).toEqual([9, 8, 8]);
    expect(new FireModule(3, 2, 4, 5).forward(x).min().item()).toBe(0); // ReLU unless it is told otherwise
    expect(() => new FireModule(3, 0, 4, 5)).toThrow("s1x1 must be a positive integer, got 0");
  });
});
