import { FormatError, isTensor, type Tensor } from "@flambeau/tensor/functional";
import { option, show } from "@flambeau/tensor/plugin";
import type { OptimizerState, ParamState, StateValue } from "./optimizer.ts";

/**
 * The state of each parameter in a state dict, by position.
 * @throws FormatError when it does not fit these groups.
 */
export function readState(
  optimizer: string,
  dict: OptimizerState,
  groups: readonly { readonly params: readonly Tensor[] }[],
  shapeOf: (name: string, p: Tensor) => readonly number[],
): Map<number, ParamState> {
  const bad = (problem: string, hint?: string) => new FormatError(`${optimizer}.loadStateDict`, 0, problem, hint);
  if (!option.object.takes(dict) || !Array.isArray(dict.paramGroups) || !option.object.takes(dict.state))
    throw bad(
      `not an optimizer state dict: ${show(dict)}`,
      option.object.takes(dict) && "param_groups" in dict ? "read PyTorch's with fromTorchStateDict(dict)" : undefined,
    );
  if (dict.paramGroups.length !== groups.length)
    throw bad(`has ${dict.paramGroups.length} parameter groups, this optimizer ${groups.length}`);
  dict.paramGroups.forEach((g, i) => {
    const count: unknown = Array.isArray(g?.params) ? g.params.length : null;
    if (count !== groups[i].params.length)
      throw bad(`group ${i} has ${count ?? "no"} parameters, this optimizer's ${groups[i].params.length}`);
    const names = g.paramNames;
    if (names !== undefined && (!option.listOf(option.string).takes(names) || names.length !== count))
      throw bad(`group ${i} has other paramNames than one for each of its parameters`);
  });
  const params = groups.flatMap((g) => g.params);
  const loaded = new Map<number, ParamState>();
  for (const [i, entries] of Object.entries(dict.state)) {
    const p = params[Number(i)];
    if (p === undefined) throw bad(`holds state for parameter ${i} of ${params.length}`);
    if (!option.object.takes(entries)) throw bad(`the state of parameter ${i} is ${show(entries)}`);
    const state: ParamState = {};
    for (const [name, value] of Object.entries(entries)) {
      const shape = shapeOf(name, p).join(",");
      const check = (v: StateValue): Tensor | number => {
        if (typeof v === "number") return v;
        if (!isTensor(v)) throw bad(`"${name}" of parameter ${i} is neither a number nor a tensor`);
        if (v.size !== 1 && v.shape.join() !== shape)
          throw bad(`"${name}" of parameter ${i} has shape [${v.shape.join(",")}], expected [${shape}]`);
        return v;
      };
      state[name] = Array.isArray(value) ? value.map(check) : check(value);
    }
    loaded.set(Number(i), state);
  }
  return loaded;
}
