import {
  ArgumentError,
  clone,
  contiguous,
  copy_,
  DTypeError,
  defaultGenerator,
  type Generator,
  getDefaultDevice,
  noGrad,
  reshape,
  ShapeError,
  type Tensor,
  tidy,
} from "@flambeau/tensor/functional";
import { type AnyOp, ops } from "@flambeau/tensor/ops";
import { checkTensor, checkTensors, dispatch, sameShape, showShape } from "@flambeau/tensor/plugin";
import { attrsAt, type Dim, dependsOnSizes, isAffine, type Sizes, shapeAt, showDims } from "./dim.ts";
import { writtenBy } from "./ops.ts";
import { fill, type GraphCall, type GraphParts, type GraphValue, namesIn } from "./parts.ts";

/** What a run takes beside its inputs. */
export interface RunSource {
  readonly generator: Generator | undefined;
  /** What is given in the place of results of ops that draw, by the calls' names. */
  readonly draws: { readonly [name: string]: Tensor };
}

/** A call as it runs. */
interface Action {
  readonly call: GraphCall;
  readonly op: AnyOp;
  readonly sized: boolean;
  /** Values that nothing reads afterwards. */
  readonly last: readonly string[];
}

/** A graph made ready to run. */
export class Runner {
  readonly #parts: GraphParts;
  readonly #tensors: ReadonlyMap<string, Tensor>;
  readonly #actions: readonly Action[];

  constructor(parts: GraphParts, tensors: ReadonlyMap<string, Tensor>, record: (op: string) => AnyOp) {
    this.#parts = parts;
    this.#tensors = tensors;
    const kept = namesIn(parts.output);
    for (const { value } of parts.mutations) kept.add(value);
    const actions: Action[] = [];
    for (let i = parts.nodes.length - 1; i >= 0; i--) {
      const call = parts.nodes[i];
      const last: string[] = [];
      for (const name of [...call.inputs, ...call.outputs.map((v) => v.name)])
        if (!kept.has(name)) {
          kept.add(name);
          last.push(name);
        }
      actions.push({ call, op: record(call.op), sized: dependsOnSizes(call.attrs), last });
    }
    this.#actions = actions.reverse();
  }

