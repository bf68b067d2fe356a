// The text of docs/coverage.md: each layer, loss, functional, optimizer, scheduler, data set, sampler and utility of PyTorch with its name here, or with why it has
// none. `npm run tables` writes it, and a test holds the page to what this gives: names are looked up in what the packages export.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as flambeau from "flambeau";
import { root } from "./setup/paths.mjs";
import { camelCase, exists, ours as oursOf } from "./torch-names.ts";

/** The page, relative to the root. */
export const coveragePage = "docs/coverage.md";

/** PyTorch's names by module, as scripts/coverage_names.py finds them. */
const names: { readonly [module: string]: string } = JSON.parse(
  readFileSync(join(root, "scripts/coverage-names.json"), "utf8"),
);

/** Where names of a module may stand, as one writes them here. */
const places: { readonly [module: string]: (name: string) => readonly (string | undefined)[] } = {
  "torch.nn": (name) => [`nn.${name}`, `losses.${name}`],
  "torch.nn (losses)": (name) => [`losses.${name}`, `nn.${name}`],
  "torch.nn.functional": (name) => [oursOf("torch.nn.functional", name)],
  "torch.nn.attention": (name) => [`nn.attention.${camelCase(name)}`],
  "torch.optim": (name) => {
    const method = /^Optimizer\.(\w+)$/.exec(name)?.[1];
    if (method !== undefined)
      return exists(`optim.Optimizer.prototype.${camelCase(method)}`) || method === "step"
        ? [`optim.Optimizer.${camelCase(method)}`]
        : [];
    return [`optim.${camelCase(name.replace("optimizer.", ""))}`];
  },
  "torch.optim.lr_scheduler": (name) => [`optim.lrScheduler.${name}`],
  "torch.optim.swa_utils": (name) => [`optim.${camelCase(name)}`, `optim.lrScheduler.${name}`],
  "torch.nn.utils": (name) => [`nn.utils.${camelCase(name)}`, `optim.${camelCase(name)}`],
  "torch.nn.utils.rnn": (name) => [`nn.utils.rnn.${camelCase(name)}`],
  "torch.nn.utils.parametrize": (name) => [`nn.utils.parametrize.${camelCase(name)}`],
  "torch.nn.utils.parametrizations": (name) => [`nn.utils.parametrizations.${camelCase(name)}`],
  "torch.nn.utils.prune": (name) => [`nn.utils.prune.${camelCase(name)}`],
  "torch.nn.utils.stateless": (name) => [`nn.${camelCase(name)}`],
  "torch.nn.init": (name) => [`nn.init.${camelCase(name)}`],
  "torch.utils.data": (name) => [`data.${camelCase(name)}`],
};
/** What is a type here, and so no value that could be looked up. */
const types = new Set(["data.Dataset", "data.Sampler"]);

const oldInPlace = "deprecated in PyTorch for the name that ends in _";
const gpus = "one device computes a tensor; several devices are several tensors";
const pipes =
  "data pipes, which PyTorch no longer develops; `IterableDataset` has `map`, `filter`, `take` and `shuffle`";
const layouts = "results are row-major in memory";
/** What is left out on purpose, and why. All else that is missing is planned. */
const notPlanned: { readonly [name: string]: string } = {
  "torch.nn.Container": "deprecated in PyTorch for `Module`",
  "torch.nn.DataParallel": gpus,
  "torch.nn.LinearCrossEntropyOptions": "options are given by name",
  "torch.nn (losses).NLLLoss2d": "deprecated in PyTorch for `NLLLoss`",
  "torch.nn.functional.native_channel_shuffle": "`channelShuffle` has one form",
  "torch.nn.functional.grouped_mm":
    "products of groups for mixtures of experts on one brand's devices; `bmm` and `matmul` compute them",
  "torch.nn.functional.scaled_mm": "float8 and block scales, which no backend computes in",
  "torch.nn.functional.scaled_grouped_mm": "float8 and block scales, which no backend computes in",
  ...entries("torch.nn.attention", "there is one kernel for each device, and nothing to choose"),
  "torch.optim.SparseAdam": "no sparse tensors",
  "torch.nn.utils.clip_grad_norm": oldInPlace,
  "torch.nn.utils.convert_conv2d_weight_memory_format": layouts,
  "torch.nn.utils.convert_conv3d_weight_memory_format": layouts,
  ...Object.fromEntries(
    [
      "DFIterDataPipe",
      "DataChunk",
      "IterDataPipe",
      "MapDataPipe",
      "argument_validation",
      "functional_datapipe",
      "guaranteed_datapipes_determinism",
      "non_deterministic",
      "runtime_validation",
      "runtime_validation_disabled",
    ].map((name) => [`torch.utils.data.${name}`, pipes]),
  ),
  ...Object.fromEntries(
    (names["torch.nn.init"] ?? "")
      .split(" ")
      .filter((name) => !name.endsWith("_") && name !== "calculate_gain")
      .map((name) => [`torch.nn.init.${name}`, oldInPlace]),
  ),
};
function entries(module: string, why: string): { [name: string]: string } {
  return Object.fromEntries((names[module] ?? "").split(" ").map((name) => [`${module}.${name}`, why]));
}

