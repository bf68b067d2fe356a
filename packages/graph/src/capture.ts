import type { Module } from "@flambeau/nn";
import {
  ArgumentError,
  FlambeauError,
  getDefaultDevice,
  isTensor,
  keep,
  noGrad,
  type Tensor,
  tidy,
} from "@flambeau/tensor/functional";
import { type AnyOp, ops } from "@flambeau/tensor/ops";
import {
  checkFunction,
  checkOptions,
  checkTensors,
  context,
  dispatch,
  type Kinds,
  option,
  show,
  withInterpreter,
  withoutInterpreters,
} from "@flambeau/tensor/plugin";
import type { ConstantAttrs, Draft } from "./draft.ts";
import { Graph } from "./graph.ts";
import { ModulePaths } from "./modules.ts";
import type { GraphOutput, GraphParts } from "./parts.ts";
import { withoutDeadNodes } from "./passes.ts";
import { type Named, Recorder } from "./recorder.ts";
import { otherSizes, unify } from "./unify.ts";

export interface CaptureOptions {
  /** The module whose parameters and buffers the function uses: gives them their names in `stateDict()`, and calls the paths of their modules. */
  readonly model?: Module | undefined;
  /** Names of the inputs. Default: "input", or "input0", "input1"... */
  readonly names?: readonly string[] | undefined;
  /** Inputs of other sizes: the dimensions in which they differ from the first are free in every run. */
  readonly alsoAt?: readonly Tensor[] | undefined;
  /** Names of those dimensions, in the order in which the inputs have them. Default: "d0", "d1"... */
  readonly dims?: readonly string[] | undefined;
}
const captureKinds: Kinds<CaptureOptions> = {
  model: {
    means: "a module",
    takes: (x): x is Module => typeof x === "object" && x !== null && "isModule" in x,
  },
  names: option.listOf(option.string),
  alsoAt: option.listOf(option.tensor),
  dims: option.listOf(option.string),
};

/**
 * The program that `fn` is, as a {@link Graph}: each op that it calls with tensors, `outputs = op(inputs, attrs)`, in order. `fn` runs once on the inputs, and
 * what it writes is put back. Writes in place become calls that make new values; what is left of them in inputs, parameters and buffers (running statistics, say)
 * is declared as the graph's mutations. Numbers that the program computes without tensors, and which way its `if`s and loops go, are those of this run.
 *
 * Shapes: `inputs` as `fn` takes them; with `alsoAt`, inputs of other sizes, the dimensions in which the two differ are free in a run. `fn` then runs
 * as often as there are such dimensions, and twice more.
 *
 * @param fn a synchronous function of tensors; it gives a tensor, or lists and plain objects of tensors and nulls.
 * @throws DataDependentError in the line where `fn` reads a value (`item()`, printing) or makes a tensor whose size depends on values.
 * @throws ArgumentError when `fn` is no function, gives something else than tensors, or does what no graph can say; with `alsoAt` when it takes
 * another way at another size, or a size or attribute is not affine in one dimension, naming the call.
 * @throws FlambeauError when `fn` is asynchronous.
 * @see https://docs.pytorch.org/docs/stable/export.html
 * @example
 * import { capture, manualSeed, nn, ones, randn } from "flambeau";
 * const model = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU());
 * const graph = capture((x) => model.forward(x).sum(1), [ones([2, 3])], { model, alsoAt: [ones([5, 3])], dims: ["batch"] });
 * console.log(graph.toString());
 * graph.run([ones([7, 3])]).shape; // [7]
 */
export function capture<const I extends readonly Tensor[], R>(
  fn: (...inputs: I) => R,
  inputs: I,
  options: CaptureOptions = {},
): Graph<R> {
  checkOptions("capture", captureKinds, options);
  checkFunction("capture", "fn", fn);
  checkTensors("capture", "inputs", inputs);
  if (fn.length > inputs.length)
    throw new ArgumentError("capture", `fn takes ${fn.length} tensors, and there are ${inputs.length} inputs`);
  const { model, alsoAt, dims } = options;
  const names = namesFor(inputs, options.names);
  if (alsoAt === undefined && dims !== undefined)
    throw new ArgumentError(
      "capture",
      "dims are the names of sizes that differ from alsoAt's",
      "pass { alsoAt: [...] }",
    );
  for (let frame = context.stack; frame !== null; frame = frame.below)
    if (frame.interpreter instanceof Recorder)
      throw new ArgumentError("capture", "a function that is captured cannot capture another", "capture it outside");
  const at = (given: readonly Tensor[]): Draft => trace(fn, given as I, names, model); // alsoAt is like the inputs
  const first = at(inputs);
  const parts = alsoAt === undefined ? first.parts : unify(first, otherSizes(names, inputs, alsoAt, dims, at));
  const tensors = new Map<string, Tensor>();
  const own: Tensor[] = [];
  try {
    for (const { name } of parts.states) {
      const constant = first.constants.get(name);
      if (constant) own.push(makeConstant(constant));
      tensors.set(name, constant ? own[own.length - 1] : (first.tensors.get(name) as Tensor));
    }
    return new Graph<R>(parts, tensors, { ops: Object.fromEntries(first.ops), own });
  } catch (error) {
    for (const t of own) t.dispose();
    throw error;
  }
}
const makeConstant = (attrs: ConstantAttrs): Tensor =>
  keep(withoutInterpreters(() => noGrad(() => dispatch(ops.constant, [], attrs)[0])));

