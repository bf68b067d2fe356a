export { type CaptureOptions, capture } from "./capture.ts";
export type { AffineDim, Dim } from "./dim.ts";
export { toDot } from "./draw/dot.ts";
export type { GraphDrawOptions } from "./draw/scene.ts";
export { toSvg } from "./draw/svg.ts";
export { decodeGraph, encodeGraph, type LoadGraphOptions, loadGraph, saveGraph } from "./files.ts";
export { Graph, type GraphOptions, type GraphRunOptions } from "./graph.ts";
export type {
  GraphCall,
  GraphDim,
  GraphMutation,
  GraphOutput,
  GraphParts,
  GraphState,
  GraphStateKind,
  GraphValue,
} from "./parts.ts";
export { type FoldOptions, foldConstants, pruneGraph } from "./simplify.ts";
