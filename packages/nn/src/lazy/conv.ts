import { defaultGenerator, type Spatial } from "@flambeau/tensor/functional";
import {
  Conv1d,
  Conv2d,
  Conv3d,
  type ConvLayerOptions,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeLayerOptions,
} from "../layers/conv.ts";
import { channelsOf, Postponed, postpone } from "./postponed.ts";

/**
 * A {@link Conv1d} whose `inChannels` are those of its first input: `y[n, o, l] = bias[o] + sum over c, k of weight[o, c, k] * x[n, c, l * stride + k * dilation - padding]`. It is a Conv1d from then on.
 *
 * Shape: [N, inChannels, L] or [inChannels, L] -> [N, outChannels, L'] or [outChannels, L']. Parameters: uninitialized until the
 * first call, then as of {@link Conv1d}, and drawn then.
 *
 * @throws ArgumentError when `groups` does not divide `outChannels`, or at the first call the channels of the input.
 * @throws ShapeError when the first input has another rank, or other channels than a weight that was loaded.
 * @throws UnavailableError from whatever uses a parameter before the first call.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyConv1d.html
 * @example
 * const layer = new nn.LazyConv1d(8, 3);
 * layer.forward(randn([4, 3, 20])).shape; // [4, 8, 18]
 * layer instanceof nn.Conv1d; // true
 */
export class LazyConv1d extends /* @__PURE__ */ Postponed(Conv1d) {
  constructor(outChannels: number, kernelSize: Spatial, options: ConvLayerOptions = {}) {
    super(0, outChannels, kernelSize, options);
    postpone(
      this,
      (x, made) => new Conv1d(channelsOf("LazyConv1d", x, 1), outChannels, kernelSize, { ...options, ...made }),
    );
  }
}
/**
 * A {@link Conv2d} whose `inChannels` are those of its first input: `y[n, o] = bias[o] + sum over c of weight[o, c] (*) x[n, c]`, planes correlated. It is a Conv2d from then on.
 *
 * Shape: [N, inChannels, H, W] or [inChannels, H, W] -> [N, outChannels, H', W'] or [outChannels, H', W']. Parameters: uninitialized until the
 * first call, then as of {@link Conv2d}, and drawn then.
 *
 * @throws ArgumentError when `groups` does not divide `outChannels`, or at the first call the channels of the input.
 * @throws ShapeError when the first input has another rank, or other channels than a weight that was loaded.
 * @throws UnavailableError from whatever uses a parameter before the first call.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyConv2d.html
 * @example
 * const layer = new nn.LazyConv2d(8, 3);
 * layer.forward(randn([4, 3, 9, 9])).shape; // [4, 8, 7, 7]
 * layer instanceof nn.Conv2d; // true
 */
export class LazyConv2d extends /* @__PURE__ */ Postponed(Conv2d) {
  constructor(outChannels: number, kernelSize: Spatial, options: ConvLayerOptions = {}) {
    super(0, outChannels, kernelSize, options);
    postpone(
      this,
      (x, made) => new Conv2d(channelsOf("LazyConv2d", x, 2), outChannels, kernelSize, { ...options, ...made }),
    );
  }
}
/**
 * A {@link Conv3d} whose `inChannels` are those of its first input: `y[n, o] = bias[o] + sum over c of weight[o, c] (*) x[n, c]`, volumes correlated. It is a Conv3d from then on.
 *
 * Shape: [N, inChannels, D, H, W] or [inChannels, D, H, W] -> [N, outChannels, D', H', W'] or [outChannels, D', H', W']. Parameters: uninitialized until the
 * first call, then as of {@link Conv3d}, and drawn then.
 *
 * @throws ArgumentError when `groups` does not divide `outChannels`, or at the first call the channels of the input.
 * @throws ShapeError when the first input has another rank, or other channels than a weight that was loaded.
 * @throws UnavailableError from whatever uses a parameter before the first call.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyConv3d.html
 * @example
 * const layer = new nn.LazyConv3d(8, 3);
 * layer.forward(randn([1, 3, 8, 9, 9])).shape; // [1, 8, 6, 7, 7]
 * layer instanceof nn.Conv3d; // true
 */