function namesFor(inputs: readonly Tensor[], given: readonly string[] | undefined): readonly string[] {
  const names = given ?? (inputs.length === 1 ? ["input"] : inputs.map((_, i) => `input${i}`));
  if (names.length !== inputs.length)
    throw new ArgumentError("capture", `there are ${inputs.length} inputs and ${names.length} names`);
  if (new Set(names).size < names.length || names.includes(""))
    throw new ArgumentError("capture", `each input has a name of its own, got ${show(names)}`);
  if (new Set(inputs).size < inputs.length)
    throw new ArgumentError("capture", "one tensor is given as two inputs", "clone() it");
  return names;
}

/** Runs the function and writes down what it does; everything is as before then. */
function trace<I extends readonly Tensor[]>(
  fn: (...inputs: I) => unknown,
  inputs: I,
  names: readonly string[],
  model: Module | undefined,
): Draft {
  const named = new Map<Tensor, Named>();
  if (model) {
    for (const [name, t] of model.namedParameters()) named.set(t, { name, kind: "parameter" });
    for (const [name, t] of model.namedBuffers()) named.set(t, { name, kind: "buffer" });
  }
  for (const [t, { name, kind }] of named)
    if (names.includes(name) && !inputs.includes(t))
      throw new ArgumentError(
        "capture",
        `an input and a ${kind} of the model are called "${name}"`,
        "pass { names: [...] }",
      );
  inputs.forEach((t, i) => void named.set(t, { name: names[i], kind: "input" }));
  const device = ([...inputs].find((t) => t.ndim > 0) ?? [...named.keys()][0])?.device ?? getDefaultDevice();
  const modules = new ModulePaths(model);
  let draft: Draft | undefined;
  try {
    const recorder = new Recorder(device, named, modules);
    const { builder, restorer } = recorder;
    tidy(() => {
      try {
        // in a list, so that a promise is ours to tell of
        const [result] = withInterpreter(recorder, () => [fn(...inputs)]);
        if (recorder.refused) throw recorder.refused;
        const output = structureOf(result, (t) => recorder.given(t));
        const mutations = recorder.mutations();
        const whole: GraphParts = {
          inputs: inputs.map((t, i) => builder.declare(names[i], t)),
          states: builder.states,
          nodes: builder.nodes,
          output,
          mutations,
          dims: [],
          modules: Object.fromEntries(modules.seen),
        };
        const parts = withoutDeadNodes(whole, (op) => builder.records.get(op) as AnyOp);
        draft = { parts, tensors: builder.tensors, constants: recorder.constants, ops: builder.records };
      } finally {
        restorer.restore((t) => recorder.values.isOwn(t));
      }
    });
  } finally {
    modules.end();
  }
  return draft as Draft; // it was made, or something was thrown
}

/** A function's result with the names of values in the place of tensors. */
function structureOf(result: unknown, name: (t: Tensor) => string, depth = 0): GraphOutput {
  if (isTensor(result)) return name(result);
  if (result === null || result === undefined) return null;
  if (depth > 50) throw new ArgumentError("capture", "the function's result holds itself");
  if (Array.isArray(result)) return result.map((part) => structureOf(part, name, depth + 1));
  if (result instanceof Promise) {
    result.catch(() => {});
    throw new FlambeauError(
      "capture takes a synchronous function, and got one that gives a promise",
      "capture the part between the awaits",
    );
  }
  if (typeof result === "object" && (isPlain(result) || Symbol.for("flambeau/named") in result))
    return Object.fromEntries(Object.entries(result).map(([key, part]) => [key, structureOf(part, name, depth + 1)]));
  throw new ArgumentError(
    "capture",
    `the function gives ${show(result)}, and a graph gives tensors`,
    "return a tensor, or lists and plain objects of tensors",
  );
}
const isPlain = (x: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(x));
