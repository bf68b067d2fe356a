import {
  DataDependentError,
  dtypes,
  FormatError,
  Generator,
  noGrad,
  type Tensor,
  tidy,
} from "@flambeau/tensor/functional";
import { type AnyOp, ops } from "@flambeau/tensor/ops";
import { sameShape, show, withoutInterpreters } from "@flambeau/tensor/plugin";
import { attrsAt, type Dim, isAffine, type Sizes, shapeAt, showDims } from "./dim.ts";
import { metaTensor } from "./infer.ts";
import { writtenBy } from "./ops.ts";
import type { GraphCall, GraphOutput, GraphParts, GraphValue } from "./parts.ts";
import { callOp, onDevice } from "./run.ts";

// What is given as a graph is held to be one, whoever made it: a damaged file is refused before anything runs.

/** What is no graph. */
export const noGraph = (file: string, problem: string, hint?: string): FormatError =>
  new FormatError(file, 0, problem, hint);

const deepest = 100;
type Fail = (problem: string) => never;

/** @throws FormatError for what is no graph of the known ops. */
export function checkParts(file: string, parts: GraphParts, record: (op: string) => AnyOp | undefined): void {
  const fail: Fail = (problem) => {
    throw noGraph(file, problem);
  };
  const object = (x: unknown, what: string): void => {
    if (typeof x !== "object" || x === null || Array.isArray(x)) fail(`${what} is an object, got ${show(x)}`);
  };
  const list = (x: unknown, what: string): void => {
    if (!Array.isArray(x)) fail(`${what} is a list, got ${show(x)}`);
  };
  const string = (x: unknown, what: string): void => {
    if (typeof x !== "string") fail(`${what} is a string, got ${show(x)}`);
  };
  object(parts, "a graph");
  for (const key of ["inputs", "states", "nodes", "mutations", "dims"] as const) list(parts[key], key);
  object(parts.modules, "modules");
  for (const name of Object.values(parts.modules)) string(name, "a module's class");

  const sizes = new Map<string, number>();
  for (const dim of parts.dims) {
    object(dim, "a dimension");
    string(dim.name, "a dimension's name");
    if (dim.name === "" || sizes.has(dim.name))
      fail(`there are two dimensions called ${show(dim.name)}, or it has no name`);
    if (!isSize(dim.size)) fail(`the size of ${show(dim.name)} is a whole number, got ${show(dim.size)}`);
    sizes.set(dim.name, dim.size);
  }
  const values = new Map<string, GraphValue>();
  const declare = (v: GraphValue, what: string): void => {
    object(v, what);
    string(v.name, `the name of ${what}`);
    if (values.has(v.name)) fail(`two values are called ${show(v.name)}`);
    if (!dtypes.includes(v.dtype)) fail(`${show(v.name)} has the unknown dtype ${show(v.dtype)}`);
    list(v.shape, `the shape of ${show(v.name)}`);
    for (const d of v.shape) checkDim(d, sizes, `the shape of ${show(v.name)}`, fail);
    values.set(v.name, v);
  };
  for (const v of parts.inputs) declare(v, "an input");
  for (const v of parts.states) {
    declare(v, "a state");
    if (!["parameter", "buffer", "constant"].includes(v.kind))
      fail(`${show(v.name)} is a parameter, a buffer or a constant, got ${show(v.kind)}`);
    if (v.shape.some(isAffine)) fail(`the shape of ${show(v.name)} depends on the inputs`);
  }
  for (const { name } of parts.dims)
    if (!parts.inputs.some((v) => v.shape.some((d) => isAffine(d) && d.dim === name && d.times !== 0)))
      fail(`no input has the dimension ${show(name)}`);

  const later = new Set(
    parts.nodes.flatMap((call) => (Array.isArray(call?.outputs) ? call.outputs.map((v) => v?.name) : [])),
  );
  const calls = new Set<string>();
  for (const call of parts.nodes) {
    object(call, "a node");
    string(call.name, "a node's name");
    if (call.name === "" || calls.has(call.name))
      fail(`there are two nodes called ${show(call.name)}, or one has no name`);
    calls.add(call.name);
    string(call.op, `the op of ${show(call.name)}`);
    string(call.module, `the module of ${show(call.name)}`);
    if (record(call.op) === undefined) fail(`${show(call.name)} is of the unknown op ${show(call.op)}`);
    if (!["boolean", "undefined"].includes(typeof call.noGrad)) fail(`noGrad of ${show(call.name)} is a boolean`);
    list(call.inputs, `the inputs of ${show(call.name)}`);
    for (const name of call.inputs)
      if (!values.has(name))
        fail(
          later.has(name)
            ? `${show(call.name)} reads ${show(name)}, which only a later node gives, or itself`
            : `${show(call.name)} reads ${show(name)}, which nothing gives`,
        );
    object(call.attrs, `attrs of ${show(call.name)}`);
    checkAttrs(call.attrs, sizes, `attrs of ${show(call.name)}`, fail);
    list(call.outputs, `the outputs of ${show(call.name)}`);
    for (const v of call.outputs) declare(v, `an output of ${show(call.name)}`);
  }
  checkStructure(parts.output, values, fail);
  const targets = new Set<string>();
  const places = new Map([...parts.inputs, ...parts.states].map((v) => [v.name, v]));
  for (const mutation of parts.mutations) {
    object(mutation, "a mutation");
    const { target, value } = mutation;
    const [to, from] = [places.get(target), values.get(value)];
    if (to === undefined) fail(`a mutation writes ${show(target)}, which is neither input nor state`);
    else if (from === undefined) fail(`a mutation of ${show(target)} reads ${show(value)}, which nothing gives`);
    else if (from.dtype !== to.dtype || showDims(from.shape) !== showDims(to.shape))
      fail(`a mutation of ${show(target)} gives it another shape or dtype`);
    if (targets.has(target)) fail(`${show(target)} has two mutations`);
    targets.add(target);
  }
  checkCalls(parts, sizes, record as (op: string) => AnyOp, fail);
}

