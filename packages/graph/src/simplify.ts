import { keep, noGrad, type Tensor, tidy } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, withoutInterpreters } from "@flambeau/tensor/plugin";
import { dependsOnSizes, isAffine } from "./dim.ts";
import { checkGraph, Graph } from "./graph.ts";
import { writtenBy } from "./ops.ts";
import type { GraphCall, GraphState } from "./parts.ts";
import { withoutDeadNodes } from "./passes.ts";
import { runCall } from "./run.ts";

/**
 * The graph without the calls and states that nothing depends on. Draws stay, since they move the generator on, and so do checks of indices. {@link capture} does
 * it by itself; importers, and those who change a graph's parts, call it.
 *
 * Shapes: those of the graph.
 *
 * @see https://docs.pytorch.org/docs/stable/fx.html
 * @example
 * const graph = capture((x) => [x.exp(), x.neg()], [zeros([2])]);
 * const first = new Graph({ ...graph.toParts(), output: "exp" }, graph.tensors);
 * pruneGraph(first).nodes.map((call) => call.op); // ["exp"]
 */
export function pruneGraph<R>(graph: Graph<R>): Graph<R> {
  checkGraph("pruneGraph", graph);
  const record = (op: string) => graph.record(op);
  return new Graph<R>(withoutDeadNodes(graph.toParts(), record), graph.tensors, { ops: recordsOf(graph) });
}
const recordsOf = (graph: Graph) => Object.fromEntries(graph.nodes.map(({ op }) => [op, graph.record(op)]));

export interface FoldOptions {
  /** Count parameters and buffers that the graph does not change as constants, too: for a model that learns no more. Default false. */
  readonly weights?: boolean | undefined;
}
const foldKinds: Kinds<FoldOptions> = { weights: option.boolean };

/**
 * The graph with what it computes from constants alone computed now: masks, positions, products of weights. What such calls give are constants of the new graph,
 * which frees them when it is disposed; the other tensors are those of the old one.
 *
 * Shapes: those of the graph. What depends on the sizes of a run's inputs stays.
 *
 * @throws ArgumentError for another option.
 * @see https://docs.pytorch.org/docs/stable/fx.html
 * @example
 * const graph = capture((x) => x.add(arange(3).mul(2)), [zeros([3])]);
 * graph.nodes.map((call) => call.op); // ["arange", "mul", "add"]
 * using folded = foldConstants(graph);
 * folded.nodes.map((call) => call.op); // ["add"]
 */
export function foldConstants<R>(graph: Graph<R>, options: FoldOptions = {}): Graph<R> {
  checkOptions("foldConstants", foldKinds, options);
  checkGraph("foldConstants", graph);
  const { weights = false } = options;
  const changed = new Set(graph.mutations.map(({ target }) => target));
  const known = new Map<string, Tensor>();
  for (const { name, kind } of graph.states)
    if ((kind === "constant" || weights) && !changed.has(name)) known.set(name, graph.tensors.get(name) as Tensor); // each state has one
  const device = [...graph.tensors.values()].find((t) => t.ndim > 0)?.device;
  const made: Tensor[] = [];
  const states: GraphState[] = [];
  const nodes: GraphCall[] = [];
  try {
    withoutInterpreters(() =>
      noGrad(() =>
        tidy(() => {
          for (const call of graph.nodes) {
            if (!folds(graph, call, known)) {
              nodes.push(call);
              continue;
            }
            const inputs = call.inputs.map((name) => known.get(name) as Tensor); // folds has looked
            const results = runCall(graph.record(call.op), inputs, call.attrs, device);
            call.outputs.forEach((v, k) => {
              known.set(v.name, results[k]);
              made.push(keep(results[k]));
              states.push({ ...v, kind: "constant" });
            });
          }
        }),
      ),
    );
    const parts = withoutDeadNodes({ ...graph.toParts(), states: [...graph.states, ...states], nodes }, (op) =>
      graph.record(op),
    );
    const left = new Set(parts.states.map(({ name }) => name));
    const own = made.filter((t, i) => {
      if (!left.has(states[i].name)) t.dispose();
      return left.has(states[i].name);
    });
    return new Graph<R>(parts, new Map([...graph.tensors, ...known]), { ops: recordsOf(graph), own });
  } catch (error) {
    for (const t of made) t.dispose();
    throw error;
  }
}

/** Whether a call gives the same in each run. */
function folds(graph: Graph, call: GraphCall, known: ReadonlyMap<string, Tensor>): boolean {
  const op = graph.record(call.op);
  if (op.draws || call.outputs.length === 0 || dependsOnSizes(call.attrs)) return false;
  if (call.outputs.some((v) => v.shape.some(isAffine)) || !call.inputs.every((name) => known.has(name))) return false;
  const inputs = call.inputs.map((name) => known.get(name) as Tensor);
  return writtenBy(op, inputs, call.attrs).length === 0;
}
