import { FormatError, isTensor, type Tensor } from "@flambeau/tensor/functional";
import { option, show } from "@flambeau/tensor/plugin";
import type { TorchOptimizerState, TorchValue } from "./torch-state.ts";

/** The key of the metadata under which the values that are no tensors stand. */
const key = "optimizer";

/**
 * PyTorch's state dict of an optimizer as what a safetensors file holds: tensors by name, `state.0.exp_avg`, and the rest as JSON in the
 * metadata, for `io.save(tensors, path, { metadata })`.
 *
 * Entries of lists are `state.0.old_dirs.0` and so on. Numbers that JSON has not stand there as text ("NaN", "Infinity"). A few lines of Python
 * that read it stand in docs/optimizer-state.md.
 *
 * Shapes: those of the state's tensors.
 *
 * @throws FormatError for what is no such state dict.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const w = tensor([1, 2], { requiresGrad: true });
 * const optimizer = new optim.Adam([w]);
 * w.square().sum().backward();
 * optimizer.step();
 * const { tensors, metadata } = optim.flattenTorchState(optim.toTorchStateDict(optimizer));
 * Object.keys(tensors); // ["state.0.step", "state.0.exp_avg", "state.0.exp_avg_sq"]
 */
export function flattenTorchState(dict: TorchOptimizerState): {
  readonly tensors: { [name: string]: Tensor };
  readonly metadata: { [key: string]: string };
} {
  if (!option.object.takes(dict) || !(dict.state instanceof Map) || !Array.isArray(dict.param_groups))
    throw new FormatError("flattenTorchState", 0, `not what toTorchStateDict() gives: ${show(dict)}`);
  const tensors: { [name: string]: Tensor } = {};
  const state = Object.fromEntries(
    [...dict.state].map(([i, entries]) => {
      const rest: [string, TorchValue][] = [];
      for (const [name, value] of Object.entries(entries)) {
        const path = `state.${i}.${name}`;
        if (isTensor(value)) tensors[path] = value;
        else if (Array.isArray(value) && value.length > 0 && value.every(isTensor))
          value.forEach((t, k) => {
            tensors[`${path}.${k}`] = t;
          });
        else rest.push([name, value as TorchValue]); // no tensor, as was seen
      }
      return [String(i), Object.fromEntries(rest)];
    }),
  );
  const text = JSON.stringify({ state, param_groups: dict.param_groups }, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
  return { tensors, metadata: { [key]: text } };
}

/**
 * What {@link flattenTorchState} made two of, for {@link fromTorchStateDict}: the tensors of a safetensors file and its metadata,
 * `io.load(path)` and `io.loadMetadata(path)`, whoever wrote it.
 *
 * Shapes: those of the tensors.
 *
 * @throws FormatError for metadata without the state's other half, and names that belong to no parameter.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const metadata = { optimizer: '{"state": {}, "param_groups": [{"lr": 0.5, "params": [0]}]}' };
 * const dict = optim.unflattenTorchState({ "state.0.momentum_buffer": tensor([1, 2]) }, metadata);
 * const optimizer = new optim.SGD([tensor([3, 4], { requiresGrad: true })]);
 * optimizer.loadStateDict(optim.fromTorchStateDict(dict));
 * optimizer.paramGroups[0].lr; // 0.5
 */
export function unflattenTorchState(
  tensors: Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
): TorchOptimizerState {
  const bad = (problem: string) => new FormatError("unflattenTorchState", 0, problem);
  if (!option.object.takes(tensors) || isTensor(tensors)) throw bad(`needs tensors by name, got ${show(tensors)}`);
  const text: unknown = option.object.takes(metadata) ? metadata[key] : undefined;
  if (typeof text !== "string") throw bad(`the metadata has no "${key}", got ${show(metadata)}`);
  let rest: unknown;
  try {
    rest = JSON.parse(text, (_, value: unknown) =>
      value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : value,
    );
  } catch (cause) {
    throw new FormatError("unflattenTorchState", 0, `"${key}" of the metadata is no JSON`, String(cause));
  }
  if (!isRecord(rest) || !isRecord(rest.state) || !Array.isArray(rest.param_groups))
    throw bad(`"${key}" of the metadata holds no state and param_groups`);
  const state = new Map<number, { [name: string]: TorchValue }>();
  const entryOf = (i: string) => {
    if (!/^\d+$/.test(i)) throw bad(`${show(i)} is the number of no parameter`);
    let entry = state.get(Number(i));
    if (entry === undefined) state.set(Number(i), (entry = {}));
    return entry;
  };
  for (const [i, values] of Object.entries(rest.state)) Object.assign(entryOf(i), values);
  const lists = new Map<string, Map<number, Tensor>>();
  for (const [path, t] of tensors instanceof Map ? tensors : Object.entries(tensors)) {
    const [, i, name, at] = /^state\.(\d+)\.(\w+)(?:\.(\d+))?$/.exec(path) ?? [];
    if (i === undefined || !isTensor(t)) throw bad(`${show(path)} is no tensor of an optimizer's state`);
    if (at === undefined) entryOf(i)[name] = t;
    else {
      const list = lists.get(`${i}.${name}`) ?? new Map<number, Tensor>();
      lists.set(`${i}.${name}`, list.set(Number(at), t));
    }
  }
  for (const [path, list] of lists) {
    const [i, name] = path.split(".");
    const values = Array.from({ length: list.size }, (_, k) => list.get(k));
    if (values.includes(undefined)) throw bad(`"state.${path}" lacks some of its ${list.size} tensors`);
    entryOf(i)[name] = values as Tensor[]; // none is missing
  }
  return { state, param_groups: rest.param_groups as TorchOptimizerState["param_groups"] }; // looked at when it is loaded
}

const isRecord = (x: unknown): x is { readonly [name: string]: unknown } =>
  typeof x === "object" && x !== null && !Array.isArray(x);
