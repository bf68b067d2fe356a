import { ShapeError, type Tensor } from "@flambeau/tensor/functional";
import { showShape } from "@flambeau/tensor/plugin";
import {
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type InstanceNormLayerOptions,
} from "../layers/instance-norm.ts";
import { BatchNorm1d, BatchNorm2d, BatchNorm3d, type BatchNormLayerOptions } from "../layers/norm.ts";
import { channelsOf, Postponed, postpone } from "./postponed.ts";

/** The count of batches is there from the start. */
const there = ["numBatchesTracked"];
function featuresOf(op: string, x: Tensor, ranks: readonly number[]): number {
  if (!ranks.includes(x.ndim))
    throw new ShapeError(op, `expected an input of ${ranks.join(" or ")} dimensions, got ${showShape(x.shape)}`, [
      x.shape,
    ]);
  return x.shape[1];
}

/**
 * A {@link BatchNorm1d} whose `numFeatures` are the channels of its first input: `y[:, c] = (x[:, c] - mean) / sqrt(var + eps) * weight[c] + bias[c]`. It is a BatchNorm1d from then on.
 *
 * Shape: that of `x`, [N, C] or [N, C, L]. Parameters and buffers: uninitialized until the first call, then as of {@link BatchNorm1d}.
 *
 * @throws ShapeError when the first input has another rank, or other channels than what was loaded.
 * @throws UnavailableError from whatever uses a parameter or buffer before the first call.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm1d.html
 * @example
 * const layer = new nn.LazyBatchNorm1d();
 * layer.forward(randn([4, 3, 5])).shape; // [4, 3, 5]
 * layer.weight?.shape; // [3]
 */
export class LazyBatchNorm1d extends /* @__PURE__ */ Postponed(BatchNorm1d) {
  constructor(options: BatchNormLayerOptions = {}) {
    super(0, options);
    postpone(
      this,
      (x, made) => new BatchNorm1d(featuresOf("LazyBatchNorm1d", x, [2, 3]), { ...options, ...made }),
      there,
    );
  }
}
/**
 * A {@link BatchNorm2d} whose `numFeatures` are the channels of its first input: `y[:, c] = (x[:, c] - mean) / sqrt(var + eps) * weight[c] + bias[c]`. It is a BatchNorm2d from then on.
 *
 * Shape: that of `x`, [N, C, H, W]. Parameters and buffers: uninitialized until the first call, then as of {@link BatchNorm2d}.
 *
 * @throws ShapeError when the first input has another rank, or other channels than what was loaded.
 * @throws UnavailableError from whatever uses a parameter or buffer before the first call.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm2d.html
 * @example
 * const layer = new nn.LazyBatchNorm2d();
 * layer.forward(randn([4, 3, 5, 5])).shape; // [4, 3, 5, 5]
 * layer.weight?.shape; // [3]
 */
export class LazyBatchNorm2d extends /* @__PURE__ */ Postponed(BatchNorm2d) {
  constructor(options: BatchNormLayerOptions = {}) {
    super(0, options);
    postpone(this, (x, made) => new BatchNorm2d(featuresOf("LazyBatchNorm2d", x, [4]), { ...options, ...made }), there);
  }
}
/**
 * A {@link BatchNorm3d} whose `numFeatures` are the channels of its first input: `y[:, c] = (x[:, c] - mean) / sqrt(var + eps) * weight[c] + bias[c]`. It is a BatchNorm3d from then on.
 *
 * Shape: that of `x`, [N, C, D, H, W]. Parameters and buffers: uninitialized until the first call, then as of {@link BatchNorm3d}.
 *
 * @throws ShapeError when the first input has another rank, or other channels than what was loaded.
 * @throws UnavailableError from whatever uses a parameter or buffer before the first call.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm3d.html
 * @example
 * const layer = new nn.LazyBatchNorm3d();
 * layer.forward(randn([4, 3, 2, 3, 3])).shape; // [4, 3, 2, 3, 3]
 * layer.weight?.shape; // [3]
 */
