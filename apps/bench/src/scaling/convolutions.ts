// Convolutions, and the gradients of those whose planes are small.
import { conv1d, conv2d, conv3d, convTranspose2d, grad, randn, type Tensor, zeros } from "flambeau";
import { both, type More, op, type ScalingRow } from "./row.ts";

type Convolution = (x: Tensor, w: Tensor) => Tensor;

/** Of the definition, forward or back: a weight is multiplied at each place of its kernel, of which the smaller of the planes has one each. */
function flopsOf(call: Convolution, x: number[], w: number[]): number {
  const [input, weight] = [x, w].map((shape) => zeros(shape, { device: "meta" }));
  const places = ({ size, shape: [, channels] }: Tensor) => size / channels;
  return 2 * weight.size * Math.min(places(input), places(call(input, weight)));
}

const forward = (name: string, title: string, call: Convolution, x: number[], w: number[], more: More = {}) =>
  op(
    name,
    title,
    () => {
      const [input, weight] = [randn(x), randn(w)];
      return () => call(input, weight);
    },
    { ...more, flops: flopsOf(call, x, w) },
  );

/** The gradient of the input or the weight alone; `output` is the shape of the result. */
function backward(of: "input" | "weight", name: string, title: string, call: Convolution, x: number[], w: number[]) {
  const make = () => {
    const input = randn(x, { requiresGrad: of === "input" });
    const weight = randn(w, { requiresGrad: of === "weight" });
    const y = call(input, weight);
    const cotangent = randn(y.shape);
    return () => grad(y, [of === "input" ? input : weight], { gradOutputs: [cotangent], retainGraph: true });
  };
  return op(`${name}_d${of}`, `${title}, gradient of the ${of}`, make, { flops: flopsOf(call, x, w) });
}

const all = (name: string, title: string, call: Convolution, x: number[], w: number[], more: More = {}) => [
  forward(name, title, call, x, w, more),
  backward("input", name, title, call, x, w),
  backward("weight", name, title, call, x, w),
];

const padded: Convolution = (x, w) => conv2d(x, w, null, { padding: 1 });
const strided: Convolution = (x, w) => conv2d(x, w, null, { padding: 1, stride: 2 });

const channels = (c: number): ScalingRow[] => [
  forward(`conv3_${c}`, `3×3, ${c} channels, 16×16, batch 4`, padded, [4, c, 16, 16], [c, c, 3, 3]),
  forward(`conv3s2_${c}`, `3×3 by steps of 2, ${c} channels, 16×16, batch 4`, strided, [4, c, 16, 16], [c, c, 3, 3]),
  forward(`conv1_${c}`, `1×1, ${c} channels, 16×16, batch 4`, conv2d, [4, c, 16, 16], [c, c, 1, 1]),
];

export const convolutions: readonly ScalingRow[] = [
  ...[1, 4, 16, 64, 128, 256, 512].flatMap(channels),
  ...all("conv3_512_4x4", "3×3, 512 channels, 4×4, batch 8", padded, [8, 512, 4, 4], [512, 512, 3, 3]),
  ...all("conv4s2_128_8x8", "4×4 by steps of 2, 128 to 256, 8×8, batch 16", strided, [16, 128, 8, 8], [256, 128, 4, 4]),
  ...all("conv3_128_16x16", "3×3, 128 channels, 16×16, batch 8", padded, [8, 128, 16, 16], [128, 128, 3, 3]),
  forward(
    "depthwise_64",
    "3×3 by channel, 64 channels, 32×32, batch 4",
    (x, w) => conv2d(x, w, null, { padding: 1, groups: 64 }),
    [4, 64, 32, 32],
    [64, 1, 3, 3],
  ),
  ...all(
    "conv7_64",
    "7×7, 64 channels, 32×32, batch 4",
    (x, w) => conv2d(x, w, null, { padding: 3 }),
    [4, 64, 32, 32],
    [64, 64, 7, 7],
  ),
  ...all(
    "convT4s2_64_32",
    "transposed 4×4 by steps of 2, 64 to 32, 32×32, batch 4",
    (x, w) => convTranspose2d(x, w, null, { stride: 2, padding: 1 }),
    [4, 64, 32, 32],
    [64, 32, 4, 4],
  ),
  ...all(
    "conv3d_16",
    "3×3×3, 16 channels, 8×16×16, batch 2",
    (x, w) => conv3d(x, w, null, { padding: 1 }),
    [2, 16, 8, 16, 16],
    [16, 16, 3, 3, 3],
    { target: both(3) },
  ),
  ...all(
    "conv1d_64",
    "width 3, 64 channels, 256 long, batch 8",
    (x, w) => conv1d(x, w, null, { padding: 1 }),
    [8, 64, 256],
    [64, 64, 3],
  ),
];
