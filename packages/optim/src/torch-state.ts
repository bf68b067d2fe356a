import { FormatError, isTensor, item, type Tensor, tensor } from "@flambeau/tensor/functional";
import { option, show } from "@flambeau/tensor/plugin";
import { Adadelta } from "./adadelta.ts";
import { Adafactor } from "./adafactor.ts";
import { Adagrad } from "./adagrad.ts";
import { Adam } from "./adam.ts";
import { Adamax } from "./adamax.ts";
import { ASGD } from "./asgd.ts";
import { NAdam } from "./nadam.ts";
import type { Optimizer, OptimizerState, StateValue } from "./optimizer.ts";
import { RAdam } from "./radam.ts";
import { RMSprop } from "./rmsprop.ts";
import { Rprop } from "./rprop.ts";
import { SGD } from "./sgd.ts";

/** A value in PyTorch's state dict of an optimizer. */
export type TorchValue = StateValue | readonly TorchValue[] | undefined;
/** What PyTorch's `optimizer.state_dict()` gives: the state by the number of the parameter, and the groups. */
export interface TorchOptimizerState {
  readonly state: ReadonlyMap<number, { readonly [name: string]: TorchValue }>;
  readonly param_groups: readonly { readonly [option: string]: TorchValue }[];
}

/** What PyTorch keeps in 0-d float32 tensors, and this package in numbers. */
const counters = new Set(["step", "eta", "mu", "mu_product"]);
/** What LBFGS keeps in 0-d tensors of the parameters' dtype, or lists of them, and this package in numbers. */
const products = new Set(["ro", "H_diag"]);
/** What is computed anew where it is missing. */
const scratch = new Set(["al"]);
/** How PyTorch computes a step, which has no meaning here. */
const ways = { foreach: null, capturable: false, fused: null } as const;
type Way = keyof typeof ways;
const waysOf: readonly (readonly [kind: abstract new (...args: never[]) => object, ...Way[]])[] = [
  [Adadelta, "capturable", "foreach"],
  [Adafactor, "foreach"],
  [Adagrad, "foreach", "fused"],
  [Adam, "foreach", "capturable", "fused"],
  [Adamax, "foreach", "capturable"],
  [ASGD, "foreach", "capturable"],
  [NAdam, "foreach", "capturable"],
  [RAdam, "foreach", "capturable"],
  [RMSprop, "capturable", "foreach"],
  [Rprop, "foreach", "capturable"],
  [SGD, "foreach", "fused"],
];
/** Options whose values are names. */
const named = new Set(["line_search_fn", "adjust_lr_fn"]);
const irregular: readonly (readonly [torch: string, ours: string])[] = [["H_diag", "hDiag"]];

const toCamel = (name: string): string =>
  irregular.find(([torch]) => torch === name)?.[1] ?? name.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase());
const toSnake = (name: string): string =>
  irregular.find(([, ours]) => ours === name)?.[0] ?? name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/**
 * PyTorch's state dict of an optimizer as this package's, for `loadStateDict`: the same state under other names,
 * `expAvgSq = exp_avg_sq`.
 *
 * The dict is what a `.pt` file holds under the optimizer's key, or {@link unflattenTorchState} gives: objects or Maps, with the numbers of
 * the parameters as keys of `state`. Options that say how PyTorch computes (`foreach`, `fused`, `capturable`) are left out. Which key is which
 * stands in docs/optimizer-state.md.
 *
 * Shapes: those of the tensors given; 0-d tensors that are counters become numbers.
 *
 * @throws FormatError when it is no such state dict; UnavailableError for a counter on a device that cannot be read synchronously.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.state_dict.html
 * @example
 * const w = tensor([1, 2], { requiresGrad: true });
 * const optimizer = new optim.SGD([w], { momentum: 0.9 });
 * const torch = { state: { 0: { momentum_buffer: tensor([3, 4]) } }, param_groups: [{ lr: 0.1, momentum: 0.9, params: [0] }] };
 * optimizer.loadStateDict(optim.fromTorchStateDict(torch));
 * optimizer.paramGroups[0].lr; // 0.1
 */
export function fromTorchStateDict(dict: unknown): OptimizerState {
  const top = record(dict, "a state dict");
  const groups: unknown = top.get("param_groups");
  if (!Array.isArray(groups) || !top.has("state")) throw bad(`needs "state" and "param_groups", got ${show(dict)}`);
  const paramGroups = groups.map((group: unknown, i) => {
    const options = record(group, `parameter group ${i}`);
    const params: unknown = options.get("params");
    if (!Array.isArray(params) || !params.every(isIndex)) throw bad(`parameter group ${i} has no list of params`);
    const given = [...options].filter(([name]) => name !== "params" && !Object.hasOwn(ways, name));
    return {
      ...Object.fromEntries(given.map(([name, value]) => [toCamel(name), optionOf(name, value)])),
      params: params.map(Number),
    };
  });
  // PyTorch goes by the order of the params in the groups: their numbers are names
  const order = new Map(paramGroups.flatMap((g) => g.params).map((id, i) => [id, i]));
  const state = new Map<string, { readonly [name: string]: StateValue }>();
  for (const [id, entries] of record(top.get("state"), '"state"')) {
    const at = order.get(Number(id));
    if (at === undefined) throw bad(`holds state for parameter ${id}, which no group names`);
    const own = [...record(entries, `the state of parameter ${id}`)].filter(
      ([name, value]) => !scratch.has(name) && value !== null && value !== undefined,
    );
    state.set(String(at), Object.fromEntries(own.map(([name, value]) => [toCamel(name), entryOf(name, value)])));
  }
  let count = 0;
  return {
    state: Object.fromEntries(state),
    paramGroups: paramGroups.map((g) => ({ ...g, params: g.params.map(() => count++) })),
  };
}

