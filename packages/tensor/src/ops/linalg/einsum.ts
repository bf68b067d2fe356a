import { ArgumentError, ShapeError, show, showShape } from "../../core/errors.ts";
import { checkTensors, type Tensor } from "../../core/tensor.ts";
import { wholeBy } from "../../door/stack.ts";
import { sizeOf } from "../../layout/shapes.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { mul } from "../pointwise/arithmetic.ts";
import { sum } from "../reduce/reduction.ts";
import { diagonal, permute, reshape, squeeze } from "../shape/view.ts";
import { matmul } from "./matmul.ts";

/** A tensor whose dimensions have names: letters, and "0", "1"... from the last for those of an ellipsis. */
interface Named {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

/** Terms of an equation: letters, with "..." as one. */
function termsOf(equation: string, term: string): string[] {
  const found = term.replace(/\s+/g, "").match(/\.\.\.|[a-zA-Z]|./g) ?? [];
  for (const t of found)
    if (!/^(\.\.\.|[a-zA-Z])$/.test(t))
      throw new ArgumentError("einsum", `"${t}" in "${equation}" is neither a letter nor "..."`);
  if (found.filter((t) => t === "...").length > 1)
    throw new ArgumentError("einsum", `a term of "${equation}" has more than one "..."`);
  return found;
}

function named(equation: string, terms: readonly string[], x: Tensor, k: number): Named {
  const covered = x.ndim - terms.filter((t) => t !== "...").length;
  if (covered < 0 || (covered > 0 && !terms.includes("...")))
    throw new ShapeError(
      "einsum",
      `operand ${k} of "${equation}" has ${x.ndim} dimensions ${showShape(x.shape)}, its term names ${terms.length}`,
      [x.shape],
    );
  const labels = terms.flatMap((t) =>
    t === "..." ? Array.from({ length: covered }, (_, i) => String(covered - 1 - i)) : [t],
  );
  return withoutRepeats({ x, labels });
}
/** Dimensions with one label become their diagonal. */
function withoutRepeats({ x, labels }: Named): Named {
  const second = labels.findIndex((l, i) => labels.indexOf(l) < i);
  if (second < 0) return { x, labels };
  const first = labels.indexOf(labels[second]);
  if (x.shape[first] !== x.shape[second])
    throw new ShapeError(
      "einsum",
      `"${labels[first]}" names sizes ${x.shape[first]} and ${x.shape[second]} of ${showShape(x.shape)}`,
      [x.shape],
    );
  const rest = labels.filter((_, i) => i !== first && i !== second);
  return withoutRepeats({ x: diagonal(x, 0, first, second), labels: [...rest, labels[first]] });
}

/** Sums over labels that nothing else needs. */
function reduced({ x, labels }: Named, needed: ReadonlySet<string>): Named {
  const gone = labels.flatMap((l, i) => (needed.has(l) ? [] : [i]));
  return gone.length === 0 ? { x, labels } : { x: sum(x, gone), labels: labels.filter((l) => needed.has(l)) };
}

/** One contraction: a batched matrix product over the labels that both have and no one needs any more. */
function contract(a: Named, b: Named, needed: ReadonlySet<string>): Named {
  const both = new Set([...needed, ...a.labels.filter((l) => b.labels.includes(l))]);
  const [p, q] = [reduced(a, both), reduced(b, both)];
  const shared = p.labels.filter((l) => q.labels.includes(l));
  const batch = shared.filter((l) => needed.has(l));
  const inner = shared.filter((l) => !needed.has(l));
  const left = p.labels.filter((l) => !shared.includes(l));
  const right = q.labels.filter((l) => !shared.includes(l));
  const sizeIn = (n: Named, ls: readonly string[]) => ls.map((l) => n.x.shape[n.labels.indexOf(l)]);
  const ordered = (n: Named, ls: readonly string[]) =>
    permute(
      n.x,
      ls.map((l) => n.labels.indexOf(l)),
    );
  const labels = [...batch, ...left, ...right];
  const shape = [...sizeIn(p, batch), ...sizeIn(p, left), ...sizeIn(q, right)];
  const [B, M, K, N] = [sizeIn(p, batch), sizeIn(p, left), sizeIn(p, inner), sizeIn(q, right)].map(sizeOf);
  if (inner.length === 0) {
    const x = reshape(ordered(p, [...batch, ...left]), [
      ...sizeIn(p, batch),
      ...sizeIn(p, left),
      ...right.map(() => 1),
    ]);
    const y = reshape(ordered(q, [...batch, ...right]), [
      ...sizeIn(q, batch),
      ...left.map(() => 1),
      ...sizeIn(q, right),
    ]);
    return { x: mul(x, y), labels };
  }
  const x = reshape(ordered(p, [...batch, ...left, ...inner]), batch.length > 0 ? [B, M, K] : [M, K]);
  const y = reshape(ordered(q, [...batch, ...inner, ...right]), batch.length > 0 ? [B, K, N] : [K, N]);
  return { x: reshape(matmul(x, y), shape), labels };
}

/**
 * Sums of products by Einstein's convention: `"ij,jk->ik"` is `y[i, k] = sum(a[i, j] * b[j, k] over j)`. Each operand's dimensions are
 * named by letters ("..." for any number that broadcast); letters that are absent behind "->" are summed over. Without "->" the result has
 * the letters that occur once, in alphabetical order, behind the dimensions of "...".
 * Shapes: each operand has one dimension for each letter; equal letters have equal sizes or 1; the result is as its letters say.
 *
 * @throws ArgumentError when the equation cannot be read, names another number of operands, or a result that is in none or twice.
 * @throws ShapeError when sizes of a letter do not agree, or an operand has not the dimensions of its term.
 * @throws DTypeError when operands that are summed over together differ in dtype; DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.einsum.html
 * @example
 * import { einsum, tensor } from "flambeau";
 * const a = tensor([[1, 2], [3, 4]]);
 * einsum("ij,jk->ik", a, a).tolist(); // [[7, 10], [15, 22]]
 * einsum("ii", a).item(); // 5
 * einsum("...i,i->...", a, tensor([1, 10])).tolist(); // [21, 43]
 */
export function einsum(equation: string, ...operands: readonly Tensor[] | readonly [readonly Tensor[]]): Tensor {
  const tensors = (Array.isArray(operands[0]) ? operands[0] : operands) as readonly Tensor[]; // either form, by the signature
  if (typeof equation !== "string")
    throw new ArgumentError("einsum", `equation must be a text like "ij,jk->ik", got ${show(equation)}`);
  checkTensors("einsum", "operands", tensors);
  if (unscoped()) return scoped(einsum, equation, tensors);
  const whole = tensors.length > 0 ? wholeBy("einsum", tensors[0]) : null;
  if (whole !== null) return whole(einsum, [equation, tensors]);
  const [inputs, output, ...more] = equation.split("->");
  if (more.length > 0) throw new ArgumentError("einsum", `"${equation}" has more than one "->"`);
  const terms = inputs.split(",").map((t) => termsOf(equation, t));
  if (terms.length !== tensors.length)
    throw new ArgumentError("einsum", `"${equation}" names ${terms.length} operands, got ${tensors.length}`);
  const all = tensors.map((x, k) => named(equation, terms[k], x, k));
  const sizes = new Map<string, number>();
  for (const { x, labels } of all)
    labels.forEach((l, i) => {
      const known = sizes.get(l) ?? 1;
      if (known !== 1 && x.shape[i] !== 1 && x.shape[i] !== known)
        throw new ShapeError(
          "einsum",
          `"${l}" in "${equation}" names sizes ${known} and ${x.shape[i]}`,
          tensors.map((t) => t.shape),
        );
      sizes.set(l, known === 1 ? x.shape[i] : known);
    });
  const ellipsis = Math.max(0, ...all.map(({ labels }) => labels.filter((l) => /\d/.test(l)).length));
  const broad = Array.from({ length: ellipsis }, (_, i) => String(ellipsis - 1 - i));
  const wanted =
    output === undefined
      ? implicit(terms, broad)
      : termsOf(equation, output).flatMap((t) => (t === "..." ? broad : [t]));
  for (const l of wanted) {
    if (!sizes.has(l)) throw new ArgumentError("einsum", `"${l}" of the result is in no operand of "${equation}"`);
    if (wanted.indexOf(l) !== wanted.lastIndexOf(l))
      throw new ArgumentError("einsum", `"${l}" is in the result of "${equation}" twice`);
  }
  // a size of 1 that broadcasts against a larger one multiplies like a number
  const queue = all.map(({ x, labels }) => {
    const dims = labels.flatMap((l, i) => (x.shape[i] === 1 && sizes.get(l) !== 1 ? [i] : []));
    return dims.length === 0
      ? { x, labels }
      : { x: squeeze(x, dims), labels: labels.filter((_, i) => !dims.includes(i)) };
  });
  let result = queue[0];
  for (let k = 1; k < queue.length; k++) {
    const needed = new Set([...wanted, ...queue.slice(k + 1).flatMap((n) => n.labels)]);
    result = contract(result, queue[k], needed);
  }
  result = reduced(result, new Set(wanted));
  return permute(
    result.x,
    wanted.map((l) => result.labels.indexOf(l)),
  );
}
function implicit(terms: readonly (readonly string[])[], broad: readonly string[]): string[] {
  const letters = terms.flat().filter((t) => t !== "...");
  const once = letters.filter((l) => letters.indexOf(l) === letters.lastIndexOf(l));
  return [...broad, ...once.sort()];
}
