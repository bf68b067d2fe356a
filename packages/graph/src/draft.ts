import type { Tensor } from "@flambeau/tensor/functional";
import type { AnyOp, ops } from "@flambeau/tensor/ops";
import type { GraphParts } from "./parts.ts";

/** What a tensor of numbers is made with. */
export type ConstantAttrs = Parameters<typeof ops.constant.forward>[1];

/** What a program is found to be at one size of its inputs. */
export interface Draft {
  readonly parts: GraphParts;
  /** The states that were there before. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** What the others are made with. */
  readonly constants: ReadonlyMap<string, ConstantAttrs>;
  readonly ops: ReadonlyMap<string, AnyOp>;
}
