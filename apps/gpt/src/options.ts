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

export type DatasetName = "moby-dick" | "moby-dick-excerpt";
export type Position = "learned" | "rotary";

/** What decides how training goes. A resumed run takes it from its folder. */
export interface Recipe {
  readonly job: "gpt";
  readonly dataset: DatasetName;
  readonly steps: number;
  readonly batchSize: number;
  /** Characters that the model looks at. */
  readonly block: number;
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly position: Position;
  /** The learning rate after the warm-up; it falls to a tenth. */
  readonly lr: number;
  /** Steps over which the learning rate rises. */
  readonly warmup: number;
  /** Steps from one validation to the next. */
  readonly evalEvery: number;
  readonly seed: number;
}

/** What text is written after a prompt, and how. */
export interface Writing {
  readonly prompt: string;
  /** Characters. */
  readonly length: number;
  readonly temperature: number;
  readonly topK: number;
}

export interface Options extends CommonOptions {
  readonly recipe: Recipe;
  /** Write with a run's weights, and do not train; undefined: train. */
  readonly write: { readonly run: string | undefined } | undefined;
  readonly writing: Writing;
}

const usual = {
  ...{ steps: 2000, batchSize: 16, block: 128, layers: 4, heads: 4, width: 128, position: "rotary" },
  ...{ lr: 3e-3, warmup: 100, evalEvery: 250 },
} as const;
export const usualWriting: Writing = { prompt: "\n", length: 500, temperature: 0.8, topK: 40 };

export const help = `Train a small GPT on Moby-Dick, character by character, and write with it.

Usage: npm run gpt -- [options]                         train
       npm run gpt -- --prompt "The whale" [options]    write with the weights of a run

  --steps N         training steps (default ${usual.steps})
  --batch-size N    pieces of text in a step (default ${usual.batchSize})
  --block N         characters that the model looks at (default ${usual.block})
  --layers N        blocks (default ${usual.layers})
  --heads N         attention heads (default ${usual.heads})
  --width N         features of a character (default ${usual.width})
  --position NAME   how it knows where characters stand: rotary (default) or learned
  --lr X            the learning rate after the warm-up; it falls to a tenth (default ${usual.lr})
  --warmup N        steps over which the learning rate rises (default ${usual.warmup})
  --eval-every N    steps from one validation and sample to the next (default ${usual.evalEvery})
  --dataset NAME    moby-dick (default), or moby-dick-excerpt: its bundled first chapters
  --data DIR        a folder with the book as data.txt
  --seed N          of the initial weights, the batches and the samples (default 0)
${commonHelp}
  --prompt TEXT     write what comes after it, and do not train
  --generate        write, after a line's end if there is no --prompt
  --run DIR         whose weights to write with (default: the newest gpt run in runs/)
  --length N        characters to write (default ${usualWriting.length})
  --temperature X   below 1 the likely, above 1 the unlikely becomes more so; 0: always the likeliest (default ${usualWriting.temperature})
  --top-k N         draw from the N likeliest characters only (default ${usualWriting.topK})

The book is looked for in --data, in the user's cache folder, in the package that comes with the dependencies, and on the web. Without
any of these its bundled chapters take its place.

${endingHelp}`;

const flags = {
  ...commonFlags,
  steps: { type: "string" },
  "batch-size": { type: "string" },
  block: { type: "string" },
  layers: { type: "string" },
  heads: { type: "string" },
  width: { type: "string" },
  position: { type: "string" },
  lr: { type: "string" },
  warmup: { type: "string" },
  "eval-every": { type: "string" },
  dataset: { type: "string" },
  prompt: { type: "string" },
  generate: { type: "boolean" },
  run: { type: "string" },
  length: { type: "string" },
  temperature: { type: "string" },
  "top-k": { type: "string" },
} as const;

