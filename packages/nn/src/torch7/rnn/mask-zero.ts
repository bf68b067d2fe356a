import {
  type DType,
  embedding,
  empty,
  eq,
  fill_,
  maskedFill,
  noGrad,
  select,
  type Tensor,
  unsqueeze,
} from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, checkTensor, type Kinds, option } from "@flambeau/tensor/plugin";
import { normal_ } from "../../init.ts";
import { Module } from "../../module.ts";
import { Parameter } from "../../parameter.ts";
import { shown } from "../../repr.ts";
import { checkModule, type Table, whole } from "../table.ts";
import { onOthers, withZeros, zeroExamples } from "./masking.ts";
import { checkTable } from "./steps.ts";

/**
 * Zeroes what a module gives for examples that are zeros: `y[n] = 0` where all of `x[n]` is 0, else `module(x)[n]`, and so are their gradients. Sequences of
 * several lengths in one batch can be padded with zeros so.
 *
 * Modules with states do not forget them here; {@link AbstractRecurrent}'s own `maskZero` does that.
 *
 * Shapes: a tensor or a table whose first tensor, depth first, has `nInputDim` dimensions beside that of the batch; a tensor or table whose tensors have
 * the batch in front.
 *
 * @throws ArgumentError from the constructor for what is no module or no number of dimensions; ShapeError when the first tensor has another number of them.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.MaskZero
 * @example
 * const layer = new MaskZero(new SAdd(1), 1);
 * layer.forward(tensor([[1, 2], [0, 0], [0, 3]])).tolist(); // [[2, 3], [0, 0], [1, 4]]
 */
export class MaskZero extends Module {
  readonly module: Module;
  readonly nInputDim: number;
  constructor(module: Module, nInputDim: number) {
    super();
    checkModule(new.target.name, "module", module);
    this.module = module;
    this.nInputDim = checkInteger(new.target.name, "nInputDim", nInputDim, 0);
  }
  forward<Y extends Table = Tensor>(x: Table): Y {
    checkTable(this.constructor.name, x);
    const mask = zeroExamples(this.constructor.name, x, this.nInputDim);
    const out = this.masked<Y>(x, mask);
    mask.dispose();
    return out;
  }
  protected masked<Y extends Table>(x: Table, mask: Tensor): Y {
    return withZeros<Y>(this.module.forward(x), mask);
  }
  override extraRepr(): string {
    return shown({ nInputDim: this.nInputDim });
  }
}

/**
 * Gives what {@link MaskZero} gives, for less work where many examples are zeros: `y[n] = 0` where all of `x[n]` is 0, and the module is run on the others alone.
 *
 * Shapes: those of {@link MaskZero}; all tensors that go in have the batch in front.
 *
 * @throws ArgumentError and ShapeError as {@link MaskZero} does.
 * @throws UnavailableError on a device that cannot be read at once: the number of examples depends on values.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.TrimZero
 * @see Kim et al., "TrimZero: A Torch Recurrent Module for Efficient Natural Language Processing", 2016
 * @example
 * new TrimZero(new SAdd(1), 1).forward(tensor([[1, 2], [0, 0], [0, 3]])).tolist(); // [[2, 3], [0, 0], [1, 4]]
 */
export class TrimZero extends MaskZero {
  protected override masked<Y extends Table>(x: Table, mask: Tensor): Y {
    return onOthers([x], mask, ([some]) => this.module.forward(some) as Y); // the caller knows what the module gives
  }
}

export interface LookupTableMaskZeroOptions {
  /** What the table is made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where it lives (default: the default device). */
  readonly device?: string | undefined;
}
const kinds: Kinds<LookupTableMaskZeroOptions> = { dtype: option.dtype, device: option.string };
/**
 * A learned table of vectors where number 0 means padding and gives zeros: `y[..., :] = weight[index[..., :]]`, with `weight[0] = 0`. Words count from 1,
 * so that there is a row more than words.
 *
 * Shape: [...] -> [..., nOutput]. Parameter: `weight` [nIndex + 1, nOutput], standard normal; its first row starts with zeros, counts as
 * zeros and gets none but zero gradients. The index is int32 or int64.
 *
 * @throws IndexError when an index is not in 0..nIndex; DTypeError when the index is not int32 or int64.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.LookupTableMaskZero
 * @example
 * const table = new LookupTableMaskZero(10, 2);
 * table.forward(tensor([0, 10], { dtype: "int32" })).at(0).tolist(); // [0, 0]
 */
export class LookupTableMaskZero extends Module {
  weight: Parameter;
  readonly nIndex: number;
  readonly nOutput: number;
  constructor(nIndex: number, nOutput: number, options: LookupTableMaskZeroOptions = {}) {
    super();
    checkOptions("LookupTableMaskZero", kinds, options);
    this.nIndex = checkInteger("LookupTableMaskZero", "nIndex", nIndex, 1);
    this.nOutput = checkInteger("LookupTableMaskZero", "nOutput", nOutput, 1);
    this.weight = new Parameter(empty([nIndex + 1, nOutput], options));
    normal_(this.weight);
    noGrad(() => fill_(select(this.weight, 0, 0), 0));
  }
  forward(index: Tensor): Tensor {
    checkTensor("LookupTableMaskZero", "index", index);
    // whatever became of that row
    return whole(() => maskedFill(embedding(this.weight, index), unsqueeze(eq(index, 0), -1), 0));
  }
  override extraRepr(): string {
    return shown(this.nIndex, this.nOutput);
  }
}
