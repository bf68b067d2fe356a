export { context } from "../../tensor/src/context.ts";

import { context } from "../../tensor/src/context.ts";

export { ArgumentError, FormatError, IndexError, ShapeError, UnavailableError } from "../../tensor/src/errors.ts";
export { fillRandint, fillRandperm, Generator, multinomial } from "../../tensor/src/random/index.ts";
export const defaultGenerator = () => context.generator;
export { relieveMemoryPressure } from "../../tensor/src/memory/report.ts";
export { fromBytes, tensor } from "../../tensor/src/ops/creation.ts";
export { Tensor } from "../../tensor/src/tensor.ts";
export declare function indexSelect(
  t: import("../../tensor/src/tensor.ts").Tensor,
  dim: number,
  index: import("../../tensor/src/tensor.ts").Tensor,
): import("../../tensor/src/tensor.ts").Tensor;
export declare function select(
  t: import("../../tensor/src/tensor.ts").Tensor,
  dim: number,
  index: number,
): import("../../tensor/src/tensor.ts").Tensor;
export declare function stack(
  t: readonly import("../../tensor/src/tensor.ts").Tensor[],
  dim: number,
): import("../../tensor/src/tensor.ts").Tensor;
