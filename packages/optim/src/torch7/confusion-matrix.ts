import { ArgumentError, argmax, isTensor, ShapeError, type Tensor, tidy } from "@flambeau/tensor/functional";
import { numbersFor, option, show, showShape } from "@flambeau/tensor/plugin";
import { wholeNumber } from "../check.ts";

const numbersOf = (t: Tensor): number[] =>
  Array.from(numbersFor("ConfusionMatrix", t, "it counts what they say"), Number);

type Label = number | Tensor | readonly number[];

/**
 * Counts of predictions by class: row t, column p of `mat` says how often class t was taken for p, `mat[t][p] += 1`.
 *
 * Made of a number of classes or of their names. Classes count from 0; examples whose label is negative are missing, and left out. What
 * `updateValids` sets: `valids`, each row's share on the diagonal, `unionValids`, intersection over union of row and column (the VOC measure),
 * their means over the classes that there are, and `totalValid`, the share of right ones.
 *
 * Shapes: see `add` and `batchAdd`; `mat` is a list of C rows of C numbers.
 *
 * @throws ArgumentError for classes that are neither a number nor names, and a label or prediction that is no class; ShapeError for scores of
 * other shapes.
 * @see https://github.com/torch/optim/blob/master/ConfusionMatrix.lua
 * @example
 * import { ConfusionMatrix } from "@flambeau/optim/torch7";
 * const confusion = new ConfusionMatrix(["cat", "dog"]);
 * confusion.batchAdd(tensor([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]), tensor([0, 1, 1], { dtype: "int32" }));
 * confusion.mat; // [[1, 0], [1, 1]]
 * confusion.updateValids().totalValid.toFixed(2); // "0.67"
 */
export class ConfusionMatrix {
  readonly classes: readonly string[];
  readonly nclasses: number;
  /** Rows are labels, columns predictions. */
  readonly mat: number[][];
  /** Each class's share of right predictions; NaN where there are none. */
  valids: readonly number[] = [];
  /** Each class's right predictions over all where it is label or prediction. */
  unionValids: readonly number[] = [];
  averageValid = 0;
  averageUnionValid = 0;
  totalValid = 0;

  constructor(classes: number | readonly string[]) {
    const names = option.listOf(option.string).takes(classes);
    if (!names && typeof classes !== "number")
      throw new ArgumentError("ConfusionMatrix", `classes are a number or a list of names, got ${show(classes)}`);
    this.nclasses = names ? classes.length : classes;
    wholeNumber("ConfusionMatrix", "the number of classes", this.nclasses);
    this.classes = names ? classes : [];
    this.mat = Array.from({ length: this.nclasses }, () => new Array<number>(this.nclasses).fill(0));
  }