  run(inputs: readonly Tensor[], source: RunSource): unknown {
    const sizes = bindSizes(this.#parts, inputs);
    return tidy(() => {
      const values = new Map<string, Tensor>(this.#tensors);
      this.#parts.inputs.forEach(({ name }, i) => void values.set(name, inputs[i]));
      const given = new Set(values.keys());
      const main = [...values.values()].find((t) => t.ndim > 0) ?? [...values.values()][0];
      const device = inputs.find((t) => t.ndim > 0)?.device ?? main?.device ?? getDefaultDevice();
      for (const action of this.#actions) {
        if (action.call.noGrad) noGrad(() => this.#step(action, values, sizes, device, source));
        else this.#step(action, values, sizes, device, source);
        for (const name of action.last) if (!given.has(name)) values.get(name)?.dispose();
      }
      return this.#finish(values, given);
    });
  }

  #step(
    { call, op, sized }: Action,
    values: Map<string, Tensor>,
    sizes: Sizes,
    device: string,
    { generator, draws }: RunSource,
  ): void {
    const drawn = op.draws && Object.hasOwn(draws, call.name) ? draws[call.name] : undefined;
    if (drawn !== undefined) {
      const { shape, dtype } = call.outputs[0];
      checkInput("draws", { name: call.name, shape: shapeAt(shape, sizes), dtype }, drawn);
      values.set(call.name, clone(drawn));
      return;
    }
    const inputs = call.inputs.map((name) => values.get(name) as Tensor); // the graph's checks have seen them
    const results = runCall(op, inputs, sized ? (attrsAt(call.attrs, sizes) as object) : call.attrs, device, generator);
    call.outputs.forEach(({ name }, k) => {
      if (k < results.length) values.set(name, results[k]);
    });
  }

  /** What the run gives; inputs and states get their new values. */
  #finish(values: ReadonlyMap<string, Tensor>, given: ReadonlySet<string>): unknown {
    const { output, mutations } = this.#parts;
    const value = (name: string): Tensor => values.get(name) as Tensor;
    const changed = new Set(mutations.map(({ target }) => value(target).storage));
    // nobody is to find what is about to be written
    const apart = (name: string): Tensor => {
      const t = value(name);
      return given.has(name) || changed.has(t.storage) ? clone(t) : t;
    };
    const results = new Map([...namesIn(output)].map((name) => [name, apart(name)]));
    const writes = mutations.map(({ target, value: name }) => [value(target), apart(name)] as const);
    noGrad(() => {
      for (const [target, t] of writes) copy_(target, t);
    });
    return fill(output, (name) => results.get(name));
  }
}

/** A copy of attributes with a device in the place of a graph's own. */
export function onDevice(attrs: object, device: string): object {
  const own: { device?: unknown; from?: unknown } = { ...attrs };
  if (own.device === null) own.device = device;
  if (own.from === null) own.from = device;
  return own;
}

/** Runs a call of a graph: it writes nothing, and an op that does gets copies. */
export function runCall(
  op: AnyOp,
  inputs: readonly Tensor[],
  given: object,
  device: string = getDefaultDevice(),
  generator: Generator = defaultGenerator,
): readonly Tensor[] {
  const attrs = onDevice(given, device);
  if (op.draws) Object.assign(attrs, { generator });
  const apart = [...inputs];
  for (const i of writtenBy(op, inputs, attrs)) apart[i] = clone(inputs[i]);
  return callOp(op, apart, attrs);
}

/** Runs an op on values of a graph, whose elements may lie in another order than when it was captured. */
export function callOp(op: AnyOp, inputs: readonly Tensor[], attrs: object): readonly Tensor[] {
  if (op === ops.view && !inputs[0].rowMajor)
    return [reshape(inputs[0], (attrs as { shape: readonly number[] }).shape)];
  if (op === ops.asStrided && !inputs[0].rowMajor) return dispatch(op, [contiguous(inputs[0])], attrs);
  return dispatch(op, inputs, attrs);
}

/** Holds the inputs to the graph's, and finds the sizes of its free dimensions in them. */
export function bindSizes({ inputs: wanted, dims }: GraphParts, inputs: readonly Tensor[]): Sizes {
  checkTensors("Graph.run", "inputs", inputs);
  if (inputs.length !== wanted.length)
    throw new ArgumentError(
      "Graph.run",
      `the graph has ${wanted.length} inputs (${wanted.map((v) => v.name).join(", ")}), got ${inputs.length}`,
    );
  const sizes = new Map<string, number>();
  wanted.forEach(({ shape }, i) => {
    shape.forEach((d, k) => {
      if (isAffine(d) && !sizes.has(d.dim) && d.times !== 0) sizes.set(d.dim, (inputs[i].shape[k] - d.plus) / d.times);
    });
  });
  wanted.forEach((value, i) => {
    checkInput("inputs", { ...value, shape: value.shape.map((d) => known(d, sizes)) }, inputs[i], value.shape);
  });
  for (const { name } of dims) {
    const size = sizes.get(name);
    if (size === undefined || !Number.isInteger(size) || size < 0)
      throw new ShapeError(
        "Graph.run",
        `the inputs give no size to ${name}`,
        inputs.map((t) => t.shape),
      );
  }
  return sizes;
}
const known = (d: Dim, sizes: Sizes): number =>
  typeof d === "number" ? d : d.times * (sizes.get(d.dim) ?? Number.NaN) + d.plus;

interface Wanted {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: GraphValue["dtype"];
}
function checkInput(list: string, { name, shape, dtype }: Wanted, t: Tensor, written: readonly Dim[] = shape): void {
  checkTensor("Graph.run", `${list}: "${name}"`, t);
  if (t.dtype !== dtype)
    throw new DTypeError("Graph.run", `"${name}" is ${dtype}, got ${t.dtype}`, `convert it: x.to("${dtype}")`);
  if (!sameShape(t.shape, shape))
    throw new ShapeError("Graph.run", `"${name}" has shape ${showDims(written)}, got ${showShape(t.shape)}`, [t.shape]);
}
