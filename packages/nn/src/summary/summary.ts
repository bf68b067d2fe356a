import { ArgumentError, type DType, isTensor, type Tensor, zeros } from "@flambeau/tensor/functional";
import { bytesOf, checkOptions, eachTensor, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { isModule, type Module } from "../module.ts";
import { callsOf, treeOf } from "./collect.ts";
import type { SummaryRow } from "./row.ts";
import { htmlOf, textOf } from "./text.ts";

const columnNames = [
  "inputSize",
  "outputSize",
  "numParams",
  "paramsPercent",
  "kernelSize",
  "groups",
  "multAdds",
  "trainable",
] as const;
/** What a column of a summary shows. */
export type SummaryColumn = (typeof columnNames)[number];

export interface SummaryOptions {
  /** What the model is called with: a tensor, or the list of its arguments. */
  readonly input?: Tensor | readonly unknown[] | undefined;
  /** The shape of what it is called with, or a list of shapes; zeros are made of it. */
  readonly inputSize?: readonly number[] | readonly (readonly number[])[] | undefined;
  /** The dtypes of the inputs that are made. Default: that of the model's first floating-point parameter. */
  readonly dtypes?: readonly DType[] | undefined;
  /** Down to which depth modules are shown. Default 3. */
  readonly depth?: number | undefined;
  /** Default ["outputSize", "numParams"]; without an input ["numParams"]. */
  readonly columns?: readonly SummaryColumn[] | undefined;
  /** How many letters a column takes. Default 25. */
  readonly columnWidth?: number | undefined;
  /** Call the model in training or evaluation mode, instead of as it is. Default "same". */
  readonly mode?: "same" | "train" | "eval" | undefined;
  /** Show the parameters of each module. Default false. */
  readonly weights?: boolean | undefined;
  /** Show the names of fields beside the classes. Default false. */
  readonly names?: boolean | undefined;
}
const shape = option.listOf(option.number);
const kinds: Kinds<SummaryOptions> = {
  input: option.either(option.tensor, option.iterable),
  inputSize: option.either(shape, option.listOf(shape)),
  dtypes: option.listOf(option.dtype),
  depth: option.number,
  columns: option.listOf(option.oneOf(...columnNames)),
  columnWidth: option.number,
  mode: option.oneOf("same", "train", "eval"),
  weights: option.boolean,
  names: option.boolean,
};

/**
 * What {@link summary} finds: a row for each call of a module, and totals. As text it is the table that torchinfo prints; a notebook shows it as
 * HTML.
 *
 * Shapes: those that the model's modules are given and give. `totalParams` is the number of all elements, `sum(p.size)`, once for shared ones.
 *
 * @throws nothing; {@link summary} makes it.
 * @see https://github.com/TylerYep/torchinfo
 * @example
 * const table = nn.summary(new nn.Linear(3, 2), { inputSize: [4, 3] });
 * table.totalParams; // 8
 * table.rows[0].outputShape; // [4, 2]
 */
export class ModelSummary {
  readonly rows: readonly SummaryRow[];
  readonly depth: number;
  readonly columns: readonly SummaryColumn[];
  readonly columnWidth: number;
  readonly names: boolean;
  readonly weights: boolean;
  /** Whether the model was called: otherwise only parameters are known. */
  readonly called: boolean;
  readonly totalParams: number;
  readonly trainableParams: number;
  /** Multiplications with additions of one call, as far as parameters say. */
  readonly totalMultAdds: number;
  readonly inputBytes: number;
  /** What modules with parameters give, and its gradients. */
  readonly outputBytes: number;
  readonly paramBytes: number;

  /** @internal */
  constructor(
    rows: readonly SummaryRow[],
    inputs: readonly unknown[] | null,
    columns: readonly SummaryColumn[],
    options: SummaryOptions,
  ) {
    const { depth = 3, columnWidth = 25, names = false, weights = false } = options;
    this.rows = rows;
    this.columns = columns;
    this.depth = depth;
    this.columnWidth = columnWidth;
    this.names = names;
    this.weights = weights;
    this.called = inputs !== null;
    const [whole] = rows;
    this.totalParams = whole.params;
    this.trainableParams = whole.trainableParams;
    this.paramBytes = whole.paramBytes;
    const leaves = rows.filter((row) => row.isLeaf);
    this.totalMultAdds = leaves.reduce((sum, row) => sum + row.multAdds, 0);
    this.outputBytes = leaves.reduce((sum, row) => sum + (row.params > 0 ? 2 * row.outputBytes : 0), 0);
    let bytes = 0;
    eachTensor(inputs, (t) => {
      bytes += t.size * bytesOf(t.dtype);
    });
    this.inputBytes = bytes;
  }
  /** The table as text. */
  toString(): string {
    return textOf(this);
  }
  /** The table as HTML, safe to put into a page: names are escaped, and there are no scripts. */
  toHTML(): string {
    return htmlOf(this);
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
  /** What a Jupyter notebook (Deno's) shows. */
  [Symbol.for("Jupyter.display")](): Readonly<Record<string, string>> {
    return { "text/plain": this.toString(), "text/html": this.toHTML() };
  }
}

/**
 * The modules of a model with their output shapes, parameters and, on request, kernels, input shapes and multiplications, as torchinfo shows them.
 * With `input` or `inputSize` the model is called once, unrecorded, with hooks on all modules; parameters, buffers and the random generator are as
 * before then. Without, only parameters are known.
 *
 * A module's multiplications with additions are estimated from its parameters: `elements * places` for convolutions, `elements * rows` for linear
 * layers.
 *
 * Shapes: `input` or `inputSize` are what the model takes, with the batch.
 *
 * @throws ArgumentError when `model` is no Module, both `input` and `inputSize` are given, or columns need one and there is none; what the
 * model throws when it is called.
 * @see https://github.com/TylerYep/torchinfo
 * @example
 * import { nn } from "flambeau";
 * const model = new nn.Sequential(new nn.Linear(784, 64), new nn.ReLU(), new nn.Linear(64, 10));
 * const table = nn.summary(model, { inputSize: [32, 784] });
 * console.log(String(table)); // Sequential [32, 10], Linear: 1-1 [32, 64] 50,240, ...
 * table.totalParams; // 50890
 * table.totalMultAdds; // 1628480
 */
export function summary(model: Module, options: SummaryOptions = option.none): ModelSummary {
  const op = "summary";
  checkOptions(op, kinds, options);
  if (!isModule(model)) throw new ArgumentError(op, `model must be a Module, got ${show(model)}`);
  const { input, inputSize, depth = 3, columnWidth = 25, mode = "same" } = options;
  if (input !== undefined && inputSize !== undefined)
    throw new ArgumentError(op, "takes either input or inputSize, and both are given");
  for (const [name, value, least] of [
    ["depth", depth, 0],
    ["columnWidth", columnWidth, 1],
  ] as const)
    if (!Number.isInteger(value) || value < least)
      throw new ArgumentError(op, `${name} must be an integer from ${least} on, got ${value}`);
  const made = inputSize === undefined ? null : inputsOf(model, inputSize, options.dtypes);
  const inputs = made ?? (input === undefined ? null : isTensor(input) ? [input] : [...input]);
  const columns = options.columns ?? (inputs === null ? ["numParams"] : ["outputSize", "numParams"]);
  const lacking =
    inputs === null ? columns.filter((each) => ["inputSize", "outputSize", "multAdds"].includes(each)) : [];
  if (lacking.length > 0)
    throw new ArgumentError(
      op,
      `the columns ${lacking.join(", ")} need a call of the model`,
      "pass input or inputSize",
    );
  const training = [...model.modules()].map((module) => [module, module.training] as const);
  try {
    if (mode !== "same") model.train(mode === "train");
    return new ModelSummary(inputs === null ? treeOf(model) : callsOf(model, inputs), inputs, columns, options);
  } finally {
    for (const [module, was] of training) module.training = was;
    for (const t of made ?? []) t.dispose();
  }
}

function inputsOf(
  model: Module,
  inputSize: NonNullable<SummaryOptions["inputSize"]>,
  dtypes: SummaryOptions["dtypes"],
): Tensor[] {
  const shapes = (
    typeof inputSize[0] === "number" || inputSize.length === 0 ? [inputSize] : inputSize
  ) as readonly (readonly number[])[];
  const first = [...model.parameters()].find((p) => p.dtype.includes("float"));
  return shapes.map((each, i) => zeros(each, { dtype: dtypes?.[i] ?? first?.dtype, device: first?.device }));
}
