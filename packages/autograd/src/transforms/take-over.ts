import { isTensor, type Tensor } from "@flambeau/tensor/functional";
import { FunctionContext } from "../function.ts";
import { mapTree } from "./tree.ts";

// Custom functions at the levels of transforms. Each level makes the call with a context of its own, whose tensors are its handles, and
// records it with the same backward.

/** What forward left in `from`, with `map` of its tensors, as if forward had been given `to`. */
export function takeOver(from: FunctionContext, to: FunctionContext, map: (t: Tensor) => Tensor): void {
  to.saveForBackward(...FunctionContext.saved(from).map(map));
  Object.assign(
    to,
    mapTree(FunctionContext.fields(from), (leaf) => (isTensor(leaf) ? map(leaf) : leaf)),
  );
}