export class LazyBatchNorm3d extends /* @__PURE__ */ Postponed(BatchNorm3d) {
  constructor(options: BatchNormLayerOptions = {}) {
    super(0, options);
    postpone(this, (x, made) => new BatchNorm3d(featuresOf("LazyBatchNorm3d", x, [5]), { ...options, ...made }), there);
  }
}
/**
 * A {@link InstanceNorm1d} whose `numFeatures` are the channels of its first input: `y[n, c] = (x[n, c] - mean) / sqrt(var + eps) * weight[c] + bias[c]`. It is a InstanceNorm1d from then on.
 *
 * Shape: that of `x`, [N, C, L] or [C, L]. Parameters and buffers: uninitialized until the first call, then as of {@link InstanceNorm1d}.
 *
 * @throws ShapeError when the first input has another rank, or other channels than what was loaded.
 * @throws UnavailableError from whatever uses a parameter or buffer before the first call.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm1d.html
 * @example
 * const layer = new nn.LazyInstanceNorm1d({ affine: true });
 * layer.forward(randn([4, 3, 5])).shape; // [4, 3, 5]
 * layer.weight?.shape; // [3]
 */
export class LazyInstanceNorm1d extends /* @__PURE__ */ Postponed(InstanceNorm1d) {
  constructor(options: InstanceNormLayerOptions = {}) {
    super(0, options);
    postpone(
      this,
      (x, made) => new InstanceNorm1d(channelsOf("LazyInstanceNorm1d", x, 1), { ...options, ...made }),
      there,
    );
  }
}
/**
 * A {@link InstanceNorm2d} whose `numFeatures` are the channels of its first input: `y[n, c] = (x[n, c] - mean) / sqrt(var + eps) * weight[c] + bias[c]`. It is a InstanceNorm2d from then on.
 *
 * Shape: that of `x`, [N, C, H, W] or [C, H, W]. Parameters and buffers: uninitialized until the first call, then as of {@link InstanceNorm2d}.
 *
 * @throws ShapeError when the first input has another rank, or other channels than what was loaded.
 * @throws UnavailableError from whatever uses a parameter or buffer before the first call.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm2d.html
 * @example
 * const layer = new nn.LazyInstanceNorm2d({ affine: true });
 * layer.forward(randn([4, 3, 5, 5])).shape; // [4, 3, 5, 5]
 * layer.weight?.shape; // [3]
 */
export class LazyInstanceNorm2d extends /* @__PURE__ */ Postponed(InstanceNorm2d) {
  constructor(options: InstanceNormLayerOptions = {}) {
    super(0, options);
    postpone(
      this,
      (x, made) => new InstanceNorm2d(channelsOf("LazyInstanceNorm2d", x, 2), { ...options, ...made }),
      there,
    );
  }
}
/**
 * A {@link InstanceNorm3d} whose `numFeatures` are the channels of its first input: `y[n, c] = (x[n, c] - mean) / sqrt(var + eps) * weight[c] + bias[c]`. It is a InstanceNorm3d from then on.
 *
 * Shape: that of `x`, [N, C, D, H, W] or [C, D, H, W]. Parameters and buffers: uninitialized until the first call, then as of {@link InstanceNorm3d}.
 *
 * @throws ShapeError when the first input has another rank, or other channels than what was loaded.
 * @throws UnavailableError from whatever uses a parameter or buffer before the first call.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm3d.html
 * @example
 * const layer = new nn.LazyInstanceNorm3d({ affine: true });
 * layer.forward(randn([4, 3, 2, 3, 3])).shape; // [4, 3, 2, 3, 3]
 * layer.weight?.shape; // [3]
 */
export class LazyInstanceNorm3d extends /* @__PURE__ */ Postponed(InstanceNorm3d) {
  constructor(options: InstanceNormLayerOptions = {}) {
    super(0, options);
    postpone(
      this,
      (x, made) => new InstanceNorm3d(channelsOf("LazyInstanceNorm3d", x, 3), { ...options, ...made }),
      there,
    );
  }
}
