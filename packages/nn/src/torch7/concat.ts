import { ArgumentError, cat, constantPadNd, ShapeError, select, type Tensor } from "@flambeau/tensor/functional";
import { checkInteger, checkTensor, normalizeDim, showShape } from "@flambeau/tensor/plugin";
import type { Module } from "../module.ts";
import { shown } from "../repr.ts";
import { Container } from "./container.ts";
import { type Table, whole } from "./table.ts";

/**
 * Applies each of its modules to the same input and joins the results along `dim`: `y = cat([m[0](x), m[1](x), ...], dim)`.
 *
 * Shapes: what each module takes; [..., sum of their sizes, ...].
 *
 * @throws ArgumentError for what is no module, and from `forward` when there is none.
 * @throws ShapeError when the results differ in another size than that of `dim`.
 * @see https://github.com/torch/nn/blob/master/doc/containers.md#nn.Concat
 * @example
 * new Concat(0, new nn.Linear(5, 3), new nn.Linear(5, 7)).forward(randn([5])).shape; // [10]
 */
export class Concat extends Container {
  readonly dim: number;
  constructor(dim: number, ...modules: readonly Module[]) {
    super(modules);
    checkInteger(new.target.name, "dim", dim);
    this.dim = dim;
  }
  forward(x: Table): Tensor {
    return whole(() => cat(this.fitted(this.outputs(x)), this.dim));
  }
  private outputs(x: Table): Tensor[] {
    const name = this.constructor.name;
    const outs = [...this.children()].map((m, i) => {
      const y: unknown = m.forward(x);
      checkTensor(name, `the result of module ${i}`, y as Tensor);
      return y as Tensor;
    });
    if (outs.length === 0) throw new ArgumentError(name, "has no modules", "add(module) them first");
    return outs;
  }
  /** The results as they are joined. */
  protected fitted(outs: Tensor[]): Tensor[] {
    return outs;
  }
  override extraRepr(): string {
    return shown({ dim: this.dim });
  }
}

/**
 * {@link Concat} of results that differ in other sizes than that of `dim`: smaller ones stand in the middle of the largest size, with
 * zeros around, `y = cat([pad(m[0](x)), pad(m[1](x)), ...], dim)`. Where the rest is odd, its larger half comes behind.
 *
 * @throws ShapeError when the results have different numbers of dimensions.
 * @see https://github.com/torch/nn/blob/master/doc/containers.md#nn.DepthConcat
 * @see Szegedy et al., "Going deeper with convolutions", 2014, https://arxiv.org/abs/1409.4842
 * @example
 * const mlp = new DepthConcat(0, new nn.Conv2d(3, 2, 1), new nn.Conv2d(3, 2, 3), new nn.Conv2d(3, 2, 4));
 * mlp.forward(randn([3, 7, 7])).shape; // [6, 7, 7]
 */
export class DepthConcat extends Concat {
  protected override fitted(outs: Tensor[]): Tensor[] {
    const { shape } = outs[0];
    for (const y of outs)
      if (y.ndim !== shape.length)
        throw new ShapeError(
          "DepthConcat",
          `results need the same number of dimensions, got ${outs.map((o) => showShape(o.shape)).join(" and ")}`,
          outs.map((o) => o.shape),
        );
    const joined = normalizeDim("DepthConcat", this.dim, shape.length);
    const largest = shape.map((_, d) => Math.max(...outs.map((y) => y.shape[d])));
    return outs.map((y) => {
      const rests = largest.map((size, d) => (d === joined ? 0 : size - y.shape[d]));
      if (rests.every((rest) => rest === 0)) return y;
      // from the last dimension on, before and behind
      const pads = rests.toReversed().flatMap((rest) => [Math.floor(rest / 2), Math.ceil(rest / 2)]);
      return constantPadNd(y, pads);
    });
  }
}

/**
 * Applies its i-th module to the i-th slice of a tensor along `inputDim`, and joins the results along `outputDim`:
 * `y = cat([m[0](x.select(inputDim, 0)), m[1](x.select(inputDim, 1)), ...], outputDim)`.
 *
 * Shapes: [..., number of modules, ...] -> [..., sum of the results' sizes, ...].
 *
 * @throws ArgumentError for what is no module, and when there are fewer modules than slices.
 * @throws IndexError when a dimension is out of range.
 * @see https://github.com/torch/nn/blob/master/doc/containers.md#nn.Parallel
 * @example
 * const mlp = new Parallel(1, 0, new nn.Linear(10, 3), new nn.Linear(10, 2));
 * mlp.forward(randn([10, 2])).shape; // [5]
 */
export class Parallel extends Container {
  readonly inputDim: number;
  readonly outputDim: number;
  constructor(inputDim: number, outputDim: number, ...modules: readonly Module[]) {
    super(modules);
    checkInteger("Parallel", "inputDim", inputDim);
    checkInteger("Parallel", "outputDim", outputDim);
    this.inputDim = inputDim;
    this.outputDim = outputDim;
  }
  forward(x: Tensor): Tensor {
    checkTensor("Parallel", "x", x);
    const dim = normalizeDim("Parallel", this.inputDim, x.ndim);
    const modules = [...this.children()];
    const slices = x.shape[dim];
    if (slices === 0 || slices > modules.length)
      throw new ArgumentError(
        "Parallel",
        `has ${modules.length} modules for ${slices} slices of ${showShape(x.shape)}`,
      );
    return whole(() =>
      cat(
        modules.slice(0, slices).map((m, i) => m.forward(select(x, dim, i)) as Tensor),
        this.outputDim,
      ),
    );
  }
  override extraRepr(): string {
    return shown({ inputDim: this.inputDim, outputDim: this.outputDim });
  }
}
