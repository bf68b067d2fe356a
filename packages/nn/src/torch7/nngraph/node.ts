import { ArgumentError } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { isModule, type Module } from "../../module.ts";
import type { Criterion } from "../criterions/criterion.ts";
import { ModuleFromCriterion } from "../criterions/several.ts";

export interface Annotations {
  /** What the node is called in drawings and messages. */
  readonly name?: string | undefined;
  /** A line below it. */
  readonly description?: string | undefined;
  /** Attributes of Graphviz, such as `{ color: "red" }`. */
  readonly graphAttributes?: Readonly<Record<string, string>> | undefined;
}
const annotationKinds: Kinds<Annotations> = {
  name: option.string,
  description: option.string,
  graphAttributes: option.object,
};

/**
 * A module in a graph with what it takes: `y = module(inputs)`, or an entry of the table that another node gives. {@link node} makes them.
 *
 * Shapes: none yet; the module says what it takes when the graph is called.
 *
 * @throws ArgumentError from `add` for what is no node, from `split` when it is split already or n is no positive integer.
 * @see https://github.com/torch/nngraph
 * @example
 * const [h, c] = node(new nn.Identity()).split(2); // of an input that is a table
 * node(new CAddTable(), [h, c]).through(new nn.Tanh()).annotate({ name: "sum" }).label; // 'the node "sum"'
 */
export class Node {
  /** Null for an entry of another node's table. */
  readonly module: Module | null;
  /** Where what it takes comes from. */
  readonly inputs: Node[] = [];
  /** Which entry of a table it is; null for a module's result. */
  readonly index: number | null;
  /** How many entries its table is split into; null where it is not. */
  parts: number | null = null;
  /** The nodes that take its result. */
  readonly successors = new Set<Node>();
  private given: Annotations = {};
  constructor(module: Module | null, inputs: readonly Node[], index: number | null = null) {
    this.module = module;
    this.index = index;
    for (const input of inputs) this.add(input);
  }
  /** Adds one more input. */
  add(input: Node): this {
    checkNode("Node.add", "an input", input);
    this.inputs.push(input);
    input.successors.add(this);
    return this;
  }
  /** A node that takes this one's result: `x.through(new nn.Tanh())` is nngraph's `x - nn.Tanh()`. */
  through(module: Module | Criterion): Node {
    return node(module, this);
  }
  /** Nodes for the n entries of the table that this one gives. All of them must be used. */
  split(n: number): Node[] {
    checkInteger("Node.split", "n", n, 1);
    if (this.parts !== null) throw new ArgumentError("Node.split", `${this.label} is split already`);
    this.parts = n;
    return Array.from({ length: n }, (_, i) => new Node(null, [this], i));
  }
  /** Gives it a name, a description or attributes for drawings, beside those that it has. */
  annotate(annotations: Annotations): this {
    checkOptions("Node.annotate", annotationKinds, annotations);
    this.given = { ...this.given, ...annotations };
    return this;
  }
  get annotations(): Annotations {
    return this.given;
  }
  /** What it is called in messages. */
  get label(): string {
    if (this.given.name !== undefined) return `the node "${this.given.name}"`;
    return this.module === null ? `entry ${this.index} of a table` : `a node of ${this.module.constructor.name}`;
  }
}

export function checkNode(op: string, name: string, x: unknown): asserts x is Node {
  if (x instanceof Node) return;
  throw new ArgumentError(
    op,
    `${name} must be a node, got ${show(x)}`,
    isModule(x) ? "node(module, inputs) makes one of a module" : undefined,
  );
}

/**
 * A module as a node of a graph: `node(m, a)` stands for `m.forward(a)`, `node(m, [a, b])` for `m.forward([a, b])`, and `node(m)` for an
 * input of the graph, which goes through the module. A criterion becomes a {@link ModuleFromCriterion}.
 *
 * Shapes: none yet; the module says what it takes when the graph is called.
 *
 * @throws ArgumentError for what is no module, or when an input is no node or the list is empty.
 * @see https://github.com/torch/nngraph
 * @example
 * const x = node(new nn.Identity());
 * const h = node(new nn.Tanh(), node(new nn.Linear(4, 3), x));
 * const both = node(new JoinTable(0), [x, h]);
 * gModule([x], [both]).forward(randn([4])).shape; // [7]
 */
export function node(module: Module | Criterion, inputs?: Node | readonly Node[]): Node {
  const own = isModule(module) ? module : new ModuleFromCriterion(module);
  if (inputs === undefined) return new Node(own, []);
  const list: unknown = inputs instanceof Node ? [inputs] : inputs;
  if (!Array.isArray(list) || list.length === 0)
    throw new ArgumentError(
      "node",
      `inputs are a node or a list of nodes, got ${Array.isArray(list) ? "an empty list" : show(list)}`,
      "an input of the graph is made without any: node(module)",
    );
  for (const [i, input] of list.entries()) checkNode("node", `input ${i}`, input);
  return new Node(own, list);
}