/** Ops of which only so many results are the same on every device: what follows is what its fast path keeps for the gradient. */
const alike: { readonly [op: string]: number | undefined } = {
  crossEntropy: 1,
  maskedAttention: 1,
  scaledDotProductAttention: 1,
};

const isSize = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= 0;

function checkDim(d: Dim, sizes: Sizes, what: string, fail: Fail): void {
  if (typeof d === "number") {
    if (!isSize(d)) fail(`${what} has the size ${show(d)}`);
  } else {
    checkAffine(d, sizes, what, fail);
    if (!isSize(d.times * (sizes.get(d.dim) as number) + d.plus)) fail(`${what} has a size below 0`);
  }
}
function checkAffine(d: unknown, sizes: Sizes, what: string, fail: Fail): void {
  if (!isAffine(d)) fail(`${what} has ${show(d)} in the place of a size`);
  else if (!sizes.has(d.dim)) fail(`${what} names the unknown dimension ${show(d.dim)}`);
  else if (!Number.isSafeInteger(d.times) || !Number.isSafeInteger(d.plus))
    fail(`${what} has a size that is no whole number times a dimension plus a whole number`);
}
function checkAttrs(value: unknown, sizes: Sizes, what: string, fail: Fail, depth = 0): void {
  if (value instanceof Generator) fail(`${what} hold a generator: a run has its own`);
  if (depth > deepest) fail(`${what} are nested too deep`);
  if (isAffine(value)) checkAffine(value, sizes, what, fail);
  else if (typeof value === "object" && value !== null && !(value instanceof Uint8Array))
    for (const part of Object.values(value)) checkAttrs(part, sizes, what, fail, depth + 1);
  else if (typeof value === "function" || typeof value === "symbol") fail(`${what} hold a ${typeof value}`);
}
function checkStructure(part: GraphOutput, values: ReadonlyMap<string, unknown>, fail: Fail, depth = 0): void {
  if (depth > deepest) fail("the output is nested too deep");
  if (typeof part === "string") {
    if (!values.has(part)) fail(`the output has ${show(part)}, which nothing gives`);
  } else if (typeof part === "object" && part !== null)
    for (const each of Object.values(part)) checkStructure(each, values, fail, depth + 1);
  else if (part !== null) fail(`the output holds ${show(part)}`);
}

/** Runs the calls on tensors without values: what the ops give must be what the graph says. */
function checkCalls(parts: GraphParts, sizes: Sizes, record: (op: string) => AnyOp, fail: Fail): void {
  const at = (v: GraphValue) => ({ shape: shapeAt(v.shape, sizes), dtype: v.dtype });
  withoutInterpreters(() =>
    noGrad(() =>
      tidy(() => {
        const values = new Map<string, Tensor>();
        const make = (v: GraphValue): void => {
          try {
            values.set(v.name, metaTensor(at(v)));
          } catch (error) {
            fail(`${show(v.name)} cannot be: ${message(error)}`);
          }
        };
        for (const v of [...parts.inputs, ...parts.states]) make(v);
        for (const call of parts.nodes) {
          const inputs = call.inputs.map((name) => values.get(name) as Tensor); // declared before
          const results = resultsOf(call, record(call.op), inputs, sizes, fail);
          call.outputs.forEach((v, k) => {
            const result = results?.[k];
            if (result === undefined || k >= (alike[call.op] ?? k + 1))
              make(v); // what depends on values, or on the device
            else {
              const said = at(v);
              if (result.dtype !== said.dtype || !sameShape(result.shape, said.shape))
                fail(
                  `${call.op} gives ${result.dtype} ${show(result.shape)}, and ${show(v.name)} is said to be ${said.dtype} ${show(said.shape)}`,
                );
              values.set(v.name, result);
            }
          });
        }
      }),
    ),
  );
}
function resultsOf(call: GraphCall, op: AnyOp, inputs: Tensor[], sizes: Sizes, fail: Fail): readonly Tensor[] | null {
  // as many results as a size says: not to be made before that is known to be the number of outputs
  const { dim } = call.attrs as { dim?: number };
  if (op === ops.unbind && inputs[0]?.shape[dim ?? 0] !== call.outputs.length)
    fail(`${show(call.name)} has ${call.outputs.length} outputs, and unbind gives another number`);
  const attrs = { ...onDevice(attrsAt(call.attrs, sizes) as object, "meta") };
  if ("device" in attrs) Object.assign(attrs, { device: "meta" });
  if (op.draws) Object.assign(attrs, { generator: new Generator(0) });
  try {
    for (const i of writtenBy(op, inputs, attrs)) inputs[i] = metaTensor(inputs[i]);
    return callOp(op, inputs, attrs);
  } catch (error) {
    if (error instanceof DataDependentError) return null;
    fail(`${show(call.name)} cannot be run: ${message(error)}`);
  }
  return null;
}
const message = (error: unknown): string => (error instanceof Error ? error.message.split("\n")[0] : String(error));