/** The state of a name: where it stands here, or why it does not. */
export function stateOf(module: string, name: string): { readonly here?: string; readonly why?: string } {
  const here = places[module]?.(name).find(
    (path) => path !== undefined && (exists(path) || types.has(path) || /^optim\.Optimizer\./.test(path)),
  );
  const why = notPlanned[`${module}.${name}`];
  return { ...(here !== undefined && { here }), ...(why !== undefined && { why }) };
}
/** What is said not to be planned, and is there. */
export const stale = (): string[] =>
  Object.keys(names).flatMap((module) =>
    listOf(module).flatMap((name) => {
      const { here, why } = stateOf(module, name);
      return here !== undefined && why !== undefined ? [`${module}.${name}`] : [];
    }),
  );
/** What the table of reasons names, and PyTorch does not have. */
export const unknown = (): string[] =>
  Object.keys(notPlanned).filter(
    (full) => !Object.keys(names).some((module) => listOf(module).some((name) => `${module}.${name}` === full)),
  );
const listOf = (module: string): string[] => (names[module] ?? "").split(" ");

/** Where all that is exported is looked for, so that nothing of ours is left out. */
const rooms = [
  "nn",
  "nn.init",
  "nn.utils",
  "nn.utils.rnn",
  "nn.utils.parametrize",
  "nn.utils.parametrizations",
  "nn.utils.prune",
];
const more = ["losses", "optim", "optim.lrScheduler", "data"];

/** The text of the page. */
export function coverageText(): string {
  const met = new Set<string>();
  const counts = { here: 0, planned: 0, not: 0 };
  const parts = Object.keys(names).map((module) => {
    const rows = listOf(module).map((name) => {
      const { here, why } = stateOf(module, name);
      if (here !== undefined) met.add(here);
      counts[here !== undefined ? "here" : why !== undefined ? "not" : "planned"]++;
      const state = here !== undefined ? `\`${here}\`` : why !== undefined ? `not planned: ${why}` : "planned";
      return `| \`${name}\` | ${state} |`;
    });
    return [`## ${module}`, "", "| PyTorch | Flambeau |", "|---|---|", ...rows, ""].join("\n");
  });
  const besides = [...rooms, ...more].flatMap((room) => {
    const own = exportsOf(room).filter((path) => !met.has(path) && ![...rooms, ...more].includes(path));
    return own.length > 0 ? [`- ${own.map((path) => `\`${path}\``).join(", ")}`] : [];
  });
  return [
    "# Coverage",
    "",
    "Generated by `npm run tables` from the names of PyTorch 2.13 and from what the packages export: layers, losses, functionals, optimizers, schedulers, data loading,",
    "and what `torch.nn.utils` and `torch.nn.init` have. All other functions stand in [torch-names.md](torch-names.md); what behaves differently on",
    "purpose, in [differences.md](differences.md). What Torch7 has besides stands in [torch7.md](torch7.md).",
    "",
    `Of ${counts.here + counts.planned + counts.not} names ${counts.here} are here, ${counts.planned} are planned, and ${counts.not} are not.`,
    "",
    ...parts,
    "## Here besides",
    "",
    "Names of these packages that are none of the above: PyTorch has them elsewhere (`torch.func`), or has not.",
    "",
    ...besides,
    "",
  ].join("\n");
}

/** What a namespace exports, as paths. */
function exportsOf(room: string): string[] {
  let at: unknown = flambeau;
  for (const name of room.split(".")) at = (at as { readonly [name: string]: unknown } | undefined)?.[name];
  return Object.keys((at ?? {}) as object)
    .sort()
    .map((name) => `${room}.${name}`);
}
