import { ArgumentError, type Tensor } from "@flambeau/tensor/functional";
import { checkInteger, show } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { checkList, checkModule, type Table, tensorsOf } from "../table.ts";
import { onOthers, withZeros, zeroExamples } from "./masking.ts";
import { asStep, checkTable, isForgetful, Memory } from "./steps.ts";

/** When a {@link Sequencer} keeps what it remembers from one `forward` to the next. */
export type Remember = "both" | "eval" | "train" | "neither";
const remembers: readonly Remember[] = ["both", "eval", "train", "neither"];

export interface RecurrentOptions {
  /** How many steps gradients go back through. */
  readonly rho?: number | undefined;
}

/** How many steps gradients go back through unless `rho` says otherwise: all. */
export const unlimited = 99_999;

const memories = new WeakMap<object, Memory>();

interface Sequenced extends Module {
  remember(mode?: Remember): this;
}
const isSequenced = (m: Module): m is Sequenced => "remember" in m && !(m instanceof AbstractRecurrent);

/**
 * Makes a module and all below it forget the sequence that they are in, as `module:forget()` does in Torch7: states go back to the start, step
 * counts to 0. To be called between independent sequences, and after each update of the parameters.
 *
 * Shapes: none.
 *
 * @throws ArgumentError when `module` is no module.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.AbstractRecurrent.forget
 * @example
 * const lstm = new LSTM(2, 3);
 * const net = new Sequential(lstm, new nn.ReLU());
 * net.forward(ones([1, 2]));
 * lstm.step; // 1
 * forget(net);
 * lstm.step; // 0
 */
export function forget(module: Module): void {
  checkModule("forget", "module", module);
  for (const m of module.modules()) if (isForgetful(m)) m.drop();
}
/**
 * Sets when the sequencers in a module keep their states from one `forward` to the next, as `module:remember(mode)` does in Torch7: "both" in
 * training and evaluation, "train" or "eval" in one of them, "neither" never, which they start with.
 *
 * Shapes: none.
 *
 * @throws ArgumentError when `module` is no module or `mode` is another one.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.Sequencer.remember
 * @example
 * const sequencer = new Sequencer(new LSTM(2, 3));
 * remember(new Sequential(sequencer), "eval");
 * sequencer.hasMemory(); // false
 * sequencer.eval().hasMemory(); // true
 */
export function remember(module: Module, mode: Remember = "both"): void {
  checkModule("remember", "module", module);
  checkMode("remember", mode);
  for (const m of module.modules()) if (isSequenced(m)) m.remember(mode);
}
export function checkMode(op: string, mode: Remember): void {
  if (!remembers.includes(mode))
    throw new ArgumentError(op, `mode is ${remembers.map((m) => `"${m}"`).join(" or ")}, got ${show(mode)}`);
}
/** Whether a mode keeps states while a module trains, or does not. */
export const keeps = (mode: Remember, training: boolean): boolean =>
  mode === "both" || mode === (training ? "train" : "eval");

/** Holds `rho` to a positive integer. */
export const checkRho = (op: string, rho: number): number => checkInteger(op, "rho", rho, 1);

/**
 * The base of modules that are given a sequence one step at a time: each `forward(x)` computes `states' = f(x, states)` with the states that the
 * last one left, which the module remembers, and gives the first of them.
 *
 * `forget()` goes back to the start of a sequence. In training the graph of all steps hangs together, and one `backward()` goes through as many of
 * them as `rho` says, counted from the last one when it comes; it is backpropagation through time without calls in reverse order. Once a backward
 * has been through it, that graph is used up: the next step goes on from the values of the states alone. In evaluation only values are remembered,
 * so that a sequence may be without end. The states are the module's own: a `tidy` around a step leaves them.
 *
 * A model of your own extends it with `next(x, states)`, which gets `null` for the states of the first step.
 *
 * Shapes: those of a subclass.
 *
 * @throws ArgumentError when `rho` is no positive integer, or something goes in that is no tensor and no table of them.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.AbstractRecurrent
 * @example
 * class Total extends AbstractRecurrent {
 *   protected next(x: Tensor, states: readonly Tensor[] | null): readonly Tensor[] {
 *     return [states === null ? x : x.add(states[0])];
 *   }
 * }
 * const total = new Total();
 * total.forward(tensor([1])).tolist(); // [1]
 * total.forward(tensor([2])).tolist(); // [3]
 * total.forget().forward(tensor([2])).tolist(); // [2]
 */
