import { ArgumentError, type Tensor } from "@flambeau/tensor/functional";
import { checkTensor, show } from "@flambeau/tensor/plugin";
import { isModule, type Module } from "../module.ts";
import { BatchNorm } from "./norm.ts";

/**
 * Batch normalization of [N, C, ...] per channel: `y[:, c] = (x[:, c] - mean) / sqrt(var + eps) * weight[c] + bias[c]`, over what all
 * processes that train together have of a batch. A Flambeau program is one process: it is {@link BatchNorm2d} for any number of dimensions, so
 * that models with it load and run.
 *
 * Shape: that of `x`, [N, C, ...] with C = `numFeatures`. Parameters and buffers: those of {@link BatchNorm2d}. Dtype: that of `x`, a
 * floating-point one.
 *
 * @throws ShapeError when `x` has fewer than two dimensions or other channels.
 * @throws ArgumentError in training with one value per channel; from `convertSyncBatchnorm` for what is no module.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.SyncBatchNorm.html
 * @example
 * const net = new nn.Sequential(new nn.Conv2d(3, 8, 3), new nn.BatchNorm2d(8));
 * const converted = nn.SyncBatchNorm.convertSyncBatchnorm(net);
 * converted.forward(randn([2, 3, 5, 5])).shape; // [2, 8, 3, 3]
 * net.get(1) instanceof nn.SyncBatchNorm; // true
 */
export class SyncBatchNorm extends BatchNorm {
  protected check(x: Tensor): boolean {
    checkTensor("SyncBatchNorm", "x", x);
    return x.ndim >= 2;
  }
  /**
   * Puts a SyncBatchNorm in the place of every batch normalization of a module, with its parameters and buffers. Gives the module, or what
   * stands in its place where it is one itself.
   */
  static convertSyncBatchnorm(module: Module): Module {
    if (!isModule(module))
      throw new ArgumentError("convertSyncBatchnorm", `module must be a Module, got ${show(module)}`);
    return converted(module, new Set());
  }
}

function converted(module: Module, seen: Set<Module>): Module {
  if (seen.has(module)) return module;
  seen.add(module);
  if (module instanceof BatchNorm && !(module instanceof SyncBatchNorm)) {
    const { numFeatures, eps, momentum, weight, bias, runningMean, runningVar, numBatchesTracked, training } = module;
    const made = new SyncBatchNorm(numFeatures, { eps, momentum, affine: false, trackRunningStats: false });
    return Object.assign(made, { weight, bias, runningMean, runningVar, numBatchesTracked, training });
  }
  for (const [field, child] of Object.entries(module))
    if (isModule(child)) Reflect.set(module, field, converted(child, seen));
  return module;
}
