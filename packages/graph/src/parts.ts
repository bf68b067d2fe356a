import type { DType } from "@flambeau/tensor/functional";
import type { Dim } from "./dim.ts";

// What a graph is made of: plain data, the same in memory and, but for what JSON lacks, in files.

/** A tensor of a program, by its name. */
export interface GraphValue {
  /** Unique in the graph. */
  readonly name: string;
  readonly shape: readonly Dim[];
  readonly dtype: DType;
}
/** Whose tensor it is that a graph brings along: the model's, or one that the program made or met. */
export type GraphStateKind = "parameter" | "buffer" | "constant";
/** A tensor that a graph brings along: parameters and buffers by their names in the model, and constants. */
export interface GraphState extends GraphValue {
  readonly kind: GraphStateKind;
}
/** One call of an op: `outputs = op(inputs, attrs)`. It changes none of its inputs. */
export interface GraphCall {
  /** Unique in the graph. The name of its output, where there is one; of several, `name.0`, `name.1`... */
  readonly name: string;
  /** The op's name in `@flambeau/tensor/ops`, or in those of nn, losses and optim. */
  readonly op: string;
  /** Names of values: inputs, states and outputs of earlier calls. */
  readonly inputs: readonly string[];
  /** The op's attributes: plain data, with a {@link Dim} where a number depends on the inputs' sizes. `device` is null for that of a run; there are no generators. */
  readonly attrs: object;
  /** Its results; first the new values of the inputs that the op writes, where it does. */
  readonly outputs: readonly GraphValue[];
  /** Path of the module whose `forward` made the call; "" for the model itself and outside of modules. */
  readonly module: string;
  /** True for a call that is not recorded for backward: it was made inside `noGrad`, or by `backward()`. */
  readonly noGrad?: boolean | undefined;
}
/** What the captured function returned: names of values in the lists and objects that it returned them in. */
export type GraphOutput = string | null | readonly GraphOutput[] | { readonly [key: string]: GraphOutput };
/** At the end of a run an input or a state gets a new value. */
export interface GraphMutation {
  /** An input or a state. */
  readonly target: string;
  /** The value that it gets. */
  readonly value: string;
}
/** A dimension whose size the inputs of a run decide. */
export interface GraphDim {
  readonly name: string;
  /** What it was in the first capture. */
  readonly size: number;
}
/** The whole of a graph as data, but for the tensors that it brings along. */
export interface GraphParts {
  /** What a run is given, in order. */
  readonly inputs: readonly GraphValue[];
  /** Parameters, buffers and constants that the calls read. */
  readonly states: readonly GraphState[];
  /** Calls in the order in which they run. */
  readonly nodes: readonly GraphCall[];
  readonly output: GraphOutput;
  readonly mutations: readonly GraphMutation[];
  readonly dims: readonly GraphDim[];
  /** Class names of the modules by the paths that calls name. */
  readonly modules: { readonly [path: string]: string };
}

/** The names in a structure, each once, in order. */
export function namesIn(structure: GraphOutput, into: Set<string> = new Set()): Set<string> {
  if (typeof structure === "string") into.add(structure);
  else if (structure !== null) for (const part of Object.values(structure)) namesIn(part, into);
  return into;
}
/** A structure with something in the place of each name. */
export function fill(structure: GraphOutput, value: (name: string) => unknown): unknown {
  if (typeof structure === "string") return value(structure);
  if (structure === null) return null;
  if (isList(structure)) return structure.map((part) => fill(part, value));
  return Object.fromEntries(Object.entries(structure).map(([key, part]) => [key, fill(part, value)]));
}
const isList = (x: GraphOutput): x is readonly GraphOutput[] => Array.isArray(x);