export abstract class AbstractRecurrent<X extends Table = Tensor, Y extends Table = Tensor> extends Module {
  private limit: number;
  private masked: { readonly dims: number; readonly trim: boolean } | null = null;

  constructor(rho: number = unlimited) {
    super();
    this.limit = checkRho(this.constructor.name, rho);
  }
  /** Not a field: a copy of the module is in no sequence yet. */
  private get memory(): Memory {
    let own = memories.get(this);
    if (own === undefined) memories.set(this, (own = new Memory()));
    return own;
  }
  /** How many steps gradients go back through. */
  get rho(): number {
    return this.limit;
  }
  /** How many steps the sequence has had: the number of the next one. */
  get step(): number {
    return this.memory.steps;
  }
  /** The states after a step, the output first, from what goes in and the states before, which are null in the first step. */
  protected abstract next(x: X, states: readonly Table[] | null): readonly Table[];
  /** States to mask the first step's with, where `next` makes its own of null. */
  protected first?(x: X): readonly Table[];

  forward(x: X): Y {
    checkTable(this.constructor.name, x);
    const { memory } = this;
    const held = memory.take();
    const before = held ?? this.first?.(x) ?? null;
    const after = asStep(() => (this.masked === null ? this.next(x, before) : this.masking(x, before, this.masked)));
    if (held === null && before !== null) disposeBut(before, after);
    const [out] = memory.advance(after, this.training, () => this.limit);
    return out as Y; // what `next` puts first
  }
  private masking(
    x: X,
    before: readonly Table[] | null,
    { dims, trim }: { readonly dims: number; readonly trim: boolean },
  ): readonly Table[] {
    const mask = zeroExamples(this.constructor.name, x, dims);
    const after =
      trim && before !== null
        ? onOthers([x, before], mask, ([some, states]) => this.next(some as X, states as readonly Table[]))
        : withZeros(this.next(x, before), mask);
    mask.dispose();
    return after;
  }

  /** Goes back to the start of a sequence, with all modules below. */
  forget(): this {
    forget(this);
    return this;
  }
  /** Forgets what this very module holds. @internal */
  drop(): void {
    this.memory.forget();
  }
  /** Sets when the sequencers below keep their states; a step-wise module forgets only when it is told to. */
  remember(mode: Remember = "both"): this {
    remember(this, mode);
    return this;
  }
  /** Sets how many steps gradients go back through, here and in the recurrent modules below. */
  maxBPTTstep(rho: number): this {
    checkRho(`${this.constructor.name}.maxBPTTstep`, rho);
    for (const m of this.modules()) if (m instanceof AbstractRecurrent) m.limit = rho;
    return this;
  }
  /**
   * From now on outputs and states are zeros where an example of the first tensor that goes in, of `nInputDim` dimensions, is zeros: sequences of
   * several lengths in one batch are padded with zeros, and unrelated ones are parted by a step of them.
   */
  maskZero(nInputDim: number): this {
    this.masked = { dims: checkInteger(`${this.constructor.name}.maskZero`, "nInputDim", nInputDim, 0), trim: false };
    return this;
  }
  /** {@link maskZero} that leaves the masked examples out of the computation. */
  trimZero(nInputDim: number): this {
    this.masked = { dims: checkInteger(`${this.constructor.name}.trimZero`, "nInputDim", nInputDim, 0), trim: true };
    return this;
  }
  /** The states that the last step left, with their graph; null at the start of a sequence. */
  getHiddenState<S extends readonly Table[] = readonly Tensor[]>(): S | null {
    return this.memory.take() as S | null; // the caller knows what the states are
  }
  /** Puts states in the place of those that are remembered: those of an encoder, say, before the first step of a decoder. */
  setHiddenState(states: readonly Table[]): this {
    const op = `${this.constructor.name}.setHiddenState`;
    checkList(op, states);
    checkTable(op, states);
    this.memory.set(states);
    return this;
  }
  /** Another module of the same sizes with parameters that are drawn anew, where the class can make one. @internal */
  fresh?(): AbstractRecurrent<X, Y>;
}

/** Frees a table's tensors, but for those that are also in another one. */
function disposeBut(table: Table, others: Table): void {
  const kept = new Set(tensorsOf(others));
  for (const t of tensorsOf(table)) if (!kept.has(t)) t.dispose();
}
