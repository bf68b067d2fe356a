import {
  AutogradError,
  DataDependentError,
  expand,
  type Generator,
  ShapeError,
  select,
  stack,
  type Tensor,
  zeros,
} from "@flambeau/tensor/functional";
import {
  type Call,
  context,
  type Interpreter,
  type Level,
  LiftedStorage,
  liftedHandle,
  liftedOf,
  linkBase,
  type Op,
  sameShape,
  scoped,
  withModes,
} from "@flambeau/tensor/plugin";
import { ruleFor } from "./batching/rules.ts";

/** An input of a call under vmap: with the batch along dimension 0 of its value, or the same for all samples. */
export interface Lane {
  readonly value: Tensor;
  readonly batched: boolean;
}

/** A call on one sample, which is to be made for all of them. */
export interface BatchCall<A extends object = object> {
  readonly op: Op<A>;
  readonly attrs: A;
  readonly lanes: readonly Lane[];
  /** What the function sees of the inputs: shapes and dtypes of one sample. */
  readonly samples: readonly Tensor[];
  /** Number of samples. */
  readonly size: number;
  /** Runs the op on the level below, with these inputs and attributes. */
  next(inputs: readonly Tensor[], attrs?: A): readonly Tensor[];
}

/** Makes a call for all samples at once: the results, with the batch along dimension 0. Null where it must be made sample by sample. */
// biome-ignore lint/suspicious/noExplicitAny: a rule knows the attributes of its op, and stands under its name
export type BatchRule<A extends object = any> = (call: BatchCall<A>) => readonly Tensor[] | null;

/** What vmap does about random draws: refuses them, draws once for all samples, or for each. */
export type Randomness = "error" | "same" | "different";

/** A level whose tensors are batches that look like one sample. */
export class BatchLevel implements Interpreter, Level {
  readonly transform = "vmap";
  readonly size: number;
  private readonly randomness: Randomness;

  constructor(size: number, randomness: Randomness) {
    this.size = size;
    this.randomness = randomness;
  }

  run<T>(fn: () => T): T {
    return withModes("vmap", { stack: { interpreter: this, below: context.stack } }, fn);
  }

  /** One sample of `value`, whose dimension 0 is the batch. */
  sample(value: Tensor, owns: boolean): Tensor {
    const { shape, strides, offset } = value;
    return liftedHandle(new LiftedStorage(this, value, owns), shape.slice(1), strides.slice(1), offset);
  }

  /** The value of a result with the batch along dimension 0, which is the caller's from now on; null for one that is the same for all. */
  batchOf(t: Tensor): Tensor | null {
    const lifted = liftedOf(t);
    return lifted?.level === this ? lifted.release() : null;
  }

  read(op: string, x: Tensor): void {
    if (liftedOf(x)?.level === this)
      throw new DataDependentError(
        `${op}: inside vmap(...) a tensor stands for all samples at once, and cannot be read`,
        "use where() in the place of an if, or read outside of vmap",
      );
  }

  op(call: Call): readonly Tensor[] {
    const { op, inputs, attrs } = call;
    const batched = inputs.some((t) => liftedOf(t)?.level === this);
    if (op.draws === true) return this.draw(call, batched);
    if (!batched) return call.next();
    if (op.writesOf !== undefined || op.writes !== undefined) return this.write(call);
    const lanes = inputs.map((t) => this.laneOf(t));
    const batch = { op, attrs, lanes, samples: inputs, size: this.size, next: call.next.bind(call) } as BatchCall;
    if (op.aliases !== undefined) return this.views(batch);
    const rule = ruleFor(op);
    const values = scoped(() => rule?.(batch) ?? eachSample(batch));
    return values.map((value) => this.sample(value, true));
  }

  private laneOf(t: Tensor): Lane {
    const lifted = liftedOf(t);
    return lifted?.level === this ? { value: lifted.value, batched: true } : { value: t, batched: false };
  }

  private views(batch: BatchCall): readonly Tensor[] {
    const rule = ruleFor(batch.op);
    const values = rule?.(batch);
    if (!values) throw new AutogradError(`${batch.op.name}: has no batching rule`, "a view needs one: see customOp");
    const [source] = batch.samples;
    return values.map((value) => {
      const out = this.sample(value, true);
      linkBase(source, out);
      return out;
    });
  }

