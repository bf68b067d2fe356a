import {
  arange,
  cat,
  clone,
  detach,
  lt,
  matmul,
  narrow,
  reshape,
  sum,
  type Tensor,
  transpose,
  unbind,
  unsqueeze,
  where,
  zeros,
} from "@flambeau/tensor/functional";
import {
  applyMany,
  contiguousStrides,
  emptyOn,
  type FusedOps,
  type Op,
  runFused,
  sameShape,
  scoped,
} from "@flambeau/tensor/plugin";
import type { CellWeights } from "./steps.ts";

// What the ops of the recurrent layers share: one direction of one layer over all steps, and its gradient.

type LayerName = "gruLayer" | "lstmLayer" | "rnnLayer";
type AttrsOf<K extends LayerName> = FusedOps[K]["attrs"];
type GradientAttrs<K extends LayerName> = FusedOps[`${K}Backward`]["attrs"];

/** The inputs of a call by what they are. */
export interface Parts {
  /** [L, N, I]. */
  readonly x: Tensor;
  readonly states: readonly Tensor[];
  readonly weights: CellWeights;
  readonly projection: Tensor | null;
  /** Of each step which sequences have one, [N, 1]; null where all of them do. */
  readonly active: readonly Tensor[] | null;
  /** The same [L, N, 1]. */
  readonly mask: Tensor | null;
  readonly steps: number;
  readonly reverse: boolean;
  /** Runs what a step is; where nobody else sees it, what the step made besides its results is freed. */
  readonly step: <T>(run: () => T) => T;
  /** Whether the ops are seen by nobody else, so that they may write to what they made. */
  readonly alone: boolean;
}
/** What a run gives: the outputs [L, N, P], the last states, and what the gradient reads beside the outputs. */
export interface Run {
  readonly output: Tensor;
  readonly last: readonly Tensor[];
  readonly kept: readonly Tensor[];
}
/** What a walk back through the steps finds. */
export interface Walk {
  /** The gradients of the shares of the input and of the state [L, N, gates * H]; one tensor where they are the same. */
  readonly shares: readonly [input: Tensor, state: Tensor];
  /** Of the first states. */
  readonly states: readonly Tensor[];
  /** Of the projection. */
  readonly projection: Tensor | null;
}

/** What tells one recurrent layer from another. */
export interface Layer<K extends LayerName> {
  readonly name: K;
  /** How many states there are, of which the first is the output. */
  readonly states: number;
  readonly gates: number;
  readonly projects: (attrs: AttrsOf<K>) => boolean;
  /** The last sizes of what the gradient reads, in units of the hidden size. */
  readonly kept: readonly number[];
  run(parts: Parts, attrs: AttrsOf<K>): Run;
  /** From the gradients of the outputs, which are zeros where a sequence has no step, and of the last states. `before` is the output before each step. */
  walk(grads: readonly Tensor[], parts: Parts, ran: Run, before: Tensor, attrs: AttrsOf<K>): Walk;
}

/** The inputs of a call: x, first states, weights, shifts, projection, lengths. */
function partsOf<K extends LayerName>(
  layer: Layer<K>,
  inputs: readonly Tensor[],
  a: AttrsOf<K>,
  alone: boolean,
): Parts {
  const [x, ...rest] = inputs;
  const states = rest.splice(0, layer.states);
  const [weightIh, weightHh] = rest.splice(0, 2);
  const [biasIh = null, biasHh = null] = a.bias ? rest.splice(0, 2) : [];
  const [projection = null] = layer.projects(a) ? rest.splice(0, 1) : [];
  const [steps] = x.shape;
  let mask: Tensor | null = null;
  if (a.lengths) {
    const [lengths] = rest;
    const { dtype, device } = lengths;
    mask = unsqueeze(lt(unsqueeze(arange(0, steps, { dtype, device }), 1), lengths), 2);
  }
  return {
    x,
    states,
    weights: { weightIh, weightHh, biasIh, biasHh },
    projection,
    active: mask && unbind(mask),
    mask,
    steps,
    reverse: a.reverse,
    step: alone ? scoped : (run) => run(),
    alone,
  };
}

/** The numbers of the steps in the order in which they are taken. */
function* inOrder(steps: number, reverse: boolean): Generator<number> {
  for (let k = 0; k < steps; k++) yield reverse ? steps - 1 - k : k;
}
/**
 * Takes all steps: what each gives, by its place in x, and the last states. A step gives the states after it, and what else is to be kept. Where a
 * sequence has no step its states stay.
 */
export function takeSteps(
  parts: Parts,
  take: (t: number, states: readonly Tensor[]) => readonly Tensor[],
): { after: Tensor[][]; last: readonly Tensor[] } {
  const { active } = parts;
  const count = parts.states.length;
  let states = parts.states;
  const after: Tensor[][] = [];
  for (const t of inOrder(parts.steps, parts.reverse)) {
    const before = states;
    const found = parts.step(() => {
      const next = take(t, before);
      if (active === null) return next;
      return next.map((s, i) => (i < count ? where(active[t], s, before[i]) : s));
    });
    found.forEach((made, i) => {
      after[i] ??= [];
      after[i][t] = made;
    });
    states = found.slice(0, count);
  }
  return { after, last: states };
}
/** Takes all steps back, last ones first. */
export function takeStepsBack<T>(parts: Parts, last: T, take: (t: number, after: T) => T): T {
  let found = last;
  for (const t of inOrder(parts.steps, !parts.reverse)) {
    const after = found;
    found = parts.step(() => take(t, after));
  }
  return found;
}

