import { grad } from "@flambeau/autograd";
import { type DType, dataSync, type Tensor } from "@flambeau/tensor";
import { decode } from "@flambeau/tensor/plugin";
import { bytesIn, sameBytes } from "./results.ts";
import { varied } from "./writes.ts";

/** A tensor's elements, as bytes until somebody has to look at them. */
interface Figures {
  readonly bytes: Uint8Array;
  readonly dtype: DType;
  readonly values: () => readonly number[];
}
function figures(t: Tensor): Figures {
  const raw = dataSync(t);
  return { bytes: bytesIn(raw), dtype: t.dtype, values: () => decode(raw, t.dtype).map(Number) };
}

/** What a program gave: values of its results, and gradients of what was asked for. */
export interface Outcome {
  readonly values: readonly Figures[];
  readonly gradients: readonly (Figures | null)[];
}

/**
 * Results, and the gradients of their weighted sums: one sum for each group of results. Gradients of different groups do not meet, so
 * that no sum depends on the order in which a graph is walked.
 */
export function outcomeOf(groups: readonly (readonly Tensor[])[], sought: readonly Tensor[]): Outcome {
  const gradients = groups.flatMap((group) => {
    const roots = group.filter((t) => t.requiresGrad);
    const gradOutputs = roots.map((t, i) => varied(t, i + 2));
    return grad(roots, sought, { gradOutputs, retainGraph: true, allowUnused: true }).map((g) => g && figures(g));
  });
  return { values: groups.flat().map(figures), gradients };
}

/** The first difference of two lists of elements; zeros of either sign are one: what is added to what differs between the programs. */
function valueDifference(ours: Figures, wanted: Figures): string | null {
  if (ours.dtype === wanted.dtype && sameBytes(ours.bytes, wanted.bytes)) return null;
  const [a, b] = [ours.values(), wanted.values()];
  const at = a.findIndex((v, i) => v !== b[i] && !(Number.isNaN(v) && Number.isNaN(b[i])));
  if (at === -1) return a.length === b.length ? null : `has ${a.length} elements in place, ${b.length} out of place`;
  return `at ${at}: ${a[at]} in place, ${b[at]} out of place`;
}
function gradientDifference(ours: Figures | null, wanted: Figures | null): string | null {
  if (ours !== null && wanted !== null) return valueDifference(ours, wanted);
  if (ours === null) return wanted === null ? null : "is null in place, and not out of place";
  // a view that was not changed itself goes through the changed base, and finds that it got nothing from it
  return ours.values().every((v) => v === 0) ? null : "is null out of place, and not in place";
}
/** The first difference between the program in place and the one out of place, or null. `from`: the first result whose values are compared. */
export function differenceOf(ours: Outcome, wanted: Outcome, from = 0): string | null {
  if (ours.values.length !== wanted.values.length) return "the programs give different numbers of results";
  const values = ours.values.map((v, i) => [`value ${i}`, valueDifference(v, wanted.values[i])] as const).slice(from);
  const gradients = ours.gradients.map(
    (g, i) => [`gradient ${i}`, gradientDifference(g, wanted.gradients[i])] as const,
  );
  const first = [...values, ...gradients].find(([, problem]) => problem !== null);
  return first ? first.join(" ") : null;
}