export class LazyConv3d extends /* @__PURE__ */ Postponed(Conv3d) {
  constructor(outChannels: number, kernelSize: Spatial, options: ConvLayerOptions = {}) {
    super(0, outChannels, kernelSize, options);
    postpone(
      this,
      (x, made) => new Conv3d(channelsOf("LazyConv3d", x, 3), outChannels, kernelSize, { ...options, ...made }),
    );
  }
}
/**
 * A {@link ConvTranspose1d} whose `inChannels` are those of its first input: `y[n, o, l * stride + k * dilation - padding] += x[n, c, l] * weight[c, o, k]`, plus `bias[o]`. It is a ConvTranspose1d from then on.
 *
 * Shape: [N, inChannels, L] or [inChannels, L] -> [N, outChannels, L'] or [outChannels, L']. Parameters: uninitialized until the
 * first call, then as of {@link ConvTranspose1d}, and drawn then.
 *
 * @throws ArgumentError when `groups` does not divide `outChannels`, or at the first call the channels of the input.
 * @throws ShapeError when the first input has another rank, or other channels than a weight that was loaded.
 * @throws UnavailableError from whatever uses a parameter before the first call.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose1d.html
 * @example
 * const layer = new nn.LazyConvTranspose1d(8, 3);
 * layer.forward(randn([4, 3, 20])).shape; // [4, 8, 22]
 * layer instanceof nn.ConvTranspose1d; // true
 */
export class LazyConvTranspose1d extends /* @__PURE__ */ Postponed(ConvTranspose1d) {
  constructor(outChannels: number, kernelSize: Spatial, options: ConvTransposeLayerOptions = {}) {
    const drawn = defaultGenerator.getState();
    super(0, outChannels, kernelSize, options);
    defaultGenerator.setState(drawn); // the bias that it made is none yet
    postpone(
      this,
      (x, made) =>
        new ConvTranspose1d(channelsOf("LazyConvTranspose1d", x, 1), outChannels, kernelSize, { ...options, ...made }),
    );
  }
}
/**
 * A {@link ConvTranspose2d} whose `inChannels` are those of its first input: `y[n, o, h * s + i * d - p, w * s + j * d - p] += x[n, c, h, w] * weight[c, o, i, j]`, plus `bias[o]`. It is a ConvTranspose2d from then on.
 *
 * Shape: [N, inChannels, H, W] or [inChannels, H, W] -> [N, outChannels, H', W'] or [outChannels, H', W']. Parameters: uninitialized until the
 * first call, then as of {@link ConvTranspose2d}, and drawn then.
 *
 * @throws ArgumentError when `groups` does not divide `outChannels`, or at the first call the channels of the input.
 * @throws ShapeError when the first input has another rank, or other channels than a weight that was loaded.
 * @throws UnavailableError from whatever uses a parameter before the first call.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose2d.html
 * @example
 * const layer = new nn.LazyConvTranspose2d(8, 3);
 * layer.forward(randn([4, 3, 9, 9])).shape; // [4, 8, 11, 11]
 * layer instanceof nn.ConvTranspose2d; // true
 */
export class LazyConvTranspose2d extends /* @__PURE__ */ Postponed(ConvTranspose2d) {
  constructor(outChannels: number, kernelSize: Spatial, options: ConvTransposeLayerOptions = {}) {
    const drawn = defaultGenerator.getState();
    super(0, outChannels, kernelSize, options);
    defaultGenerator.setState(drawn); // the bias that it made is none yet
    postpone(
      this,
      (x, made) =>
        new ConvTranspose2d(channelsOf("LazyConvTranspose2d", x, 2), outChannels, kernelSize, { ...options, ...made }),
    );
  }
}
/**
 * A {@link ConvTranspose3d} whose `inChannels` are those of its first input: `y[n, o, p * stride + k * dilation - padding] += x[n, c, p] * weight[c, o, k]`, plus `bias[o]`. It is a ConvTranspose3d from then on.
 *
 * Shape: [N, inChannels, D, H, W] or [inChannels, D, H, W] -> [N, outChannels, D', H', W'] or [outChannels, D', H', W']. Parameters: uninitialized until the
 * first call, then as of {@link ConvTranspose3d}, and drawn then.
 *
 * @throws ArgumentError when `groups` does not divide `outChannels`, or at the first call the channels of the input.
 * @throws ShapeError when the first input has another rank, or other channels than a weight that was loaded.
 * @throws UnavailableError from whatever uses a parameter before the first call.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose3d.html
 * @example
 * const layer = new nn.LazyConvTranspose3d(8, 3);
 * layer.forward(randn([1, 3, 8, 9, 9])).shape; // [1, 8, 10, 11, 11]
 * layer instanceof nn.ConvTranspose3d; // true
 */
export class LazyConvTranspose3d extends /* @__PURE__ */ Postponed(ConvTranspose3d) {
  constructor(outChannels: number, kernelSize: Spatial, options: ConvTransposeLayerOptions = {}) {
    const drawn = defaultGenerator.getState();
    super(0, outChannels, kernelSize, options);
    defaultGenerator.setState(drawn); // the bias that it made is none yet
    postpone(
      this,
      (x, made) =>
        new ConvTranspose3d(channelsOf("LazyConvTranspose3d", x, 3), outChannels, kernelSize, { ...options, ...made }),
    );
  }
}
