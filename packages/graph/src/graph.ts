import { ArgumentError, type Generator, ShapeError, type Tensor } from "@flambeau/tensor/functional";
import type { AnyOp } from "@flambeau/tensor/ops";
import { checkOptions, type Kinds, option, sameShape, show, showShape } from "@flambeau/tensor/plugin";
import { checkParts } from "./check.ts";
import { fromJson, toJson } from "./json.ts";
import { findOp, type OpTable } from "./ops.ts";
import {
  type GraphCall,
  type GraphDim,
  type GraphMutation,
  type GraphOutput,
  type GraphParts,
  type GraphState,
  type GraphValue,
  namesIn,
} from "./parts.ts";
import { printGraph } from "./print.ts";
import { Runner } from "./run.ts";

export interface GraphOptions {
  /** Records of ops by name, for those that are not the library's. */
  readonly ops?: OpTable | undefined;
  /** Tensors among the states' that the graph is to free when it is disposed. Default: none. */
  readonly own?: readonly Tensor[] | undefined;
}
const graphKinds: Kinds<GraphOptions> = { ops: option.object, own: option.listOf(option.tensor) };

export interface GraphRunOptions {
  /** Where ops that draw draw from. Default: the generator that `manualSeed` sets. */
  readonly generator?: Generator | undefined;
  /** Tensors in the place of what the calls of those names would draw; `graph.draws` has the names. */
  readonly draws?: { readonly [name: string]: Tensor } | undefined;
}
const runKinds: Kinds<GraphRunOptions> = { generator: option.generator, draws: option.object };

/**
 * A program as data: calls of ops on named values, none of which changes another, `output = f(inputs, states)`. {@link capture} makes it, and so may importers, from
 * its parts; `states` (parameters, buffers, constants) are tensors that it brings along. It prints, runs, and goes to JSON and back.
 *
 * Shapes: those of `graph.inputs`; sizes may be affine in named dimensions, whose sizes a run's inputs decide.
 *
 * @throws FormatError when the parts are no graph: unknown ops, values that nothing gives or that come later, attributes that their op does not take, shapes
 * and dtypes that it does not give.
 * @throws ArgumentError when a state's tensor is missing or another one.
 * @see https://docs.pytorch.org/docs/stable/export.html
 * @example
 * import { capture, type Graph, tensor, type Tensor } from "flambeau";
 * const graph: Graph<Tensor> = capture((x) => x.mul(2).add(1), [tensor([1, 2])]);
 * graph.nodes.map((call) => call.op); // ["mul", "add"]
 * graph.run([tensor([3, 4])]).tolist(); // [7, 9]
 */
export class Graph<R = unknown> implements GraphParts {
  readonly inputs: readonly GraphValue[];
  readonly states: readonly GraphState[];
  readonly nodes: readonly GraphCall[];
  readonly output: GraphOutput;
  readonly mutations: readonly GraphMutation[];
  readonly dims: readonly GraphDim[];
  readonly modules: { readonly [path: string]: string };
  /** The tensors of the states, by name. Those of a captured program are the program's own: what is written into them, later runs see. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly #own: readonly Tensor[];
  readonly #ops: OpTable | undefined;
  readonly #values = new Map<string, GraphValue>();
  readonly #runner: Runner;

  constructor(parts: GraphParts, tensors: ReadonlyMap<string, Tensor>, options: GraphOptions = {}) {
    checkOptions("Graph", graphKinds, options);
    const { ops, own = [] } = options;
    if (!(tensors instanceof Map))
      throw new ArgumentError("Graph", `the tensors are a map by name, got ${show(tensors)}`);
    checkParts("graph", parts, (name) => findOp(name, ops));
    this.inputs = parts.inputs;
    this.states = parts.states;
    this.nodes = parts.nodes;
    this.output = parts.output;
    this.mutations = parts.mutations;
    this.dims = parts.dims;
    this.modules = parts.modules;
    this.tensors = new Map(parts.states.map((state) => [state.name, tensorOf(state, tensors)]));
    this.#own = own;
    this.#ops = ops;
    for (const v of [...this.inputs, ...this.states, ...this.nodes.flatMap((call) => call.outputs)])
      this.#values.set(v.name, v);
    this.#runner = new Runner(this, this.tensors, (name) => this.record(name));
  }

  /** Names of the values that the output is made of, each once. */
  get outputs(): readonly string[] {
    return [...namesIn(this.output)];
  }
  /** Names of the calls that draw, which `run` may be given the results of. */
  get draws(): readonly string[] {
    return this.nodes.filter((call) => this.record(call.op).draws).map((call) => call.name);
  }
  /** What is known of the value of a name. @throws ArgumentError when there is none. */
  value(name: string): GraphValue {
    const found = this.#values.get(name);
    if (found === undefined) throw new ArgumentError("Graph.value", `there is no value called "${name}"`);
    return found;
  }
  /** The op record that calls of a name run. @throws ArgumentError when there is none. */
  record(op: string): AnyOp {
    const found = typeof op === "string" ? findOp(op, this.#ops) : undefined;
    if (found === undefined) throw new ArgumentError("Graph.record", `there is no op called ${show(op)}`);
    return found;
  }

