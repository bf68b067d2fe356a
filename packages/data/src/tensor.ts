export {
  ArgumentError,
  context,
  FormatError,
  fromBytes,
  Generator,
  IndexError,
  relieveMemoryPressure,
  ShapeError,
  select,
  stack,
  Tensor,
  tensor,
  UnavailableError,
} from "@flambeau/tensor/functional";

import { context } from "@flambeau/tensor/functional";

export { indexSelect } from "../../tensor/src/ops/index-along.ts";
export { fillRandint, fillRandperm, multinomial } from "../../tensor/src/random/index.ts";
export const defaultGenerator = () => context.generator;
