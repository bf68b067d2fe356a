import { ArgumentError, type Tensor } from "@flambeau/tensor/functional";
import { checkFunction, checkTensor, option, show, synchronous } from "@flambeau/tensor/plugin";
import { Optimizer, type OptimizerState, type ParamGroup, type ParamState } from "./optimizer.ts";

/**
 * Calls `run` with other parameters and other state in the place of the optimizer's own, which come back also when it throws: `step()` in
 * it updates the given tensors in place, `p = step(p, p.grad, state)`, and their state in place, too. Gives what `run` gives.
 *
 * `parameters` are a record, a Map or a list of tensors, in the order of the optimizer's own. `state` has the form of `stateDict()`; what a
 * step assigns in it (counters, tensors that were not there) is not written back.
 *
 * Shapes: those of the parameters that they stand for, as far as the step wants them.
 *
 * @throws ArgumentError for an optimizer without state, another number of parameters, and a state of other groups or options.
 * @see https://docs.pytorch.org/docs/stable/optim.html
 * @example
 * const w = tensor([1, 2], { requiresGrad: true });
 * const optimizer = new optim.SGD([w], { lr: 0.5, momentum: 0.9 });
 * w.grad = tensor([1, 1]);
 * optimizer.step();
 * const other = tensor([10, 20], { requiresGrad: true });
 * other.grad = tensor([1, 1]);
 * const state = { ...optimizer.stateDict(), state: { 0: { momentumBuffer: zeros([2]) } } };
 * optim.swapInOptimizerParamsAndState(optimizer, { w: other }, state, () => optimizer.step());
 * [w.tolist(), other.tolist()]; // [[0.5, 1.5], [9.5, 19.5]]
 */
export function swapInOptimizerParamsAndState<O extends object, T>(
  optimizer: Optimizer<O>,
  parameters: Iterable<Tensor> | ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  state: OptimizerState,
  run: () => T,
): T {
  const op = "swapInOptimizerParamsAndState";
  if (!(optimizer instanceof Optimizer))
    throw new ArgumentError(op, `optimizer must be an optimizer, got ${show(optimizer)}`);
  checkFunction(op, "run", run);
  if (!optimizer.hasState)
    throw new ArgumentError(op, "the optimizer has no state yet", "take a step first, or load a state dict");
  const tensors = listOf(op, parameters);
  if (!option.object.takes(state) || !option.object.takes(state.state) || !Array.isArray(state.paramGroups))
    throw new ArgumentError(op, `state must be a state dict of the optimizer, got ${show(state)}`);
  if (state.paramGroups.length !== optimizer.paramGroups.length)
    throw new ArgumentError(
      op,
      `state has ${state.paramGroups.length} parameter groups, the optimizer ${optimizer.paramGroups.length}`,
    );
  const swapped = new Map<Tensor, ParamState>();
  const met = new Set<string>();
  let offset = 0;
  const groups = optimizer.paramGroups.map((own, i) => {
    const { params: ids, ...options } = state.paramGroups[i];
    if (!Array.isArray(ids) || ids.length !== own.params.length)
      throw new ArgumentError(op, `group ${i} of state has other parameters than the optimizer's ${own.params.length}`);
    const [given, wanted] = [Object.keys(state.paramGroups[i]), Object.keys(own)];
    const odd = [...given.filter((k) => !wanted.includes(k)), ...wanted.filter((k) => !given.includes(k))];
    if (odd.length > 0) throw new ArgumentError(op, `group ${i} of state has other options: ${odd.join(", ")}`);
    const params = tensors.slice(offset, (offset += ids.length));
    ids.forEach((id, k) => {
      met.add(String(id));
      if (k < params.length) swapped.set(params[k], { ...(state.state[String(id)] as ParamState | undefined) }); // looked at by the step
    });
    return { ...options, params } as unknown as ParamGroup<O>; // its options are the optimizer's own, looked at above
  });
  if (offset !== tensors.length)
    throw new ArgumentError(op, `got ${tensors.length} parameters, the optimizer has ${offset}`);
  const unknown = Object.keys(state.state).filter((id) => !met.has(id));
  if (unknown.length > 0)
    throw new ArgumentError(op, `state holds parameters that no group names: ${unknown.join(", ")}`);
  return optimizer.swapIn(groups, swapped, () => synchronous(op, run()));
}

function listOf(op: string, given: unknown): Tensor[] {
  const list = given instanceof Map ? given.values() : option.iterable.takes(given) ? given : null;
  if (list === null && !option.object.takes(given))
    throw new ArgumentError(op, `parameters are tensors by name or in a list, got ${show(given)}`);
  return [...(list ?? Object.values(given as object))].map((t) => {
    checkTensor(op, "each parameter", t as Tensor);
    return t as Tensor; // it is one
  });
}