  /**
   * Runs the program on other inputs, as the function would: the same ops in the same order, and so the same bits. Ops are recorded for backward where
   * the function's would be. At the end inputs and states get their new values (`graph.mutations`), unless something was thrown.
   *
   * @throws ShapeError, DTypeError, ArgumentError when the inputs are not like the graph's; what the ops throw.
   * @example
   * const graph = capture((x) => x.exp(), [zeros([2])]);
   * graph.run([tensor([0, 1])]).tolist(); // [1, 2.718...]
   */
  run(inputs: readonly Tensor[], options: GraphRunOptions = {}): R {
    checkOptions("Graph.run", runKinds, options);
    const { generator, draws = {} } = options;
    const known = this.draws;
    for (const name of Object.keys(draws))
      if (!known.includes(name))
        throw new ArgumentError(
          "Graph.run",
          `no call named "${name}" draws`,
          known.length > 0 ? `there are: ${known.join(", ")}` : "the graph draws nothing",
        );
    return this.#runner.run(inputs, { generator, draws }) as R; // in the function's own lists and objects
  }

  /** The graph's parts, as the constructor takes them: with others in the place of some, those of another graph. */
  toParts(): GraphParts {
    const { inputs, states, nodes, output, mutations, dims, modules } = this;
    return { inputs, states, nodes, output, mutations, dims, modules };
  }
  /**
   * The graph as JSON has it, without the tensors of its states: `JSON.stringify(graph)`. {@link saveGraph} writes both into one file.
   */
  toJSON(): object {
    return toJson(this);
  }
  /**
   * The graph that {@link toJSON} gave, with the tensors of its states.
   *
   * @param json what `JSON.parse` gives.
   * @param tensors by the names of the states: `graph.tensors`, or what a file holds.
   * @throws FormatError for what is no graph, or one of a later version.
   * @throws ArgumentError when a state's tensor is missing or another one.
   * @example
   * const graph = capture((x) => x.add(tensor([1, 2])), [zeros([2])]);
   * const again = Graph.fromJSON(JSON.parse(JSON.stringify(graph)), graph.tensors);
   * again.run([tensor([1, 1])]); // tensor([2., 3.])
   */
  static fromJSON(
    json: unknown,
    tensors: ReadonlyMap<string, Tensor> | { readonly [name: string]: Tensor } = {},
    options: GraphOptions = {},
  ): Graph {
    checkOptions("Graph.fromJSON", graphKinds, options);
    if (!option.object.takes(tensors))
      throw new ArgumentError("Graph.fromJSON", `the tensors are an object or a map by name, got ${show(tensors)}`);
    const parts = fromJson("graph", json);
    return new Graph(parts, tensors instanceof Map ? tensors : new Map(Object.entries(tensors)), options);
  }

  /** The program as text, a call a line. */
  toString(): string {
    return printGraph(this, (op) => this.record(op));
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** Frees the tensors that are the graph's own: constants that the program made from numbers, and what a file held. */
  dispose(): void {
    for (const t of this.#own) t.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** @throws ArgumentError for what is no graph, be it of another copy of this package. */
export function checkGraph(op: string, graph: unknown): asserts graph is Graph {
  if (
    !(graph instanceof Graph) &&
    !(typeof graph === "object" && graph !== null && "toParts" in graph && "tensors" in graph)
  )
    throw new ArgumentError(op, `takes a graph, got ${show(graph)}`, "capture(fn, inputs) gives one");
}

function tensorOf(state: GraphState, tensors: ReadonlyMap<string, Tensor>): Tensor {
  const t = tensors.get(state.name);
  if (t === undefined) throw new ArgumentError("Graph", `the tensor of the ${state.kind} "${state.name}" is missing`);
  if (!option.tensor.takes(t)) throw new ArgumentError("Graph", `"${state.name}" is no tensor`);
  const shape = state.shape as readonly number[]; // states have no other, which was checked
  if (t.dtype !== state.dtype || !sameShape(t.shape, shape))
    throw new ShapeError(
      "Graph",
      `the ${state.kind} "${state.name}" is ${state.dtype} ${showShape(shape)}, got ${t.dtype} ${showShape(t.shape)}`,
      [shape, t.shape],
    );
  return t;
}
