import { keep, type Tensor } from "@flambeau/tensor/functional";
import { checkFunction, context, release, synchronous } from "@flambeau/tensor/plugin";
import type { ParametrizationList } from "./list.ts";

interface Entry {
  readonly value: Tensor;
  /** Of what it was computed: in a functionalCall others stand in their place. */
  readonly originals: readonly Tensor[];
  readonly recorded: boolean;
}
let open = 0;
let entries = new Map<ParametrizationList, Entry>();

/**
 * Runs `fn` with each parametrized tensor computed once, at its first use: `w = f(original)`, whatever is written to the original in between.
 * For what uses one weight many times, as recurrent nets do. What `fn` gives comes back.
 *
 * Shapes: those of what `fn` gives.
 *
 * @throws ArgumentError when `fn` is no function; FlambeauError when it is asynchronous.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.cached.html
 * @example
 * import { nn } from "flambeau";
 * const { parametrizations, parametrize } = nn.utils;
 * const cell = parametrizations.weightNorm(nn.utils.skipInit(nn.Linear, [3, 3]));
 * parametrize.cached(() => cell.weight === cell.weight); // true
 * cell.weight === cell.weight; // false
 */
export function cached<T>(fn: () => T): T {
  checkFunction("cached", "fn", fn);
  open++;
  try {
    return synchronous("cached", fn());
  } finally {
    if (--open === 0) {
      const done = entries;
      entries = new Map();
      for (const { value } of done.values()) release(value); // to the scope around, or the collector: fn may have given it
    }
  }
}

/** What a list computes, or has computed before inside {@link cached}. */
export function computed(list: ParametrizationList, run: () => Tensor): Tensor {
  // below interpreters (a vmap, a capture) each level has tensors of its own
  if (open === 0 || context.stack !== null) return run();
  const originals = list.originals();
  const known = entries.get(list);
  const recorded = context.gradEnabled;
  if (known?.recorded === recorded && !known.value.disposed && known.originals.every((t, i) => t === originals[i]))
    return known.value;
  const value = keep(run());
  entries.set(list, { value, originals, recorded });
  return value;
}
