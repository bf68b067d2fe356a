import { copy_, dataSync, fill_, logicalNot, noGrad, type Tensor } from "@flambeau/tensor";
import { decode } from "@flambeau/tensor/plugin";
import { either, views, writers } from "./aliases.ts";
import { bytesOfTensor, sameBytes } from "./results.ts";

/** Gives every element of `t` another value. */
function change(t: Tensor): void {
  if (t.dtype === "bool") {
    const other = logicalNot(t);
    copy_(t, other);
    return;
  }
  const taken = new Set(decode(dataSync(t), t.dtype).map(Number));
  let value = 3;
  while (taken.has(value)) value++;
  fill_(t, value);
}

/** Names of those of `tensors` that a change of `t` changes. */
function changedBy(t: Tensor, tensors: readonly (readonly [name: string, t: Tensor])[]): string[] {
  const before = tensors.map(([, other]) => bytesOfTensor(other));
  change(t);
  return tensors.flatMap(([name, other], i) => (sameBytes(before[i], bytesOfTensor(other)) ? [] : [name]));
}

/** Whether a result shows an input's memory. */
export const shows = (memories: readonly Tensor[], t: Tensor): boolean => memories.some((m) => m.storage === t.storage);

/**
 * A copy is a copy: changing a result of an op that gives no views changes no input and no other result, and changing an input
 * changes no result. An op that does give views gives them. Says what is not so, or null. The tensors are changed.
 */
export function copyProblem(name: string, memories: readonly Tensor[], results: readonly Tensor[]): string | null {
  const filled = results.filter((t) => t.size > 0);
  const shown = (t: Tensor): boolean => shows(memories, t);
  if (writers.has(name)) return filled.every(shown) ? null : "writes in place, and its result is no input";
  if (views.has(name)) return filled.every(shown) ? null : "a view in PyTorch, and a copy here";
  const mayShow = either.has(name);
  if (!mayShow && filled.some(shown)) return "a copy in PyTorch, and here it shows an input's memory";
  const copies = filled.filter((t) => !shown(t)).map((t, i) => [`result ${i}`, t] as const);
  const inputs = memories.map((t, i) => [`input ${i}`, t] as const);
  return noGrad(() => {
    for (const [own, t] of copies) {
      const changed = changedBy(
        t,
        [...inputs, ...copies].filter(([, other]) => other !== t),
      );
      if (changed.length > 0) return `changing ${own} changes ${changed.join(", ")}`;
    }
    for (const [own, t] of inputs) {
      if (t.size === 0) continue;
      const changed = changedBy(t, copies);
      if (changed.length > 0) return `changing ${own} changes ${changed.join(", ")}`;
    }
    return null;
  });
}
