import { ArgumentError, AutogradError, type GradientEdge, isTensor, type Tensor } from "@flambeau/tensor/functional";
import { checkTensor, type Result, show } from "@flambeau/tensor/plugin";
import { AccumulateGrad, accumulateGrad } from "./hooks/accumulate.ts";
import { Node, nodeOf } from "./node.ts";

/** A place of the graph as users name it: by the tensor whose gradient comes there, or without it. */
export type Named = Tensor | GradientEdge;

/** A place of the graph: a recorded call and which of its results, or a leaf. */
export interface Place {
  readonly at: Node | Tensor;
  readonly slot: number;
  /** What it was named by, if that was a tensor. */
  readonly tensor: Tensor | null;
}

export const placeOf = (t: Tensor): Place => ({ at: nodeOf(t) ?? t, slot: t.outputIndex, tensor: t });

/** Shape, dtype and device of what lies there. */
export const resultAt = ({ at, slot, tensor }: Place): Result => tensor ?? (at instanceof Node ? at.outputs[slot] : at);

/** The node that stands in the graph for a place. */
export const edgeOf = (t: Tensor): GradientEdge => ({ node: t.gradFn ?? accumulateGrad(t), outputNr: t.outputIndex });

const isEdge = (x: unknown): x is GradientEdge =>
  typeof x === "object" && x !== null && !isTensor(x) && "node" in x && "outputNr" in x;

function edgePlace(op: string, name: string, { node, outputNr }: GradientEdge): Place {
  if (node instanceof AccumulateGrad && outputNr === 0) return { at: node.variable, slot: 0, tensor: null };
  if (node instanceof Node && Number.isInteger(outputNr) && outputNr >= 0 && outputNr < node.outputs.length)
    return { at: node, slot: outputNr, tensor: null };
  if (node instanceof Node || node instanceof AccumulateGrad) {
    const results = node instanceof Node ? node.outputs.length : 1;
    throw new ArgumentError(
      op,
      `${name} names result ${show(outputNr)} of ${node.name}, which has ${results === 1 ? "one, number 0" : results}`,
    );
  }
  throw new ArgumentError(
    op,
    `${name} is no place in the graph: its node is ${show(node)}`,
    "getGradientEdge(t) gives that of a tensor, a node's nextFunctions those of its inputs; null there means that no gradient goes there",
  );
}

/** Whether a value names places of the graph: tensors, edges, or a list. */
export const isNamed = (x: unknown): boolean => Array.isArray(x) || isTensor(x) || isEdge(x);

/** The places of the graph that one or several tensors and edges name. */
export function placesOf(op: string, name: string, x: Named | readonly Named[]): readonly Place[] {
  const all: readonly unknown[] = Array.isArray(x) ? x : [x];
  return all.map((one, i) => {
    const label = `${name}[${i}]`;
    if (isEdge(one)) return edgePlace(op, label, one);
    checkTensor(op, label, one);
    return placeOf(one);
  });
}

/** @throws AutogradError for a tensor without gradients among what is asked for. */
export function checkWanted(op: string, places: readonly Place[]): void {
  places.forEach(({ tensor }, i) => {
    if (tensor?.requiresGrad === false) throw new AutogradError(`${op}: input ${i} does not require gradients`);
  });
}
