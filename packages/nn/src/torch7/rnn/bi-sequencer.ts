import { ArgumentError, cat, isTensor, type Tensor, zerosLike } from "@flambeau/tensor/functional";
import { checkInteger, show } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { checkModule, checkTensorList, type Table } from "../table.ts";
import { AbstractRecurrent } from "./abstract-recurrent.ts";
import { AbstractSequencer, stepsOf } from "./abstract-sequencer.ts";
import { Sequencer } from "./sequencer.ts";
import { mapTable } from "./steps.ts";

/** Joins the outputs of both directions along the first dimension of an example, of `nInputDims` dimensions. */
class Join extends Module {
  readonly nInputDims: number;
  constructor(op: string, nInputDims: number) {
    super();
    this.nInputDims = checkInteger(op, "merge", nInputDims, 1);
  }
  forward(x: readonly Tensor[]): Tensor {
    checkTensorList("BiSequencer", x);
    return cat(x, Math.max(0, x[0].ndim - this.nInputDims));
  }
}
/** A module that merges `[there, back]`, or the number of dimensions of an example, which are joined along the first. */
export type Merge = Module | number;
function merging(op: string, merge: Merge): Module {
  if (typeof merge === "number") return new Join(op, merge);
  checkModule(op, "merge", merge);
  return merge;
}
/** The module for the way back: one of the same sizes, where none is given. */
function backwards(op: string, fwd: Module, bwd: Module | null): Module {
  if (bwd !== null) {
    checkModule(op, "bwd", bwd);
    return bwd;
  }
  if ("fresh" in fwd && typeof fwd.fresh === "function") return fwd.fresh();
  throw new ArgumentError(
    op,
    `a ${fwd.constructor.name} cannot make another one of itself`,
    "give the module for the way back, too: one of the same form",
  );
}

/** The steps of a sequence that comes as a list. */
function listed(op: string, x: readonly Table[]): readonly Table[] {
  if (isTensor(x)) throw new ArgumentError(op, `takes a list of steps, got ${show(x)}`, "write [...unbind(x)]");
  return stepsOf(op, x);
}
const merged = <Y extends Table>(merge: Sequencer, there: readonly Table[], back: readonly Table[]): Y[] =>
  merge.forward<Y>(there.map((each, i) => [each, back[i]]));

/**
 * A bidirectional net: `y[t] = merge([fwd(x)[t], bwd(x reversed)[T - 1 - t]])`. Both modules are recurrent, or hold recurrent ones.
 *
 * `bwd` is another module of the sizes of `fwd` unless it is given; `LSTM`, `FastLSTM`, `GRU` and `MuFuRu` can make one. `merge` is a module that takes
 * a list of two, or the number of an example's dimensions: then both are joined along the first of these, which is what 1, the default, means for vectors.
 * After an update of the parameters at least `bwdSeq` should forget, since it would remember the future; they do so by themselves unless `remember` was called.
 *
 * Shapes: a list of steps; a list of as many.
 *
 * @throws ArgumentError for what is no module or no list of steps, and when `bwd` is left out where `fwd` cannot make one.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.BiSequencer
 * @example
 * const y = new BiSequencer(new FastLSTM(4, 8)).forward([randn([3, 4]), randn([3, 4])]);
 * y[0].shape; // [3, 16]
 */
export class BiSequencer extends AbstractSequencer {
  readonly fwdSeq: Sequencer;
  readonly bwdSeq: Sequencer;
  readonly mergeSeq: Sequencer;
  constructor(fwd: Module, bwd: Module | null = null, merge: Merge = 1) {
    super();
    checkModule("BiSequencer", "fwd", fwd);
    this.fwdSeq = new Sequencer(fwd);
    this.bwdSeq = new Sequencer(backwards("BiSequencer", fwd, bwd));
    this.mergeSeq = new Sequencer(merging("BiSequencer", merge));
  }
  override remember(mode: Parameters<AbstractSequencer["remember"]>[0] = "both"): this {
    super.remember(mode);
    this.fwdSeq.remember(mode);
    this.bwdSeq.remember(mode);
    return this;
  }
  forward<Y extends Table = Tensor>(x: readonly Table[]): Y[] {
    const steps = listed("BiSequencer", x);
    const there = this.fwdSeq.forward<Table>(steps);
    const back = this.bwdSeq.forward<Table>([...steps].reverse()).reverse();
    return merged<Y>(this.mergeSeq, there, back);
  }
}

/** A recurrent module in a sequencer; others are given whole sequences as they are. */
const sequenced = (module: Module): Module => (module instanceof AbstractRecurrent ? new Sequencer(module) : module);

/**
 * A bidirectional net for language models, which sees all of a sequence but the step that it is to predict from: `fwd` reads the first T - 1 steps and `bwd`
 * the last T - 1, from the end, and `y[t] = merge([fwd(x)[t - 1], bwd(x)[t + 1]])`. What is missing at the first and at the last step is zeros.
 *
 * `fwd` and `bwd` are recurrent, or take and give sequences as a {@link Sequencer} does, or a stack of such; otherwise as in {@link BiSequencer}.
 *
 * Shapes: a list of at least two steps; a list of as many.
 *
 * @throws ArgumentError for what is no module or no list of at least two steps, and when `bwd` is left out where `fwd` cannot make one.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.BiSequencerLM
 * @example
 * const y = new BiSequencerLM(new FastLSTM(4, 8)).forward([randn([3, 4]), randn([3, 4]), randn([3, 4])]);
 * y.map((each) => each.shape); // [[3, 16], [3, 16], [3, 16]]
 * y[0].narrow(1, 0, 8).any().item(); // 0
 */
export class BiSequencerLM extends AbstractSequencer {
  readonly fwdSeq: Module;
  readonly bwdSeq: Module;
  readonly mergeSeq: Sequencer;
  constructor(fwd: Module, bwd: Module | null = null, merge: Merge = 1) {
    super();
    checkModule("BiSequencerLM", "fwd", fwd);
    this.fwdSeq = sequenced(fwd);
    this.bwdSeq = sequenced(backwards("BiSequencerLM", fwd, bwd));
    this.mergeSeq = new Sequencer(merging("BiSequencerLM", merge));
  }
  override remember(mode: Parameters<AbstractSequencer["remember"]>[0] = "both"): this {
    super.remember(mode);
    for (const seq of [this.fwdSeq, this.bwdSeq])
      for (const m of seq.modules()) if (m instanceof AbstractSequencer) m.remember(mode);
    return this;
  }
  forward<Y extends Table = Tensor>(x: readonly Table[]): Y[] {
    const steps = listed("BiSequencerLM", x);
    if (steps.length < 2) throw new ArgumentError("BiSequencerLM", "takes at least two steps, got one");
    const there: readonly Table[] = this.fwdSeq.forward(steps.slice(0, -1));
    const back: readonly Table[] = this.bwdSeq.forward(steps.slice(1).reverse()).reverse();
    const nothing = (like: Table): Table => mapTable(like, (t) => zerosLike(t));
    return merged<Y>(this.mergeSeq, [nothing(there[0]), ...there], [...back, nothing(back[0])]);
  }
}