  /** What writes goes sample by sample into the batches, unless a rule knows better; its targets are batches. */
  private write(call: Call): readonly Tensor[] {
    const { op, inputs, attrs } = call;
    const written = op.writesOf?.(inputs, attrs) ?? op.writes ?? [];
    for (const i of written)
      if (liftedOf(inputs[i])?.level !== this)
        throw new ShapeError(
          op.name,
          "inside vmap(...) a tensor that is the same for all samples cannot be changed in place by what differs among them",
          [inputs[i].shape],
          "make it from a batched one, or pass it as a batched argument",
        );
    const lanes = inputs.map((t) => this.laneOf(t));
    const batch = { op, attrs, lanes, samples: inputs, size: this.size, next: call.next.bind(call) } as BatchCall;
    const values = scoped(() => ruleFor(op)?.(batch) ?? eachSample(batch, written.length));
    return values.map((value, i) => (i < written.length ? inputs[written[i]] : this.sample(value, true)));
  }

  private draw(call: Call, batched: boolean): readonly Tensor[] {
    const { op, inputs, attrs } = call;
    if (this.randomness === "error")
      throw new AutogradError(
        `${op.name}: a random draw inside vmap(...)`,
        'say { randomness: "different" } or "same", or draw outside of vmap',
      );
    if (this.randomness === "same" && !batched) return call.next();
    const lanes = inputs.map((t) => this.laneOf(t));
    const batch = { op, attrs, lanes, samples: inputs, size: this.size, next: call.next.bind(call) } as BatchCall;
    if (op.writes !== undefined) {
      if (!lanes[0].batched) return call.next();
      scoped(() => (this.randomness === "same" ? sameDraws(batch, 1) : eachSample(batch, 1)));
      return [inputs[0]];
    }
    const values = scoped(() =>
      this.randomness === "same" ? sameDraws(batch, 0) : (ruleFor(op)?.(batch) ?? eachSample(batch)),
    );
    return values.map((value) => this.sample(value, true));
  }
}

/** The inputs of sample `i`. */
const sampleAt = ({ lanes }: BatchCall, i: number): Tensor[] =>
  lanes.map(({ value, batched }) => (batched ? select(value, 0, i) : value));

/** A call made for one sample after the other. The first `written` results are written inputs, which are batches already. */
export function eachSample(batch: BatchCall, written = 0): readonly Tensor[] {
  if (batch.size === 0) return noSamples(batch, written);
  const results: (readonly Tensor[])[] = [];
  for (let i = 0; i < batch.size; i++) results.push(batch.next(sampleAt(batch, i)));
  return results[0].map((first, k) => {
    if (k < written) return first;
    for (const own of results)
      if (!sameShape(own[k].shape, first.shape))
        throw new DataDependentError(
          `${batch.op.name}: inside vmap(...) its results have other shapes for other samples`,
          "use an op whose shape does not depend on values, such as where()",
        );
    return stack(results.map((own) => own[k]));
  });
}

/** Results of no samples, of the shapes that one would have. */
function noSamples({ lanes, next, op, attrs }: BatchCall, written: number): readonly Tensor[] {
  const inputs = lanes.map(({ value, batched }) =>
    zeros(batched ? value.shape.slice(1) : value.shape, { dtype: value.dtype, device: "meta" }),
  );
  const device = lanes[0]?.value.device ?? (attrs as { device?: string }).device ?? "cpu";
  const changed = op.draws === true && "device" in attrs ? { ...attrs, device: "meta" } : attrs;
  return next(inputs, changed).map((t, i) =>
    i < written ? lanes[i].value : zeros([0, ...t.shape], { dtype: t.dtype, device }),
  );
}

/** {@link eachSample} with the generator's numbers of the first sample for all. */
function sameDraws(batch: BatchCall, written: number): readonly Tensor[] {
  const { generator } = batch.attrs as { generator: Generator };
  const state = generator.getState();
  let after = state;
  const next = (inputs: readonly Tensor[], attrs?: object): readonly Tensor[] => {
    generator.setState(state);
    const out = batch.next(inputs, attrs);
    after = generator.getState();
    return out;
  };
  const out = eachSample({ ...batch, next }, written);
  generator.setState(after);
  return out;
}

/** A tensor that is the same for all samples, as a batch. */
export const spread = (t: Tensor, size: number): Tensor => expand(t, [size, ...t.shape]);
