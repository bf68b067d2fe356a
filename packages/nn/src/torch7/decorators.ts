import { ArgumentError, reshape, ShapeError, type Tensor } from "@flambeau/tensor/functional";
import { checkInteger, checkTensor, show, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { shown } from "../repr.ts";
import { checkModule, type Table, tensorsOf, whole } from "./table.ts";

/**
 * A module around another, which it calls: `y = module(x)`. For classes that change what goes in or comes out.
 *
 * Shapes: those of the module.
 *
 * @throws ArgumentError for what is no module.
 * @see https://github.com/torch/nn/blob/master/doc/containers.md#nn.Decorator
 * @example
 * class Halved extends Decorator {
 *   override forward(x: Tensor): Tensor {
 *     return super.forward(x).mul(0.5);
 *   }
 * }
 * new Halved(new nn.ReLU()).forward(tensor([-2, 2])).tolist(); // [0, 1]
 */
export class Decorator<X extends Table = Tensor, Y extends Table = Tensor> extends Module {
  readonly module: Module;
  constructor(module: Module) {
    super();
    checkModule(new.target.name, "module", module);
    this.module = module;
  }
  forward(x: X): Y {
    return this.module.forward(x) as Y; // who wrote the type knows what it gives
  }
}

/**
 * Lets a module of `nInputDim` dimensions take inputs of more: the leading ones are joined before and split again behind it,
 * `y = module(x.reshape([-1, ...])).reshape([..., ...])`.
 *
 * Shape: [..., *dims] -> [..., *dims of the module's result]. `nInputDim` is 2 unless it is given, `nOutputDim` is `nInputDim`.
 *
 * @throws ShapeError when the module's result has another number of dimensions than `nOutputDim`.
 * @see https://github.com/torch/nn/blob/master/doc/containers.md#nn.Bottle
 * @example
 * new Bottle(new nn.Linear(10, 2)).forward(randn([4, 5, 3, 10])).shape; // [4, 5, 3, 2]
 */
export class Bottle extends Decorator {
  readonly nInputDim: number;
  readonly nOutputDim: number;
  constructor(module: Module, nInputDim = 2, nOutputDim = nInputDim) {
    super(module);
    checkInteger("Bottle", "nInputDim", nInputDim, 1);
    checkInteger("Bottle", "nOutputDim", nOutputDim, 1);
    this.nInputDim = nInputDim;
    this.nOutputDim = nOutputDim;
  }
  override forward(x: Tensor): Tensor {
    checkTensor("Bottle", "x", x);
    const extra = x.ndim - this.nInputDim;
    if (extra <= 0) return super.forward(x);
    return whole(() => {
      const joined = x.shape.slice(0, extra);
      const many = joined.reduce((a, b) => a * b, 1);
      const [first, ...rest] = x.shape.slice(extra);
      const y = this.module.forward(reshape(x, [many * first, ...rest])) as Tensor;
      if (y.ndim !== this.nOutputDim)
        throw new ShapeError(
          "Bottle",
          `the module's result needs ${this.nOutputDim} dimensions, got ${showShape(y.shape)}`,
          [y.shape],
          "nOutputDim says how many there are",
        );
      const [out, ...more] = y.shape;
      return reshape(y, [...joined, out / many, ...more]);
    });
  }
  override extraRepr(): string {
    return shown({ nInputDim: this.nInputDim, nOutputDim: this.nOutputDim });
  }
}

/**
 * Passes its input through and prints its sizes: `y = x`. Gradients pass unseen: a hook shows theirs.
 *
 * Shape: any, also tables of tensors; the result is what it was given.
 *
 * @throws ArgumentError for what is neither a tensor nor a table of tensors, and when the prefix is no string.
 * @see https://github.com/torch/nn/blob/master/PrintSize.lua
 * @example
 * new PrintSize("hidden").forward(zeros([2, 3])).shape; // [2, 3]
 */
export class PrintSize extends Module {
  readonly prefix: string;
  constructor(prefix = "PrintSize") {
    super();
    if (typeof prefix !== "string")
      throw new ArgumentError("PrintSize", `prefix must be a string, got ${show(prefix)}`);
    this.prefix = prefix;
  }
  forward<X extends Table>(x: X): X {
    const sizes = [...tensorsOf(x)].map((t) => showShape(t.shape)).join(", ");
    console.log(`${this.prefix}: input ${sizes}`);
    return x;
  }
}