/**
 * The state of an optimizer as PyTorch's `state_dict()` gives it, for `torch.optim`'s optimizer of the same name to load:
 * `expAvgSq` as `exp_avg_sq`.
 *
 * Counters become 0-d tensors, as PyTorch keeps them. A file that PyTorch reads: {@link flattenTorchState}, or a `.pt` file.
 *
 * Shapes: those of the optimizer's state.
 *
 * @throws FormatError for what is no optimizer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.load_state_dict.html
 * @example
 * const optimizer = new optim.Adagrad([tensor([1, 2], { requiresGrad: true })], { lr: 0.1 });
 * const { param_groups } = optim.toTorchStateDict(optimizer);
 * [param_groups[0].lr, param_groups[0].lr_decay, param_groups[0].initial_accumulator_value]; // [0.1, 0, 0]
 */
export function toTorchStateDict<O extends object>(optimizer: Optimizer<O>): TorchOptimizerState {
  if (!option.object.takes(optimizer) || typeof optimizer.stateDict !== "function")
    throw new FormatError("toTorchStateDict", 0, `needs an optimizer, got ${show(optimizer)}`);
  const { state, paramGroups } = optimizer.stateDict();
  const params = optimizer.paramGroups.flatMap((g) => g.params);
  const kept = waysOf.find(([kind]) => optimizer instanceof kind)?.slice(1) as readonly Way[] | undefined; // behind the class
  return {
    state: new Map(
      Object.entries(state).flatMap(([i, entries]) => {
        const p = params[Number(i)];
        if (Object.keys(entries).length === 0) return []; // PyTorch has no entry then
        const entry: [number, { readonly [name: string]: TorchValue }] = [
          Number(i),
          Object.fromEntries(
            Object.entries(entries).map(([name, value]) => [toSnake(name), torchEntry(toSnake(name), value, p)]),
          ),
        ];
        return [entry];
      }),
    ),
    param_groups: paramGroups.map(({ params: indices, ...options }) => ({
      ...Object.fromEntries(
        Object.entries(options).map(([name, value]) => [toSnake(name), torchOption(name, value, options)]),
      ),
      ...Object.fromEntries((kept ?? []).map((way) => [way, ways[way]])),
      params: indices,
    })),
  };
}

const bad = (problem: string): FormatError => new FormatError("fromTorchStateDict", 0, problem);
const isIndex = (x: unknown): boolean => typeof x === "number" || typeof x === "bigint";

/** The entries of a dict, which readers give as an object or a Map. */
function record(x: unknown, what: string): Map<string, unknown> {
  if (!option.object.takes(x) || isTensor(x) || Array.isArray(x)) throw bad(`${what} is no dict: ${show(x)}`);
  const entries: Iterable<[unknown, unknown]> = x instanceof Map ? x : Object.entries(x);
  return new Map([...entries].map(([key, value]) => [String(key), value]));
}
/** Plain values: 0-d tensors and bigints as numbers, tuples as lists. */
function plain(value: unknown): StateValue {
  if (isTensor(value)) return value.ndim === 0 ? Number(item(value)) : value;
  if (typeof value === "bigint") return Number(value);
  return Array.isArray(value) ? value.map(plain) : (value as StateValue); // looked at by loadStateDict
}
const optionOf = (name: string, value: unknown): StateValue =>
  named.has(name) && typeof value === "string" ? toCamel(value) : plain(value);
const entryOf = (name: string, value: unknown): StateValue =>
  counters.has(name) || products.has(name) || !isTensor(value)
    ? Array.isArray(value) && !products.has(name)
      ? (value as StateValue)
      : plain(value)
    : value;

function torchEntry(name: string, value: StateValue, p: Tensor): TorchValue {
  const scalar = (x: StateValue, dtype: Tensor["dtype"]): TorchValue =>
    typeof x === "number" ? tensor(x, { dtype, device: p.device }) : x;
  if (counters.has(name)) return scalar(value, "float32");
  if (products.has(name)) return Array.isArray(value) ? value.map((v) => scalar(v, p.dtype)) : scalar(value, p.dtype);
  return value;
}
function torchOption(name: string, value: StateValue, options: { readonly [name: string]: StateValue }): TorchValue {
  // LBFGS of PyTorch settles it at once
  if (name === "maxEval" && value === null) return Math.floor((Number(options.maxIter) * 5) / 4);
  return named.has(toSnake(name)) && typeof value === "string" ? toSnake(value) : value;
}
