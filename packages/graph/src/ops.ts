import { lossOps } from "@flambeau/losses/ops";
import { nnOps } from "@flambeau/nn/ops";
import { optimOps } from "@flambeau/optim/ops";
import type { Tensor } from "@flambeau/tensor/functional";
import { type AnyOp, opNamed, ops } from "@flambeau/tensor/ops";

// The op records that graphs name. Tables have no prototype: names come from files.

/** Op records by name. */
export type OpTable = { readonly [name: string]: AnyOp };

const table = (...lists: readonly OpTable[]): OpTable => Object.assign(Object.create(null), ...lists);
const known: OpTable = /* @__PURE__ */ table(ops, lossOps, nnOps, optimOps);

/** The record of a name: of the library's ops, or of those that are given beside them. */
export const findOp = (name: string, more?: OpTable): AnyOp | undefined =>
  opNamed(name, known) ?? (more === undefined ? undefined : opNamed(name, table(more)));

/** The inputs that a call writes. */
export const writtenBy = (op: AnyOp, inputs: readonly Tensor[], attrs: object): readonly number[] =>
  op.writesOf?.(inputs, attrs) ?? op.writes ?? [];
