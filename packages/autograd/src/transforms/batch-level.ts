import {
  AutogradError,
  DataDependentError,
  type Generator,
  isTensor,
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
import type { BatchCall, BatchRule, Lane } from "./batching/call.ts";
import { ruleFor } from "./batching/rules.ts";
import { customOfBatches } from "./custom-batches.ts";
import { moving, tracked } from "./tracked.ts";

/** What vmap does about random draws: refuses them, draws once for all samples, or for each. */
export type Randomness = "error" | "same" | "different";

/** A level whose tensors are batches that look like one sample. */
export class BatchLevel implements Interpreter, Level {
  readonly transform = "vmap";
  readonly opaque = true;
  readonly size: number;
  private readonly randomness: Randomness;

  constructor(size: number, randomness: Randomness) {
    this.size = size;
    this.randomness = randomness;
  }

  get samples(): number {
    return this.size;
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
    const { op, inputs } = call;
    let batched = false;
    for (let i = 0; i < inputs.length && !batched; i++) batched = this.lifts(inputs[i]) !== null;
    if (op.draws === true) return this.draw(call, batched);
    if (!batched) return call.next();
    if (op.opaque === true) return customOfBatches(this, call);
    if (op.writesOf !== undefined || op.writes !== undefined) return this.write(call);
    const batch = this.batchCall(call);
    if (op.aliases !== undefined) return this.views(batch);
    const rule = ruleFor(op);
    // an op without a rule is what it is made of, and so is a gradient kernel whose own gradient or tangent may be wanted
    if (op.decompose !== undefined && (rule === null || (op.vjp === undefined && batch.lanes.some(isWatched)))) {
      const made = this.run(() => (op.decompose as NonNullable<Op["decompose"]>)(inputs, call.attrs));
      return isTensor(made) ? [made] : made;
    }
    return this.samplesOf(rule === null ? scoped(eachSample, batch) : scoped(byRule, rule, batch));
  }

  /** The batch that a handle of this level stands for; null for what is the same for all samples. */
  valueOf(t: Tensor): Tensor | null {
    return this.lifts(t)?.value ?? null;
  }
  private lifts(t: Tensor): LiftedStorage | null {
    const { storage } = t;
    return storage instanceof LiftedStorage && storage.level === this ? storage : null;
  }
  private batchCall(call: Call): BatchCall {
    const { op, attrs, inputs } = call;
    const lanes = inputs.map((t) => {
      const lifted = this.lifts(t);
      return lifted === null ? { value: t, batched: false } : { value: lifted.value, batched: true };
    });
    return { op, attrs, lanes, samples: inputs, size: this.size, next: (given, changed) => call.next(given, changed) };
  }
  private samplesOf(values: readonly Tensor[]): Tensor[] {
    return values.map((value) => this.sample(value, true));
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
      if (this.lifts(inputs[i]) === null)
        throw new ShapeError(
          op.title ?? op.name,
          "inside vmap(...) a tensor that is the same for all samples cannot be changed in place by what differs among them",
          [inputs[i].shape],
          "make it from a batched one, or pass it as a batched argument",
        );
    const batch = this.batchCall(call);
    const values = scoped(() => ruleFor(op)?.(batch) ?? eachSample(batch, written.length));
    return values.map((value, i) => (i < written.length ? inputs[written[i]] : this.sample(value, true)));
  }

  private draw(call: Call, batched: boolean): readonly Tensor[] {
    const { op, inputs } = call;
    const title = op.title ?? op.name;
    if (this.randomness === "error")
      throw new AutogradError(
        `${title}: a random draw inside vmap(...)`,
        'say { randomness: "different" } or "same", or draw outside of vmap',
      );
    const same = this.randomness === "same";
    if (same && !batched) return call.next();
    const batch = this.batchCall(call);
    const written = op.writes?.length ?? 0;
    if (written > 0 && !batch.lanes[0].batched)
      throw new AutogradError(
        `${title}: inside vmap(...) different numbers for each sample cannot be drawn into a tensor that is the same for all`,
        'pass it as a batched argument, or say { randomness: "same" }',
      );
    const values = scoped(() =>
      same ? sameDraws(batch, written) : (ruleFor(op)?.(batch) ?? eachSample(batch, written)),
    );
    return written > 0 ? [inputs[0]] : this.samplesOf(values);
  }
}

const isWatched = ({ value }: Lane): boolean => (context.gradEnabled && tracked(value)) || moving(value);
const byRule = (rule: BatchRule, batch: BatchCall): readonly Tensor[] => rule(batch) ?? eachSample(batch);

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