/** `x` [L, N, ...] where a sequence has a step, zeros elsewhere. */
export const within = ({ mask }: Parts, x: Tensor): Tensor => (mask === null ? x : where(mask, x, 0));
/** The values before each step, from those after each and the first. */
export function shifted({ steps, reverse }: Parts, after: Tensor, first: Tensor): Tensor {
  const others = narrow(after, 0, reverse ? 1 : 0, steps - 1);
  const one = unsqueeze(first, 0);
  return cat(reverse ? [others, one] : [one, others], 0);
}
/** The output before each step. One that is read from the end begins at its own, before which there are zeros in the outputs. */
function before(parts: Parts, output: Tensor): Tensor {
  const [first] = parts.states;
  return shifted(parts, parts.mask !== null && parts.reverse ? where(parts.mask, output, first) : output, first);
}

/** All steps of all sequences as rows. */
export const rows = (x: Tensor): Tensor => reshape(x, [x.shape[0] * x.shape[1], x.shape[2]]);
/** The gradient of a matrix that each step multiplied `x` with. */
export const ofMatrix = (g: Tensor, x: Tensor): Tensor => matmul(transpose(rows(g), 0, 1), rows(x));

/** The gradients that are needed, in the order of the inputs. */
function gradients<K extends LayerName>(
  layer: Layer<K>,
  grads: readonly Tensor[],
  parts: Parts,
  ran: Run,
  attrs: GradientAttrs<K>,
): Tensor[] {
  const outputs = before(parts, ran.output);
  const [g, ...last] = grads;
  const walk = layer.walk([within(parts, g), ...last], parts, ran, outputs, attrs);
  const [input, state] = walk.shares;
  const { x, weights } = parts;
  const ofInput = (): Tensor => reshape(matmul(rows(input), weights.weightIh), x.shape);
  const shift = (of: Tensor): Tensor => sum(rows(of), 0);
  const all: (() => Tensor)[] = [
    ofInput,
    ...walk.states.map((s) => () => s),
    () => ofMatrix(input, within(parts, x)),
    () => ofMatrix(state, outputs),
  ];
  if (attrs.bias)
    all.push(
      () => shift(input),
      () => shift(state),
    );
  const { projection } = walk;
  if (projection !== null) all.push(() => projection);
  return all.filter((_, i) => attrs.needs[i]).map((find) => find());
}

/** A result with the strides that a kernel gives it: of one sequence those of the first dimension may be any. */
const asMade = (t: Tensor): Tensor => (sameShape(t.strides, contiguousStrides(t.shape)) ? t : clone(t));

/** The op of a layer and that of its gradient, whose inputs are the gradients of output and last states, the layer's inputs, its output and what was kept. */
export function layerOps<K extends LayerName>(
  layer: Layer<K>,
): { layerOp: Op<AttrsOf<K>>; backwardOp: Op<GradientAttrs<K>> } {
  const results = 1 + layer.states;
  const name = `${layer.name}Backward` as const;
  const split = (all: readonly Tensor[]) => {
    const rest = all.length - 1 - layer.kept.length;
    const [output, ...kept] = all.slice(rest);
    return { grads: all.slice(0, results), inputs: all.slice(results, rest), ran: { output, last: [], kept } };
  };
  const backwardOp: Op<GradientAttrs<K>> = {
    name,
    forward(all, a) {
      const { grads, inputs, ran } = split(all);
      const floats = a.lengths ? inputs.slice(0, -1) : inputs;
      // a kernel takes what comes back to the states from step to step in their places
      const made = (i: number): boolean => a.needs[i] || (i > 0 && i <= layer.states);
      const outputs = () => floats.map((x, i) => emptyOn(x.backend, x.dtype, made(i) ? x.shape : [0]));
      const fused = runFused(name, all, outputs, a);
      if (fused) return fused.filter((_, i) => a.needs[i]);
      return gradients(layer, grads, partsOf(layer, inputs, a, true), ran, a).map(asMade);
    },
    // a graph of the gradient itself needs what was kept as functions of the inputs
    decompose(all, a) {
      const { grads, inputs } = split(all);
      const parts = partsOf(layer, inputs, a, false);
      return gradients(layer, grads, parts, layer.run(parts, a), a);
    },
  };
  const layerOp: Op<AttrsOf<K>> = {
    name: layer.name,
    rounds: results,
    forward(inputs, a) {
      const [x, ...states] = inputs.slice(0, results);
      const [steps, n] = x.shape;
      const hidden = inputs[results + 1].shape[0] / layer.gates;
      const make = (shape: readonly number[]) => emptyOn(x.backend, x.dtype, shape);
      const outputs = () => [
        make([steps, n, states[0].shape[1]]),
        ...states.map((s) => make(s.shape)),
        ...layer.kept.map((size) => make([steps, n, size * hidden])),
      ];
      const fused = runFused(layer.name, inputs, outputs, a);
      if (fused) return fused;
      const { output, last, kept } = layer.run(partsOf(layer, inputs, a, true), a);
      return [output, ...last.map(asMade), ...kept];
    },
    decompose(inputs, a) {
      const { output, last, kept } = layer.run(partsOf(layer, inputs, a, false), a);
      return [output, ...last, ...kept.map(detach)]; // no gradient comes back through what is kept for one
    },
    save: (inputs, outputs) => [...inputs, outputs[0], ...outputs.slice(results)],
    vjp({ attrs, saved, outputs, needs }, grads) {
      const [{ dtype, device }] = saved;
      const given = outputs.slice(0, results).map(({ shape }, i) => grads[i] ?? zeros(shape, { dtype, device }));
      const found = applyMany(backwardOp, [...given, ...saved], { ...attrs, needs });
      let next = 0;
      return needs.map((needed) => (needed ? found[next++] : null));
    },
  };
  return { layerOp, backwardOp };
}