/** What a resumed run takes from its folder. */
const ofRecipe = [
  ...["steps", "batch-size", "block", "layers", "heads", "width", "position", "lr", "warmup", "eval-every", "dataset"],
] as const;
const ofWriting = ["run", "length", "temperature", "top-k"] as const;

/**
 * The options of a command line, or "help".
 * @throws UsageError
 */
export function parseOptions(argv: readonly string[]): Options | "help" {
  const values = readFlags(argv, flags);
  if (values.help) return "help";
  const common = commonOptions(values, ofRecipe);
  const writes = values.generate === true || values.prompt !== undefined;
  const given = (names: readonly string[]) => names.find((name) => Object.hasOwn(values, name));
  const surplus = given(writes ? [...ofRecipe, "resume", "out", "data"] : ofWriting);
  if (surplus && writes) throw new UsageError(`--${surplus} is for training: leave it out, or --prompt and --generate`);
  if (surplus) throw new UsageError(`--${surplus} is for writing: give --prompt or --generate, too`);
  const { dataset = "moby-dick", position = usual.position } = values;
  if (dataset !== "moby-dick" && dataset !== "moby-dick-excerpt")
    throw new UsageError(`--dataset must be moby-dick or moby-dick-excerpt, got "${dataset}"`);
  if (position !== "learned" && position !== "rotary")
    throw new UsageError(`--position must be learned or rotary, got "${position}"`);
  const count = (name: Exclude<keyof typeof values, "help" | "generate">, most: number, usually: number, least = 1) =>
    integer(name, values[name], least, most) ?? usually;
  const steps = count("steps", 10_000_000, usual.steps);
  const recipe: Recipe = {
    job: "gpt",
    dataset,
    steps,
    batchSize: count("batch-size", 4096, usual.batchSize),
    block: count("block", 4096, usual.block),
    layers: count("layers", 100, usual.layers),
    heads: count("heads", 256, usual.heads),
    width: count("width", 8192, usual.width),
    position,
    lr: positive("lr", values.lr) ?? usual.lr,
    warmup: count("warmup", steps, Math.min(usual.warmup, Math.ceil(steps / 2)), 1),
    evalEvery: count("eval-every", 10_000_000, usual.evalEvery),
    seed: common.seed,
  };
  const perHead = recipe.width / recipe.heads;
  if (!Number.isInteger(position === "rotary" ? perHead / 2 : perHead))
    throw new UsageError(
      `--heads must divide --width${position === "rotary" ? " into an even number" : ""}, got ${recipe.heads} and ${recipe.width}`,
    );
  const writing: Writing = {
    prompt: nonEmpty("prompt", values.prompt) ?? usualWriting.prompt,
    length: count("length", 1_000_000, usualWriting.length),
    temperature:
      values.temperature === "0" ? 0 : (positive("temperature", values.temperature) ?? usualWriting.temperature),
    topK: count("top-k", 1_000_000, usualWriting.topK),
  };
  return { ...common, recipe, write: writes ? { run: nonEmpty("run", values.run) } : undefined, writing };
}

/**
 * The recipe that the values of a file are.
 * @throws Error when one is missing
 */
export function checkRecipe(values: { readonly [name: string]: unknown }): Recipe {
  const { job, dataset, steps, batchSize, block, layers, heads, width, position, lr, warmup, evalEvery, seed } = values;
  const numbers = { steps, batchSize, block, layers, heads, width, lr, warmup, evalEvery, seed };
  if (job !== "gpt") throw new Error("it is of another program");
  const missing = Object.entries(numbers).find(([, value]) => !Number.isFinite(value))?.[0];
  if (missing) throw new Error(`there is no number "${missing}"`);
  if (dataset !== "moby-dick" && dataset !== "moby-dick-excerpt") throw new Error('there is no "dataset"');
  if (position !== "learned" && position !== "rotary") throw new Error('there is no "position"');
  return { job, dataset, position, ...numbers } as Recipe; // checked above
}
