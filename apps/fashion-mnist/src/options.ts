import {
  type CommonOptions,
  commonFlags,
  commonHelp,
  commonOptions,
  endingHelp,
  integer,
  positive,
  readFlags,
  UsageError,
} from "@flambeau/app-job";

export type DatasetName = "fashion-mnist" | "digits";

/** What decides how training goes. A resumed run takes it from its checkpoint. */
export interface Recipe {
  readonly dataset: DatasetName;
  readonly epochs: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly seed: number;
}

export interface Options extends CommonOptions {
  readonly dataset: DatasetName;
  /** Undefined: the data set's own, see {@link recipeFor}. */
  readonly epochs: number | undefined;
  readonly batchSize: number | undefined;
  readonly lr: number | undefined;
}

export const help = `Train a small convolutional network on Fashion-MNIST.

Usage: npm start -- [options]

  --epochs N        passes over the training images (default 3; digits 12)
  --batch-size N    images in a step (default 128; digits 32)
  --lr X            the peak of the one-cycle learning rate (default 0.01)
  --seed N          of the initial weights and the order of the images (default 0)
  --data DIR        a folder with the idx files, plain or .gz
  --dataset NAME    fashion-mnist (default) or digits, the small set that comes along
${commonHelp}
The data is looked for in --data, the user's cache folder, the folder of Debian's package (installed when running as root on
Debian), and on the web. Without any of these the bundled digits take its place.

${endingHelp}`;

const flags = {
  ...commonFlags,
  epochs: { type: "string" },
  "batch-size": { type: "string" },
  lr: { type: "string" },
  dataset: { type: "string" },
} as const;

/** What a resumed run takes from its folder. */
const fixedByResume = ["epochs", "batch-size", "lr", "dataset"] as const;

/**
 * The options of a command line, or "help".
 * @throws UsageError
 */
export function parseOptions(argv: readonly string[]): Options | "help" {
  const values = readFlags(argv, flags);
  if (values.help) return "help";
  const common = commonOptions(values, fixedByResume);
  const { dataset = "fashion-mnist" } = values;
  if (dataset !== "fashion-mnist" && dataset !== "digits") {
    throw new UsageError(`--dataset must be fashion-mnist or digits, got "${dataset}"`);
  }
  return {
    ...common,
    dataset,
    epochs: integer("epochs", values.epochs, 1, 1_000_000),
    batchSize: integer("batch-size", values["batch-size"], 1, 60_000),
    lr: positive("lr", values.lr),
  };
}

/** The recipe of a new run: what the options say, and what suits the data set that was found. */
export function recipeFor(options: Options, dataset: DatasetName): Recipe {
  const usual = { "fashion-mnist": { epochs: 3, batchSize: 128 }, digits: { epochs: 12, batchSize: 32 } }[dataset];
  return {
    dataset,
    epochs: options.epochs ?? usual.epochs,
    batchSize: options.batchSize ?? usual.batchSize,
    lr: options.lr ?? 0.01,
    seed: options.seed,
  };
}

/**
 * The recipe that the values of a file are.
 * @throws Error when one is missing
 */
export function checkRecipe(values: { readonly [name: string]: unknown }): Recipe {
  const { dataset, epochs, batchSize, lr, seed } = values;
  const known = dataset === "digits" || dataset === "fashion-mnist";
  if (![epochs, batchSize, lr, seed].every(Number.isFinite) || !known) throw new Error("a value is missing");
  return { dataset, epochs, batchSize, lr, seed } as Recipe; // checked above
}
