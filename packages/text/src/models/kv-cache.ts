import {
  ArgumentError,
  AutogradError,
  copy_,
  type DType,
  indexSelect,
  isGradEnabled,
  keep,
  narrow,
  noGrad,
  ShapeError,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, checkTensor, type Kinds, option, show, showShape } from "@flambeau/tensor/plugin";

export interface KVCacheOptions {
  /** Attention layers, each of which has keys and values of its own. */
  readonly layers: number;
  /** Sequences. */
  readonly batch: number;
  /** Heads of keys and values. */
  readonly heads: number;
  /** Features of a head. */
  readonly headWidth: number;
  /** Positions that there is room for. */
  readonly capacity: number;
  /** Default: the default dtype. */
  readonly dtype?: DType | undefined;
  /** Default: the default device. */
  readonly device?: string | undefined;
}
const cacheKinds: Kinds<KVCacheOptions> = {
  layers: option.number,
  batch: option.number,
  heads: option.number,
  headWidth: option.number,
  capacity: option.number,
  dtype: option.dtype,
  device: option.string,
};

/**
 * The keys and values that attention has computed for the positions so far, so that the next one computes its own alone:
 * `attention(q[t], keys[..t], values[..t])`. Memory is taken once, for `capacity` positions; what comes is written in place.
 *
 * A forward calls `append` in each layer, which writes behind the positions that are there, and `advance` once at its end. One that fails in
 * between leaves the cache as it was.
 *
 * Shapes: of each layer keys and values [batch, heads, capacity, headWidth].
 *
 * @throws ArgumentError when sizes are no positive integers, and when there is no room for what is appended.
 * @throws ShapeError when what is appended has other sizes.
 * @throws AutogradError when gradients of it are wanted: what is overwritten has none.
 * @see Shazeer, "Fast Transformer Decoding: One Write-Head is All You Need", 2019, https://arxiv.org/abs/1911.02150
 * @example
 * import { noGrad, ones } from "flambeau";
 * const cache = new KVCache({ layers: 1, batch: 1, heads: 1, headWidth: 2, capacity: 4 });
 * cache.append(0, ones([1, 1, 3, 2]), ones([1, 1, 3, 2])).keys.shape; // [1, 1, 3, 2]
 * cache.advance(3);
 * cache.append(0, ones([1, 1, 1, 2]), ones([1, 1, 1, 2])).keys.shape; // [1, 1, 4, 2]
 * cache.length; // 3
 */
export class KVCache {
  #keys: Tensor[];
  #values: Tensor[];
  #length = 0;
  readonly capacity: number;

  constructor(options: KVCacheOptions) {
    const op = "KVCache";
    checkOptions(op, cacheKinds, options);
    const { layers, batch, heads, headWidth, capacity, dtype, device } = options;
    for (const [name, size] of Object.entries({ layers, batch, heads, headWidth, capacity }))
      checkInteger(op, name, size, 1);
    const room = () => keep(zeros([batch, heads, capacity, headWidth], { dtype, device }));
    this.capacity = capacity;
    this.#keys = Array.from({ length: layers }, room);
    this.#values = Array.from({ length: layers }, room);
  }
  /** Positions that are there. */
  get length(): number {
    return this.#length;
  }
  /** Sequences. */
  get batch(): number {
    return this.#keys[0].shape[0];
  }
  /** Attention layers. */
  get layers(): number {
    return this.#keys.length;
  }

  /**
   * Writes a layer's keys and values [batch, heads, T, headWidth] behind the positions that are there, and gives all that there are then, as
   * views.
   */
  append(layer: number, keys: Tensor, values: Tensor): { keys: Tensor; values: Tensor } {
    const op = "KVCache.append";
    checkInteger(op, "layer", layer, 0);
    if (layer >= this.layers) throw new ArgumentError(op, `there are ${this.layers} layers, got ${layer}`);
    checkTensor(op, "keys", keys);
    checkTensor(op, "values", values);
    if (isGradEnabled() && (keys.requiresGrad || values.requiresGrad))
      throw new AutogradError(
        `${op}: keys and values are overwritten, and have no gradients`,
        "write noGrad(() => ...)",
      );
    const count = keys.shape[2] ?? 0;
    const [batch, heads, , width] = this.#keys[layer].shape;
    const wanted = [batch, heads, count, width];
    for (const given of [keys, values])
      if (given.ndim !== 4 || given.shape.some((size, i) => size !== wanted[i]))
        throw new ShapeError(op, `expected ${showShape(wanted)}, got ${showShape(given.shape)}`, [given.shape]);
    this.#checkRoom(op, count);
    const put = (all: Tensor, given: Tensor): Tensor => {
      noGrad(() => tidy(() => void copy_(narrow(all, 2, this.#length, count), given)));
      return narrow(all, 2, 0, this.#length + count);
    };
    return { keys: put(this.#keys[layer], keys), values: put(this.#values[layer], values) };
  }
  /** Says that all layers have appended `count` positions. */
  advance(count: number): void {
    checkInteger("KVCache.advance", "count", count, 0);
    this.#checkRoom("KVCache.advance", count);
    this.#length += count;
  }
  #checkRoom(op: string, count: number): void {
    if (this.#length + count > this.capacity)
      throw new ArgumentError(
        op,
        `no room for ${count} positions more: ${this.#length} of ${this.capacity} are taken`,
        "crop or reset the cache",
      );
  }

  /**
   * Takes sequence `rows[i]` as sequence i, as a beam search does: rows may come several times or not at all. As many rows as before are
   * written over the old ones; another number takes memory of its own.
   *
   * @throws ArgumentError when `rows` is no list of the numbers of sequences.
   */
  reorder(rows: readonly number[]): void {
    const op = "KVCache.reorder";
    const { batch } = this;
    if (!Array.isArray(rows) || rows.length === 0 || rows.some((i) => !Number.isInteger(i) || i < 0 || i >= batch))
      throw new ArgumentError(op, `rows must be numbers of the ${batch} sequences, got ${show(rows)}`);
    if (rows.length === batch && rows.every((row, i) => row === i)) return;
    noGrad(() =>
      tidy(() => {
        const index = tensor(rows, { dtype: "int32", device: this.#keys[0].device });
        const move = (all: Tensor): Tensor => {
          if (rows.length !== batch) {
            const moved = keep(indexSelect(all, 0, index));
            all.dispose();
            return moved;
          }
          if (this.#length > 0) {
            const used = narrow(all, 2, 0, this.#length);
            copy_(used, indexSelect(used, 0, index));
          }
          return all;
        };
        this.#keys = this.#keys.map(move);
        this.#values = this.#values.map(move);
      }),
    );
  }
  /** Forgets all positions from `length` on. @throws ArgumentError when there are fewer. */
  crop(length: number): void {
    checkInteger("KVCache.crop", "length", length, 0);
    if (length > this.#length)
      throw new ArgumentError("KVCache.crop", `there are ${this.#length} positions, got ${length}`);
    this.#length = length;
  }
  /** Forgets all positions; the memory stays. */
  reset(): void {
    this.#length = 0;
  }
  /** Frees the memory. */
  dispose(): void {
    for (const t of [...this.#keys, ...this.#values]) t.dispose();
  }
}
