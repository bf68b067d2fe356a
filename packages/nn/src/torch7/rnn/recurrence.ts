import { ArgumentError, getDefaultDType, isFloat, ShapeError, type Tensor, zeros } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, type Kinds, option, show, showShape } from "@flambeau/tensor/plugin";
import type { Module } from "../../module.ts";
import { checkList, checkModule, type Table } from "../table.ts";
import { AbstractRecurrent, type RecurrentOptions } from "./abstract-recurrent.ts";
import { batchSize, firstOf } from "./steps.ts";

export interface RecurrenceOptions extends RecurrentOptions {
  /** How many steps gradients go back through (default 9999). */
  readonly rho?: number | undefined;
}
const kinds: Kinds<RecurrenceOptions> = { rho: option.number };

/** The size of what a step gives, without the batch: a number, a list of numbers, or a list of such lists for a table. */
export type OutputSize = number | readonly number[] | readonly OutputSize[];

/** Zeros of a size, or a table of them. */
function zerosOf(size: OutputSize, batch: number | null, like: Pick<Tensor, "dtype" | "device">): Table {
  const sizes = typeof size === "number" ? [size] : size;
  if (sizes.every((each) => typeof each === "number")) {
    const shape = batch === null ? sizes : [batch, ...sizes];
    return zeros(shape as readonly number[], { dtype: like.dtype, device: like.device });
  }
  return sizes.map((each) => zerosOf(each, batch, like));
}
/** Dtype and device of what a module computes: those of its parameters or, where it has none, of a floating-point input. */
export function kindOf(module: Module, x: Tensor): Pick<Tensor, "dtype" | "device"> {
  for (const p of module.parameters()) if (isFloat(p.dtype)) return p;
  return { dtype: isFloat(x.dtype) ? x.dtype : getDefaultDType(), device: x.device };
}
function checkSize(size: OutputSize): void {
  const sizes = typeof size === "number" ? [size] : size;
  if (!Array.isArray(sizes) || sizes.length === 0)
    throw new ArgumentError("Recurrence", `outputSize is a size or a list of sizes, got ${show(size)}`);
  if (sizes.every((each) => typeof each === "number"))
    for (const each of sizes) checkInteger("Recurrence", "outputSize", each as number, 1);
  else for (const each of sizes) checkSize(typeof each === "number" ? [] : each);
}

/**
 * Any recurrence: `y[t] = module([x[t], y[t - 1]])`, where y before the first step is zeros of `outputSize`.
 *
 * Shapes: a tensor or a table whose first tensor has `nInputDim` dimensions beside that of the batch; what `module` gives, which is of `outputSize`.
 *
 * @throws ArgumentError from the constructor for what is no module or no size; ShapeError when the first tensor has another number of dimensions,
 * or its batch another size than that of the steps before.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.Recurrence
 * @example
 * const module = new Sequential(new ParallelTable(new nn.Linear(2, 3), new nn.Linear(3, 3)), new CAddTable(), new nn.Sigmoid());
 * const rnn = new Recurrence(module, 3, 1);
 * rnn.forward(randn([5, 2])).shape; // [5, 3]
 * rnn.forward(randn([5, 2])).shape; // [5, 3]
 */
export class Recurrence<X extends Table = Tensor, Y extends Table = Tensor> extends AbstractRecurrent<X, Y> {
  readonly module: Module;
  readonly outputSize: OutputSize;
  readonly nInputDim: number;
  constructor(module: Module, outputSize: OutputSize, nInputDim: number, options: RecurrenceOptions = {}) {
    checkOptions("Recurrence", kinds, options);
    super(options.rho ?? 9999);
    checkModule("Recurrence", "module", module);
    checkSize(outputSize);
    this.module = module;
    this.outputSize = outputSize;
    this.nInputDim = checkInteger("Recurrence", "nInputDim", nInputDim, 0);
  }
  protected override first(x: X): readonly Table[] {
    return [zerosOf(this.outputSize, batchSize("Recurrence", x, this.nInputDim), kindOf(this.module, firstOf(x)))];
  }
  protected next(x: X, states: readonly Table[]): readonly Table[] {
    const batch = batchSize("Recurrence", x, this.nInputDim);
    const { shape } = firstOf(states[0]);
    if (batch !== null && shape[0] !== batch)
      throw new ShapeError(
        "Recurrence",
        `the batch has ${batch} examples, and the steps before left ${showShape(shape)}: call forget() before a sequence of another batch`,
        [shape],
      );
    return [this.module.forward([x, states[0]])];
  }
}

export interface RecursorOptions extends RecurrentOptions {
  /** How many steps gradients go back through (default: all). */
  readonly rho?: number | undefined;
}
const recursorKinds: Kinds<RecursorOptions> = { rho: option.number };

/**
 * Any module as one that is given a sequence step by step: `y[t] = module(x[t])`, where recurrent modules in it remember. It counts steps and hands
 * `forget`, `remember` and `maxBPTTstep` on. Sequencers put it around modules that are not recurrent themselves.
 *
 * Shapes: those of the module.
 *
 * @throws ArgumentError for what is no module.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.Recursor
 * @example
 * const twice = new Recursor(new Sequential(new LSTM(4, 4), new nn.Linear(4, 4), new LSTM(4, 4)));
 * twice.forward(randn([2, 4])).shape; // [2, 4]
 * twice.step; // 1
 */
export class Recursor<X extends Table = Tensor, Y extends Table = Tensor> extends AbstractRecurrent<X, Y> {
  readonly module: Module;
  constructor(module: Module, options: RecursorOptions = {}) {
    checkOptions("Recursor", recursorKinds, options);
    super(options.rho ?? 9_999_999);
    checkModule("Recursor", "module", module);
    this.module = module;
  }
  protected next(x: X): readonly Table[] {
    return [this.module.forward(x)];
  }
  private within(): AbstractRecurrent<Table, Table>[] {
    return [...this.module.modules()].filter((m) => m instanceof AbstractRecurrent);
  }
  /** The states of the recurrent modules in this one, in the order in which they stand there; null at the start of a sequence. */
  override getHiddenState<S extends readonly Table[] = readonly (readonly Tensor[])[]>(): S | null {
    const all = this.within().map((m) => m.getHiddenState());
    return all.some((states) => states === null) ? null : (all as readonly Table[] as S); // the caller knows what they are
  }
  override setHiddenState(states: readonly Table[]): this {
    const inner = this.within();
    checkList("Recursor.setHiddenState", states, inner.length);
    inner.forEach((m, i) => {
      m.setHiddenState(states[i] as readonly Table[]); // looked at there
    });
    return this;
  }
}
/** A module as one that is given steps: itself, where it is recurrent. */
export const stepwise = (module: Module): AbstractRecurrent<Table, Table> =>
  module instanceof AbstractRecurrent ? module : new Recursor(module);
