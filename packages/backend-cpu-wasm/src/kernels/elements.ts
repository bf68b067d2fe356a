import { bytesOf, halfCodec, typedArray, type View } from "@flambeau/tensor/plugin";
import { addressOf } from "../buffer.ts";
import type { Engine } from "../engine/engine.ts";

/** A number, or a bigint where the dtype is int64. Comparison works on either. */
export type Scalar = number | bigint;

/** One view's elements by their position from the view's first one, in the dtype's arithmetic. */
export interface Elements {
  get(position: number): Scalar;
  set(position: number, value: Scalar): void;
}

/** Access to `view`, for paths that need to be right for each dtype and layout rather than fast. Memory must not grow meanwhile. */
export function elementsOf(engine: Engine, view: View): Elements {
  const { dtype } = view;
  const bytes = bytesOf(dtype);
  const base = addressOf(view, bytes) / bytes;
  const { buffer } = engine.memory;
  // an array gives and takes the dtype's own scalars
  const memory = typedArray(dtype, buffer, 0, Math.floor(buffer.byteLength / bytes)) as { [position: number]: Scalar };
  const half = halfCodec(dtype);
  if (half)
    return {
      get: (i) => half.decode(memory[base + i] as number),
      set: (i, value) => {
        memory[base + i] = half.encode(value as number);
      },
    };
  return {
    get: (i) => memory[base + i],
    set: (i, value) => {
      memory[base + i] = value;
    },
  };
}
