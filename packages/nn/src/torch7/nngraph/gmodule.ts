import { ArgumentError, type Tensor } from "@flambeau/tensor/functional";
import { show } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { checkList, position, type Table, whole } from "../table.ts";
import { toDot } from "./drawing.ts";
import { type Annotations, checkNode, type Node } from "./node.ts";

/**
 * A graph of modules as one module: what comes in goes to the input nodes, and each node's module is called with what its inputs gave,
 * `y[n] = n.module(n.inputs.map((i) => y[i]))`. Made by {@link gModule}.
 *
 * Shapes: what the input nodes' modules take, one or a list of several; what the output nodes give, likewise.
 *
 * @throws ArgumentError when it is called with another number of inputs than it has.
 * @see https://github.com/torch/nngraph
 * @example
 * const x = node(new nn.Identity());
 * gModule([x], [x.through(new nn.ReLU())]).forward(tensor([-1, 2])).tolist(); // [0, 2]
 */
export class GModule extends Module {
  // plain data, and modules by the names of their fields: so a copy of this one works on its own
  private readonly steps: readonly Step[];
  private readonly inputs: readonly number[];
  private readonly outputs: readonly number[];
  constructor(inputs: readonly Node[], outputs: readonly Node[]) {
    super();
    for (const [name, list] of Object.entries({ inputs, outputs })) {
      if (!Array.isArray(list) || list.length === 0)
        throw new ArgumentError("gModule", `${name} must be a list of nodes, one at least, got ${show(list)}`);
      for (const [i, each] of list.entries()) checkNode("gModule", `${name}[${i}]`, each);
      if (new Set(list).size !== list.length && name === "inputs")
        throw new ArgumentError("gModule", "a node is there twice among the inputs");
    }
    const nodes = inOrder(outputs);
    checkGraph(nodes, inputs);
    const places = new Map(nodes.map((n, i) => [n, i]));
    const modules = [...new Set(nodes.flatMap(({ module }) => module ?? []))];
    const placesOf = (list: readonly Node[]) => list.map((n) => places.get(n) as number); // all are among the nodes
    this.inputs = placesOf(inputs);
    this.outputs = placesOf(outputs);
    this.steps = nodes.map(({ module, inputs: taken, index, annotations }) => ({
      module: module && String(modules.indexOf(module)),
      inputs: placesOf(taken),
      index,
      parts: index === null ? null : taken[0].parts,
      annotations,
    }));
    for (const [i, module] of modules.entries()) this.registerModule(String(i), module);
  }
  forward<Y extends Table = Tensor>(x: Table): Y {
    const { inputs, outputs } = this;
    if (inputs.length > 1) checkList("gModule", x, inputs.length);
    const given = (inputs.length > 1 ? x : [x]) as readonly Table[]; // a list, as was looked at
    return whole(() => {
      const modules = new Map(this.namedChildren());
      const values: Table[] = [];
      for (const [at, step] of this.steps.entries()) {
        const place = inputs.indexOf(at);
        const taken = place >= 0 ? [given[place]] : step.inputs.map((i) => values[i]);
        const module = step.module === null ? undefined : modules.get(step.module);
        values.push(module ? module.forward(taken.length === 1 ? taken[0] : taken) : entry(step, taken[0]));
      }
      const results = outputs.map((at) => values[at]);
      return (results.length === 1 ? results[0] : results) as Y; // the caller knows what the nodes give
    });
  }
  /** The graph as a drawing for Graphviz. */
  toDot(title = "gModule"): string {
    if (typeof title !== "string")
      throw new ArgumentError("gModule.toDot", `title must be a string, got ${show(title)}`);
    const modules = new Map(this.namedChildren());
    const drawn = this.steps.map(({ module, index, ...step }) => ({
      ...step,
      text: module === null ? `entry ${index}` : String(modules.get(module)),
    }));
    return toDot(title, drawn, this.inputs, this.outputs);
  }
}

/** A node in the order of computation. */
interface Step {
  /** The field of its module; null for an entry of a table. */
  readonly module: string | null;
  /** The steps whose results it takes. */
  readonly inputs: readonly number[];
  /** Which entry of the table it is, and how many there are. */
  readonly index: number | null;
  readonly parts: number | null;
  readonly annotations: Annotations;
}

function entry({ index, parts }: Step, table: Table): Table {
  checkList("gModule", table, parts ?? undefined);
  return table[position("gModule", index ?? 0, table.length)];
}

/**
 * Makes a module of a graph: `gModule([a, b], [y, z]).forward([a, b])` gives `[y, z]`; of one input or output no list is made. A module that
 * stands at several nodes is one module with its parameters shared.
 *
 * Shapes: what the input nodes' modules take; what the output nodes give.
 *
 * @throws ArgumentError when an input or output is no node; when an input node takes something, is not used, or one that takes nothing is
 * not among the inputs; when a node leads to no output, or an entry of a split table to nothing; when the graph has a cycle.
 * @see https://github.com/torch/nngraph
 * @example
 * const [a, b] = [node(new nn.Linear(4, 3)), node(new nn.Linear(2, 3))];
 * const sum = node(new CAddTable(), [a.through(new nn.Tanh()), b.through(new nn.Tanh())]);
 * const net = gModule([a, b], [sum.through(new nn.Sigmoid()), sum.through(new nn.Tanh())]);
 * net.forward<Tensor[]>([randn([4]), randn([2])]).map((y) => y.shape); // [[3], [3]]
 */
export const gModule = (inputs: readonly Node[], outputs: readonly Node[]): GModule => new GModule(inputs, outputs);

/** All nodes above the outputs, each behind its inputs. */
function inOrder(outputs: readonly Node[]): Node[] {
  const done = new Set<Node>();
  const open = new Set<Node>();
  // a stack of its own: graphs of recurrent nets are deep
  const stack = outputs.toReversed().map((n) => ({ n, next: 0 }));
  for (let at = stack.at(-1); at !== undefined; at = stack.at(-1)) {
    const { n, next } = at;
    if (done.has(n)) stack.pop();
    else if (next === n.inputs.length) {
      done.add(n);
      open.delete(n);
      stack.pop();
    } else {
      open.add(n);
      at.next++;
      const input = n.inputs[next];
      if (open.has(input)) throw new ArgumentError("gModule", `the graph has a cycle, through ${input.label}`);
      stack.push({ n: input, next: 0 });
    }
  }
  return [...done];
}

function checkGraph(nodes: readonly Node[], inputs: readonly Node[]): void {
  const inside = new Set(nodes);
  for (const input of inputs) {
    if (input.inputs.length > 0)
      throw new ArgumentError("gModule", `an input takes nothing of the graph, and ${input.label} does`);
    if (!inside.has(input))
      throw new ArgumentError("gModule", `an input is not used: ${input.label} leads to no output`);
  }
  for (const n of nodes) {
    if (n.inputs.length === 0 && !inputs.includes(n))
      throw new ArgumentError("gModule", `${n.label} takes nothing and is not among the inputs`);
    const entries = [...n.successors].filter((s) => s.index !== null && inside.has(s)).length;
    if (n.parts !== null && entries !== n.parts)
      throw new ArgumentError("gModule", `${n.parts - entries} of ${n.parts} entries of ${n.label} are not used`);
    for (const s of n.successors)
      if (!inside.has(s)) throw new ArgumentError("gModule", `${s.label} leads to no output`);
  }
}
