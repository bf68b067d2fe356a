import { ArgumentError, AutogradError, ShapeError, type Tensor, zerosLike } from "@flambeau/tensor/functional";
import { checkFunction, checkSameDevice, hasStorage, sameShape, show, showShape } from "@flambeau/tensor/plugin";
import { gradients } from "../gradients.ts";
import { GradLevel } from "./grad-level.ts";
import { mapTree, rebuild, tensorsIn } from "./tree.ts";

// What the transforms by reverse mode share: a function run on a level of its own, and that level's graph walked.

/** A function that was run for its gradients. */
export interface Pulled {
  /** What the function gave, values of the level around. */
  readonly output: unknown;
  /** The tensors of the output that were differentiated, in order. */
  readonly outputs: readonly Tensor[];
  /** What came with the output. */
  readonly aux: unknown;
  /** The gradients of the primals from those of the outputs; zeros where nothing depends. */
  pull(cotangents: readonly (Tensor | null)[], keepGraph: boolean): Tensor[];
}

/** The auxiliary part of a result `[output, aux]`. @throws ArgumentError when there is none. */
export function splitAux(op: string, result: unknown, hasAux: boolean): readonly [output: unknown, aux: unknown] {
  if (!hasAux) return [result, undefined];
  if (!Array.isArray(result) || result.length !== 2)
    throw new ArgumentError(op, `with hasAux the function must return [output, aux], got ${show(result)}`);
  return [result[0], result[1]];
}

/** Runs `f` on leaves in the place of `primals`, a list of tensors or structures of tensors. */
export function runForGradients(
  op: string,
  f: (...primals: never[]) => unknown,
  primals: readonly unknown[],
  differentiated: readonly number[],
  hasAux: boolean,
): Pulled {
  checkFunction(op, "f", f);
  const level = new GradLevel(op);
  const leaves: Tensor[] = [];
  const inputs: Tensor[] = [];
  const lifted = () =>
    primals.map((primal, i) => {
      if (!differentiated.includes(i)) return primal;
      const own = tensorsIn(op, `argument ${i + 1}`, primal);
      const mine = own.map((t) => level.leaf(t));
      inputs.push(...own);
      leaves.push(...mine);
      return rebuild(primal, mine);
    });
  const list = lifted();
  if (leaves.length === 0) throw new ArgumentError(op, "there is no tensor to differentiate by among the arguments");
  const [inside, aux] = level.run(() => splitAux(op, f(...(list as never[])), hasAux));
  const results = tensorsIn(op, "what the function returns", inside);
  const values = results.map((t) => level.out(t));
  return {
    output: rebuild(inside, values),
    outputs: values,
    aux: mapTree(aux, (leaf) => (hasStorage(leaf) ? level.out(leaf) : leaf)),
    pull: (cotangents, keepGraph) => pull(level, op, results, leaves, inputs, cotangents, keepGraph),
  };
}

function pull(
  level: GradLevel,
  op: string,
  results: readonly Tensor[],
  leaves: readonly Tensor[],
  inputs: readonly Tensor[],
  cotangents: readonly (Tensor | null)[],
  keepGraph: boolean,
): Tensor[] {
  const roots: Tensor[] = [];
  const seeds: Tensor[] = [];
  results.forEach((t, i) => {
    const seed = cotangents[i];
    if (seed === null || seed === undefined) return;
    if (!sameShape(seed.shape, t.shape))
      throw new ShapeError(
        op,
        `the cotangent ${results.length > 1 ? `${i + 1} ` : ""}has shape ${showShape(seed.shape)}, the output ${showShape(t.shape)}`,
        [seed.shape, t.shape],
      );
    checkSameDevice(op, t, seed);
    if (!t.requiresGrad) return;
    roots.push(t);
    seeds.push(level.observe(seed));
  });
  const wanted = leaves.filter((t) => t.requiresGrad);
  const found =
    roots.length === 0 || wanted.length === 0
      ? wanted.map(() => null)
      : level.walk((createGraph) =>
          gradients(roots, wanted, { gradOutputs: seeds, retainGraph: keepGraph, createGraph, allowUnused: true }),
        );
  return leaves.map((leaf, i) => {
    const at = wanted.indexOf(leaf);
    const g = at < 0 ? null : (found[at] ?? null);
    return g === null ? zerosLike(inputs[i]) : level.out(g);
  });
}

/** The one result of a function whose gradient is taken. @throws AutogradError when it is no scalar. */
export function scalarOf(op: string, outputs: readonly Tensor[]): Tensor {
  if (outputs.length !== 1)
    throw new AutogradError(
      `${op}: the function must return one tensor, got ${outputs.length}`,
      "pass { hasAux: true } for more",
    );
  const [value] = outputs;
  if (value.ndim !== 0)
    throw new AutogradError(
      `${op}: the function must return a scalar, got shape ${showShape(value.shape)}`,
      "reduce it first (sum() or mean()), or use jacrev",
    );
  return value;
}
