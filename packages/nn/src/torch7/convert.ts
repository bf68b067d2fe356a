import {
  ArgumentError,
  type DType,
  getDefaultDType,
  permute,
  reshape,
  ShapeError,
  select,
  squeeze,
  type Tensor,
  unsqueeze,
} from "@flambeau/tensor/functional";
import { checkOptions, checkTensor, type Kinds, option, show, showShape, toDType } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { quoted, shown } from "../repr.ts";
import { whole } from "./table.ts";

/**
 * Gives tensors another dtype: `y = x.to(outputType)`, the default dtype unless it is given. The gradient gets that of `x` again.
 *
 * Shape: any, and the same. Dtype: `outputType`.
 *
 * @throws ArgumentError when `outputType` is no dtype; DTypeError when the device lacks it.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Copy
 * @example
 * new Copy("float64").forward(tensor([1, 2])).dtype; // "float64"
 */
export class Copy extends Module {
  readonly outputType: DType | undefined;
  constructor(outputType?: DType) {
    super();
    if (outputType !== undefined && !option.dtype.takes(outputType))
      throw new ArgumentError("Copy", `outputType must be ${option.dtype.means}, got ${show(outputType)}`);
    this.outputType = outputType;
  }
  forward(x: Tensor): Tensor {
    checkTensor("Copy", "x", x);
    return toDType(x, this.outputType ?? getDefaultDType());
  }
  override extraRepr(): string {
    return shown(this.outputType);
  }
}

export interface ConvertOptions {
  /** The dtype of the result (default: the default dtype). */
  readonly dtype?: DType | undefined;
}
const convertKinds: Kinds<ConvertOptions> = { dtype: option.dtype };

/**
 * Changes between layouts of data that are named by a letter for each dimension, b the batch: `new Convert("bchw", "bf")` is
 * `y = x.reshape([b, c * h * w])`, `new Convert("bchw", "bhwc")` is `y = x.permute([0, 2, 3, 1])`. Without a b, it comes first, and an
 * input without a batch gives a result without one. To "bf" goes every layout but "bt"; to "b" go "bt" (the first of t) and "bf" (of one
 * feature), and "b" to "bt". Without layouts only the dtype changes.
 *
 * Shape: as the layouts say. Dtype: the option `dtype`, by default the default dtype, which every input gets.
 *
 * @throws ArgumentError for a layout that is none, and from one to another that it cannot become; ShapeError when `x` does not fit.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Convert
 * @example
 * new Convert("chw", "f").forward(randn([3, 2, 3, 1])).shape; // [3, 6]
 * new Convert("chw", "hwc").forward(randn([1, 2, 3, 2])).shape; // [1, 3, 2, 2]
 * new Convert().forward(tensor([1, 2], { dtype: "int32" })).dtype; // "float32"
 */
export class Convert extends Module {
  readonly inputShape: string | null;
  readonly outputShape: string | null;
  readonly dtype: DType | undefined;
  constructor(inputShape?: string, outputShape?: string, options: ConvertOptions = {}) {
    super();
    checkOptions("Convert", convertKinds, options);
    this.dtype = options.dtype;
    this.inputShape = inputShape === undefined ? null : layout("inputShape", inputShape);
    this.outputShape = outputShape === undefined ? this.inputShape : layout("outputShape", outputShape);
    if (this.inputShape === null && this.outputShape !== null)
      throw new ArgumentError("Convert", "an outputShape needs an inputShape", 'write new Convert("bchw", "bf")');
    if (this.inputShape !== null && this.outputShape !== null) way(this.inputShape, this.outputShape);
  }
  forward(x: Tensor): Tensor {
    checkTensor("Convert", "x", x);
    const { inputShape: from, outputShape: to } = this;
    const dtype = this.dtype ?? getDefaultDType();
    if (from === null || to === null) return toDType(x, dtype);
    const single = x.ndim === from.length - 1;
    if (!single && x.ndim !== from.length)
      throw new ShapeError("Convert", `"${from}" has ${from.length} dimensions, got ${showShape(x.shape)}`, [x.shape]);
    return whole(() => {
      const batch = toDType(single ? unsqueeze(x, from.indexOf("b")) : x, dtype);
      const y = way(from, to)(batch);
      return single ? squeeze(y, to.indexOf("b")) : y;
    });
  }
  override extraRepr(): string {
    return this.inputShape === null || this.outputShape === null
      ? ""
      : `${quoted(this.inputShape)}, ${quoted(this.outputShape)}`;
  }
}

function layout(name: string, given: unknown): string {
  if (typeof given !== "string" || !/^[a-z]+$/.test(given) || new Set(given).size !== given.length)
    throw new ArgumentError("Convert", `${name} is made of letters, each for a dimension, got ${show(given)}`);
  return given.includes("b") ? given : `b${given}`;
}

/** How a batch of one layout becomes one of another. */
function way(from: string, to: string): (x: Tensor) => Tensor {
  if (from.length === to.length && [...to].every((axis) => from.includes(axis)))
    return (x) =>
      permute(
        x,
        [...to].map((axis) => from.indexOf(axis)),
      );
  const b = from.indexOf("b");
  if (to === "bf" && from !== "bt")
    return (x) => {
      const batchFirst = permute(x, [b, ...[...from].map((_, d) => d).filter((d) => d !== b)]);
      const [batch, ...example] = batchFirst.shape;
      return reshape(batchFirst, [batch, example.reduce((a, c) => a * c, 1)]);
    };
  if (to === "bt" && from === "b") return (x) => unsqueeze(x, 1);
  if (to === "b" && from.length === 2 && from.includes("t")) return (x) => select(x, from.indexOf("t"), 0);
  if (to === "b" && from.length === 2 && from.includes("f"))
    return (x) => {
      const f = from.indexOf("f");
      if (x.shape[f] !== 1)
        throw new ShapeError("Convert", `to "b" goes a batch of one feature, got ${showShape(x.shape)}`, [x.shape]);
      return select(x, f, 0);
    };
  throw new ArgumentError("Convert", `cannot make "${to}" of "${from}"`);
}
