import type { Tensor } from "@flambeau/tensor/functional";

/** What a model remembers of the tokens that it has seen, so that it need not see them again: a {@link KVCache}, or one's own. */
export interface ModelCache {
  /** Tokens that it has seen. */
  readonly length: number;
  /** Tokens that there is room for. */
  readonly capacity: number;
  /** Takes sequence `rows[i]` as sequence i. */
  reorder(rows: readonly number[]): void;
  /** Forgets all. */
  reset(): void;
  /** Frees its memory. */
  dispose(): void;
}
export interface CausalForwardOptions {
  /** What was seen before the tokens, which are added to it. */
  readonly cache?: ModelCache | undefined;
  /** [B, S], bool, with S tokens seen so far and these: false for padding, which stands on the left. Default: none is. */
  readonly mask?: Tensor | undefined;
  /** Only the last token's logits are wanted, [B, 1, V]. A model may give all. */
  readonly last?: boolean | undefined;
}
/**
 * A language model as {@link generate} sees it: from tokens [B, T], int32, the logits [B, T, V] of what comes after each. One that has no
 * `newCache` is shown all tokens each time; one without `blockSize` takes as many as there are; one that has no use for `mask` must be given
 * prompts of one length.
 */
export interface CausalModel {
  forward(ids: Tensor, options?: CausalForwardOptions): Tensor;
  /** Tokens that it can look at. */
  readonly blockSize?: number | undefined;
  /** Room for `batch` sequences of `capacity` tokens. */
  newCache?(batch: number, capacity: number): ModelCache;
}
