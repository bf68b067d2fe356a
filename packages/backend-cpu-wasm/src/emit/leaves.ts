import { type Program, scalarType } from "@flambeau/tensor/plugin";
import { param } from "./arguments.ts";
import { loadElement } from "./elements.ts";
import type { Graph, Node } from "./graph.ts";
import { type LaneSource, type LaneType, loadLanes, splat } from "./lanes.ts";
import { UNIT } from "./layout.ts";
import type { Leaf } from "./lower.ts";
import { i32, i32x4 } from "./opcodes.ts";
import { castScalar, paramScalar } from "./scalar.ts";

// How kernels read what a program is made from. Views are numbered without the output here: inputs, then the position.

/** Where one element of a view stands. */
export interface Place {
  readonly address: Node;
  readonly offset: number;
}

/** One element at a time; `params` is where run-time numbers stand in the arguments. */
export const scalarLeaf =
  (g: Graph, { inputs }: Program, params: number, place: (view: number) => Place): Leaf =>
  (e) => {
    if (e.op === "param") return paramScalar(g, param(g, params, e.value), e.type);
    const { address, offset } = place(e.op === "index" ? inputs.length : e.value);
    if (e.op === "index") return offset === 0 ? address : g.i(i32.add, address, g.ic(offset));
    const dtype = inputs[e.value];
    return castScalar(g, loadElement(g, dtype, address, offset), scalarType(dtype), e.type);
  };

/** Four elements at a time, of a program that fills lanes. */
export const laneLeaf =
  (g: Graph, { inputs }: Program, params: number, source: (view: number) => LaneSource): Leaf =>
  (e) => {
    const type = e.type as LaneType; // the program fills lanes
    if (e.op === "param") return splat(g, paramScalar(g, param(g, params, e.value), type), type);
    if (e.op === "index") return positions(g, source(inputs.length));
    return loadLanes(g, inputs[e.value], type, source(e.value));
  };

/** Positions of four elements in row-major order. */
function positions(g: Graph, { access, at, step, first }: LaneSource): Node {
  const offsets = g.lanes(first, first + 1, first + 2, first + 3);
  const steps = access === UNIT ? offsets : g.v(i32x4.mul, offsets, g.v(i32x4.splat, step));
  return g.v(i32x4.add, g.v(i32x4.splat, at), steps);
}
