import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

export type Options = {
  filter: string;
  threads: number[];
  python?: string;
  rivals: (typeof rivalNames)[number][];
  rounds: number;
  json?: string;
  markdown: boolean;
  webgpu: boolean;
  /** The table of an NVIDIA card alone. */
  cuda: boolean;
  check: boolean;
  /** Functions with and without compile, in place of the rivals. */
  compile: boolean;
  /** Texts that a model writes with a cache and without, in place of the rivals. */
  generate: boolean;
  /** Data loading with and without workers, in place of the rivals. */
  loader: boolean;
  /** The steps and ops of every size against PyTorch and their targets, in place of the rivals. */
  scaling: boolean;
  /** A revision to compare the working tree with, in place of the rivals. */
  against?: string;
  pairs: number;
  help: boolean;
};

export const rivalNames = ["flambeau", "torch", "tfjs", "jax-js"] as const;

export const usage = `npm run bench -- [options]

Times Flambeau against PyTorch, tfjs-wasm and jax-js in one run, each in a process of its own, turn by turn.

  --filter WORDS     only workloads whose names contain one of these, comma-separated: matmul,mlp
  --threads LIST     thread counts to measure, comma-separated (1,${Math.max(2, availableParallelism())})
  --rivals LIST      of ${rivalNames.join(", ")}; flambeau always runs
  --python PATH      a Python with torch (else $FLAMBEAU_PYTHON, python3 or python, if they have it)
  --rounds N         batches of each workload and rival, of which the median counts (7)
  --json FILE        write every figure as JSON
  --webgpu           the WebGPU table alone: Flambeau, tfjs and jax-js on this machine's adapter, or on Chromium's software one
  --cuda             the table of this machine's NVIDIA card alone: Flambeau and PyTorch; with --markdown it goes to docs/benchmarks.md
  --compile          functions as they are, compiled and replayed, in place of the rivals, with the largest of --threads;
                     with --webgpu: how many dispatches they take there
  --generate         texts that a model writes with the keys and values of what it has seen, and without, in place of the rivals
  --loader           images decoded by a data loader itself and by one and two workers of it, in place of the rivals
  --scaling          steps and ops of every size against PyTorch and against their targets, with wasm and with native kernels, and the
                     machine's limits measured beside them; with the largest thread count unless --threads names others
  --check            with --webgpu: fail when our engine's overhead or a step's time exceeds its bound; with --compile, --generate, --loader and --scaling: when a row does
  --markdown         write the tables, that on WebGPU among them, to docs/benchmarks.md; with --webgpu or --scaling only that one
  --against REF      the working tree against another commit, in place of the rivals: fails when a row is slower than its limit
  --rows WORDS       the same as --filter, of the rows of a comparison
  --pairs N          with --against: turns of each side (15, of which fewer are a quick look and no verdict)
  --help             this text
`;

/** Read the command line. @throws RangeError or TypeError saying what is wrong with it. */
export function parse(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      filter: { type: "string", default: "" },
      rows: { type: "string", default: "" },
      threads: { type: "string" },
      rivals: { type: "string" },
      python: { type: "string" },
      rounds: { type: "string" },
      json: { type: "string" },
      markdown: { type: "boolean" },
      webgpu: { type: "boolean" },
      cuda: { type: "boolean" },
      check: { type: "boolean" },
      compile: { type: "boolean" },
      generate: { type: "boolean" },
      loader: { type: "boolean" },
      scaling: { type: "boolean" },
      against: { type: "string" },
      pairs: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.against === undefined && values.pairs !== undefined) {
    throw new RangeError("--pairs: only a comparison takes turns in pairs, add --against REF");
  }
  if (values.against?.trim() === "") throw new RangeError("--against: expected a revision of git, as main or HEAD~3");
  for (const name of [
    "rivals",
    "python",
    "rounds",
    "markdown",
    "webgpu",
    "check",
    "compile",
    "generate",
    "loader",
    "scaling",
  ] as const) {
    if (values.against !== undefined && values[name] !== undefined) {
      throw new RangeError(`--against: compares Flambeau with itself and does not go with --${name}`);
    }
  }
  const rivals = (values.rivals ?? rivalNames.join(",")).split(",").filter(Boolean);
  for (const name of rivals) {
    if (!rivalNames.some((known) => known === name)) {
      throw new RangeError(`--rivals: unknown rival "${name}", expected some of ${rivalNames.join(", ")}`);
    }
  }
  if (values.check && !values.webgpu && !values.compile && !values.generate && !values.loader && !values.scaling)
    throw new RangeError(
      "--check: only the tables of WebGPU, compile, generate, loader and scaling have bounds, add --webgpu, --compile, --generate, --loader or --scaling",
    );
  for (const name of ["rivals", "webgpu", "compile", "generate", "loader"] as const) {
    if (values.scaling && values[name] !== undefined) {
      throw new RangeError(`--scaling: compares Flambeau with PyTorch on the CPU and does not go with --${name}`);
    }
  }
  for (const name of ["rivals", "python", "markdown"] as const) {
    if (values.compile && values[name] !== undefined) {
      throw new RangeError(`--compile: compares Flambeau with itself and does not go with --${name}`);
    }
  }
  for (const name of ["rivals", "python", "markdown", "webgpu", "compile"] as const) {
    if (values.generate && values[name] !== undefined) {
      throw new RangeError(`--generate: compares Flambeau with itself and does not go with --${name}`);
    }
  }
  for (const name of ["rivals", "python", "markdown", "webgpu", "compile", "generate", "filter", "rows"] as const) {
    if (values.loader && values[name]) {
      throw new RangeError(`--loader: compares Flambeau with itself and does not go with --${name}`);
    }
  }
  for (const name of [
    "webgpu",
    "compile",
    "generate",
    "loader",
    "scaling",
    "check",
    "against",
    "rivals",
    "threads",
  ] as const) {
    if (values.cuda && values[name] !== undefined) {
      throw new RangeError(`--cuda: a table of its own, which does not go with --${name}`);
    }
  }
  const most = Math.max(2, availableParallelism());
  const threads = values.threads ?? (values.scaling ? `${most}` : `1,${most}`);
  return {
    filter: [values.filter, values.rows].filter(Boolean).join(","),
    threads: [...new Set(threads.split(",").map((text) => count("--threads", text)))],
    rivals: rivalNames.filter((name) => name === "flambeau" || rivals.includes(name)),
    rounds: count("--rounds", values.rounds ?? "7"),
    pairs: count("--pairs", values.pairs ?? "15"),
    markdown: values.markdown ?? false,
    webgpu: values.webgpu ?? false,
    cuda: values.cuda ?? false,
    check: values.check ?? false,
    compile: values.compile ?? false,
    generate: values.generate ?? false,
    loader: values.loader ?? false,
    scaling: values.scaling ?? false,
    help: values.help,
    ...(values.python !== undefined && { python: values.python }),
    ...(values.against !== undefined && { against: values.against }),
    ...(values.json !== undefined && { json: values.json }),
  };
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1024) {
    throw new RangeError(`${option}: expected whole numbers from 1, got "${text}"`);
  }
  return value;
}