  /** Counts one example: a class or scores [C] as `prediction`, a class or scores [C] (one-hot) as `target`. */
  add(prediction: Label, target: Label): this {
    return this.#count("ConfusionMatrix.add", [this.#class(prediction)], [this.#class(target)]);
  }
  /** Counts N examples: classes [N] or [N, 1], or scores [N, C] as `predictions`, the same (one-hot) as `targets`. */
  batchAdd(predictions: Tensor | readonly number[], targets: Tensor | readonly number[]): this {
    return this.#count("ConfusionMatrix.batchAdd", this.#classesOf(predictions), this.#classesOf(targets));
  }
  /** Starts over. */
  zero(): this {
    for (const row of this.mat) row.fill(0);
    this.valids = [];
    this.unionValids = [];
    this.averageValid = this.averageUnionValid = this.totalValid = 0;
    return this;
  }
  /** Sets the shares from the counts so far. */
  updateValids(): this {
    const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
    const right = this.mat.map((row, t) => row[t]);
    const rows = this.mat.map(sum);
    const columns = this.mat.map((_, p) => sum(this.mat.map((row) => row[p])));
    this.valids = right.map((r, t) => r / rows[t]);
    this.unionValids = right.map((r, t) => r / (rows[t] + columns[t] - r));
    const there = this.valids.map((v) => !Number.isNaN(v));
    const mean = (list: readonly number[]) => sum(list.filter((_, t) => there[t])) / there.filter(Boolean).length;
    this.averageValid = mean(this.valids);
    this.averageUnionValid = mean(this.unionValids);
    this.totalValid = sum(right) / sum(rows);
    return this;
  }
  /** False rejections (a class taken for others) and false acceptances (others taken for it) of each class; -1 where it has no examples. */
  farFrr(): { readonly frrs: readonly number[]; readonly fars: readonly number[] } {
    const counts = this.mat.map((row) => row.reduce((a, b) => a + b, 0));
    const frrs = this.mat.map((row, t) => (counts[t] === 0 ? -1 : 1 - row[t] / counts[t]));
    const fars = this.mat.map((_, t) => {
      if (counts[t] === 0) return -1;
      const others = this.mat.flatMap((row, k) => (k !== t && counts[k] !== 0 ? [row[t] / counts[k]] : []));
      return others.reduce((a, b) => a + b, 0) / others.length;
    });
    return { frrs, fars };
  }
  /** The counts, each class's share of right predictions, and the means: what Torch7 prints. */
  toString(): string {
    this.updateValids();
    const width = Math.max(8, 1 + Math.ceil(Math.log10(Math.max(...this.mat.flat(), 1))));
    const rows = this.mat.map((row, t) => {
      const counts = row.map((c) => String(c).padStart(width)).join("");
      const end = t === this.nclasses - 1 ? "]]  " : "]   ";
      const name = this.classes.length > 0 ? `\t[class: ${this.classes[t]}]` : "";
      return `${t === 0 ? "[[" : " ["}${counts}${end}${(this.valids[t] * 100).toFixed(3)}% ${name}`;
    });
    return [
      "ConfusionMatrix:",
      ...rows,
      ` + average row correct: ${this.averageValid * 100}% `,
      ` + average rowUcol correct (VOC measure): ${this.averageUnionValid * 100}% `,
      ` + global correct: ${this.totalValid * 100}%`,
    ].join("\n");
  }

  #class(given: Label): number {
    if (typeof given === "number") return given;
    const scores = isTensor(given) ? this.#scores(given, 1) : given;
    if (!option.listOf(option.number, this.nclasses).takes(scores))
      throw new ArgumentError(
        "ConfusionMatrix.add",
        `an example is a class or ${this.nclasses} scores, got ${show(given)}`,
      );
    return scores.indexOf(Math.max(...scores));
  }
  #scores(t: Tensor, ndim: number): number[] {
    if (t.ndim !== ndim || t.shape[ndim - 1] !== this.nclasses)
      throw new ShapeError(
        "ConfusionMatrix",
        `scores of ${this.nclasses} classes cannot have shape ${showShape(t.shape)}`,
        [t.shape],
      );
    return numbersOf(t);
  }
  #classesOf(given: Tensor | readonly number[]): readonly number[] {
    if (!isTensor(given)) {
      if (!option.listOf(option.number).takes(given))
        throw new ArgumentError(
          "ConfusionMatrix.batchAdd",
          `examples are a tensor or a list of classes, got ${show(given)}`,
        );
      return given;
    }
    if (given.ndim === 1 || (given.ndim === 2 && given.shape[1] === 1)) return numbersOf(given);
    this.#scores(given, 2);
    return tidy(() => numbersOf(argmax(given, 1)));
  }
  #count(op: string, predictions: readonly number[], targets: readonly number[]): this {
    if (predictions.length !== targets.length)
      throw new ArgumentError(op, `got ${predictions.length} predictions and ${targets.length} targets`);
    const seen = [...targets.keys()].filter((i) => !(targets[i] < 0));
    for (const i of seen)
      for (const c of [predictions[i], targets[i]])
        if (!Number.isInteger(c) || c < 0 || c >= this.nclasses)
          throw new ArgumentError(op, `${c} is none of the ${this.nclasses} classes, which count from 0`);
    for (const i of seen) this.mat[targets[i]][predictions[i]]++;
    return this;
  }
}
