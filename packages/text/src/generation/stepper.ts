import { isModule, type Module } from "@flambeau/nn";
import {
  ArgumentError,
  DTypeError,
  data,
  isFloat,
  narrow,
  noGrad,
  ShapeError,
  select,
  type Tensor,
  tensor,
  tidy,
} from "@flambeau/tensor/functional";
import { showShape, widened } from "@flambeau/tensor/plugin";
import type { CausalModel, ModelCache } from "../models/causal.ts";
import { checkLogits } from "./sampling.ts";

/**
 * Asks a model for the logits of what comes after each of several sequences: with a cache it is shown their last tokens, else, or where its block is
 * full, all that it can look at. Sequences of other lengths are padded on the left.
 */
export class Stepper {
  readonly #op: string;
  readonly #model: CausalModel;
  readonly #device: string | undefined;
  readonly #capacity: number;
  readonly #useCache: boolean;
  #cache: ModelCache | null = null;

  /** @param most tokens that a sequence will have at the end. */
  constructor(
    op: string,
    model: CausalModel,
    options: { readonly device: string | undefined; readonly useCache: boolean; readonly most: number },
  ) {
    this.#op = op;
    this.#model = model;
    this.#device = options.device ?? deviceOf(model);
    this.#useCache = options.useCache && typeof model.newCache === "function";
    this.#capacity = Math.min(model.blockSize ?? Number.POSITIVE_INFINITY, options.most);
  }

  /** Logits after each sequence: one list of V for each. */
  async next(sequences: readonly (readonly number[])[]): Promise<Float64Array[]> {
    const logits = tidy(() => noGrad(() => evaluating(this.#model, () => this.#forward(sequences))));
    try {
      const values = Float64Array.from((await data(logits)) as Float32Array); // of floats: checked
      const size = logits.shape[1];
      return sequences.map((_, i) => {
        const row = values.subarray(i * size, (i + 1) * size);
        checkLogits(this.#op, row);
        return row;
      });
    } finally {
      logits.dispose();
    }
  }
  #forward(sequences: readonly (readonly number[])[]): Tensor {
    const longest = Math.max(...sequences.map((tokens) => tokens.length));
    if (this.#useCache) this.#cache ??= this.#model.newCache?.(sequences.length, this.#capacity) ?? null;
    const cache = this.#cache ?? undefined;
    const goesOn = cache !== undefined && cache.length > 0 && cache.length < this.#capacity;
    if (!goesOn) cache?.reset();
    const time = goesOn ? 1 : Math.min(longest, this.#capacity);
    const length = (cache?.length ?? 0) + time;
    const made = { device: this.#device };
    const ids = sequences.map((tokens) => {
      const shown = tokens.slice(-time);
      return [...new Array<number>(time - shown.length).fill(0), ...shown];
    });
    const padded = sequences.map((tokens) => Math.max(0, length - tokens.length));
    const mask = padded.some((count) => count > 0)
      ? tensor(
          padded.map((count) => Array.from({ length }, (_, i) => i >= count)),
          made,
        )
      : undefined;
    const y = this.#model.forward(tensor(ids, { dtype: "int32", ...made }), { cache, mask, last: true });
    if (y?.ndim !== 3 || y.shape[0] !== sequences.length)
      throw new ShapeError(this.#op, `the model gives logits [B, T, V], got ${showShape(y?.shape)}`, [y?.shape]);
    if (!isFloat(y.dtype)) throw new DTypeError(this.#op, `the model gives logits, which are floats, got ${y.dtype}`);
    return widened(select(narrow(y, 1, y.shape[1] - 1, 1), 1, 0)); // what is read of halves are their bits
  }

  /** Takes sequence `rows[i]` as sequence i. */
  reorder(rows: readonly number[]): void {
    this.#cache?.reorder(rows);
  }
  dispose(): void {
    this.#cache?.dispose();
  }
}

function deviceOf(model: CausalModel): string | undefined {
  if (!isModule(model)) return undefined;
  for (const { device } of (model as Module).parameters()) return device;
  return undefined;
}
/** Runs `f` with a module that is in training as if it were not. */
function evaluating<T>(model: CausalModel, f: () => T): T {
  if (!isModule(model)) return f();
  const training = [...(model as Module).modules()].filter((each) => each.training);
  for (const each of training) each.training = false;
  try {
    return f();
  } finally {
    for (const each of training) each.training = true;
  }
}
/** @throws ArgumentError when it is no model. */
export function checkModel(op: string, model: CausalModel): void {
  if (typeof model?.forward !== "function")
    throw new ArgumentError(op, "the model must have forward(ids, options), which gives logits [B, T, V]");
}
