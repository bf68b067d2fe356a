import type { BatchRule } from "../batch-level.ts";
import { shifted } from "./lanes.ts";

const withDims: BatchRule<{ readonly dims: readonly number[] }> = ({ lanes, attrs, next }) =>
  next([lanes[0].value], { ...attrs, dims: attrs.dims.map(shifted) });

export const reductionRules = { sum: withDims } as const;
