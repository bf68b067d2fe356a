import { grad } from "@flambeau/autograd";
import { dataSync, decode, type Tensor } from "@flambeau/tensor";
import { varied } from "./writes.ts";

type Figures = readonly (number | bigint)[];
const figures = (t: Tensor): Figures =>
  decode(dataSync(t), t.dtype).map((v) => (typeof v === "boolean" ? Number(v) : v));

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

/** Zeros of either sign are one: what is added to what differs between the programs. */
const same = (a: Figures, b: Figures): boolean =>
  a.length === b.length && a.every((v, i) => v === b[i] || (Number.isNaN(v) && Number.isNaN(b[i])));

function valueDifference(ours: Figures, wanted: Figures): string | null {
  if (same(ours, wanted)) return null;
  const at = ours.findIndex((v, k) => !same([v], [wanted[k]]));
  return `at ${at}: ${ours[at]} in place, ${wanted[at]} out of place`;
}
function gradientDifference(ours: Figures | null, wanted: Figures | null): string | null {
  if (ours !== null && wanted !== null) return valueDifference(ours, wanted);
  if (ours === null) return wanted === null ? null : "is null in place, and not out of place";
  // a view that was not changed itself goes through the changed base, and finds that it got nothing from it
  return ours.every((v) => v === 0) ? null : "is null out of place, and not in place";
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
