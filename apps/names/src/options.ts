import {
  type CommonOptions,
  commonFlags,
  commonHelp,
  commonOptions,
  endingHelp,
  integer,
  nonEmpty,
  positive,
  readFlags,
  UsageError,
} from "@flambeau/app-job";
import { type Cell, type Kind, kinds, letterTokens, spelled } from "./model/index.ts";

/** What decides how training goes. A resumed run takes it from its folder. */
export interface Recipe {
  readonly job: "names";
  readonly cell: Cell;
  readonly hidden: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly seed: number;
}

/** What is asked of a run that is trained. */
export interface Wish {
  readonly count: number;
  /** In small letters. */
  readonly prefix: string;
  /** Undefined: half of each. */
  readonly kind: Kind | undefined;
  readonly temperature: number;
  /** The run's folder; undefined: the newest. */
  readonly run: string | undefined;
}

export interface Options extends CommonOptions {
  readonly recipe: Recipe;
  /** Make up names with a trained run instead of training one. */
  readonly wish: Wish | undefined;
}

const usual = { hidden: 128, epochs: 15, batchSize: 64, lr: 0.005 };

export const help = `Train a recurrent network that makes up first names, letter by letter.

Usage: npm run names -- [options]

  --cell NAME       gru (default) or lstm
  --hidden N        numbers that each of its two layers remembers (default ${usual.hidden})
  --epochs N        passes over the training names (default ${usual.epochs})
  --batch-size N    names in a step (default ${usual.batchSize})
  --lr X            the peak of the one-cycle learning rate (default ${usual.lr})
  --seed N          of the initial weights, the order of the names and the letters that are drawn (default 0)
${commonHelp}
With a run that is trained:

  --generate N      make up N names
  --prefix TEXT     that begin with these letters
  --kind NAME       female or male (default: half of each)
  --temperature X   below 1 likely letters become more likely, above 1 less (default 1)
  --run RUN         the run's folder (default: the newest in runs/)

The names come along with the data package: nothing is fetched. A tenth of them is held out to validate on. Of each name that
is made up, the program says whether it was trained on, is real but held out, or is new.

${endingHelp}`;

// the data comes along: there is no --data
const { data: _, ...jobFlags } = commonFlags;
const recipeFlags = {
  cell: { type: "string" },
  hidden: { type: "string" },
  epochs: { type: "string" },
  "batch-size": { type: "string" },
  lr: { type: "string" },
} as const;
const wishFlags = {
  generate: { type: "string" },
  prefix: { type: "string" },
  kind: { type: "string" },
  temperature: { type: "string" },
  run: { type: "string" },
} as const;

/** What a resumed run takes from its folder, and what makes up names does, too. */
const fixed = Object.keys(recipeFlags);

/**
 * The options of a command line, or "help".
 * @throws UsageError
 */
export function parseOptions(argv: readonly string[]): Options | "help" {
  const values = readFlags(argv, { ...jobFlags, ...recipeFlags, ...wishFlags });
  if (values.help) return "help";
  const common = commonOptions(values, fixed);
  const { cell = "gru" } = values;
  if (cell !== "gru" && cell !== "lstm") throw new UsageError(`--cell must be gru or lstm, got "${cell}"`);
  return {
    ...common,
    recipe: {
      job: "names",
      cell,
      hidden: integer("hidden", values.hidden, 1, 4096) ?? usual.hidden,
      epochs: integer("epochs", values.epochs, 1, 1_000_000) ?? usual.epochs,
      batchSize: integer("batch-size", values["batch-size"], 1, 100_000) ?? usual.batchSize,
      lr: positive("lr", values.lr) ?? usual.lr,
      seed: common.seed,
    },
    wish: wishOf(values),
  };
}

type Values = { readonly [flag in keyof typeof wishFlags]?: string } & { readonly [flag: string]: unknown };

function wishOf(values: Values): Wish | undefined {
  const count = integer("generate", values.generate, 1, 10_000);
  if (count === undefined) {
    const alone = Object.keys(wishFlags).find((name) => values[name] !== undefined);
    if (alone) throw new UsageError(`--${alone} goes with --generate N, the number of names to make up`);
    return undefined;
  }
  const taken = [...fixed, "out", "resume"].find((name) => values[name] !== undefined);
  if (taken) throw new UsageError(`--generate takes a run that is trained: leave out --${taken}`);
  const prefix = spelled(values.prefix ?? "");
  if (!letterTokens(prefix) || prefix.length > 15) {
    throw new UsageError(`--prefix must be at most 15 letters from a to z and "-", got "${values.prefix}"`);
  }
  const kind = kinds.find((each) => each === values.kind);
  if (values.kind !== undefined && !kind) throw new UsageError(`--kind must be female or male, got "${values.kind}"`);
  const temperature = positive("temperature", values.temperature) ?? 1;
  return { count, prefix, kind, temperature, run: nonEmpty("run", values.run) };
}

/**
 * The recipe that the values of a file are.
 * @throws Error when it is not one of this job
 */
export function checkRecipe(values: { readonly [name: string]: unknown }): Recipe {
  const { job, cell, hidden, epochs, batchSize, lr, seed } = values;
  if (job !== "names") throw new Error("it is no run of `npm run names`");
  const known = cell === "gru" || cell === "lstm";
  if (![hidden, epochs, batchSize, lr, seed].every(Number.isFinite) || !known) throw new Error("a value is missing");
  return { job, cell, hidden, epochs, batchSize, lr, seed } as Recipe; // checked above
}
