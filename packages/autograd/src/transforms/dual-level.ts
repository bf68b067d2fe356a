import {
  AutogradError,
  add,
  clone,
  contiguous,
  copy_,
  fill,
  isFloat,
  keep,
  sum,
  type Tensor,
  zeros,
  zerosLike,
} from "@flambeau/tensor/functional";
import {
  bottomOf,
  type Call,
  context,
  type Interpreter,
  type Level,
  LiftedStorage,
  liftedHandle,
  liftedOf,
  linkBase,
  type Op,
  release,
  scoped,
  withModes,
} from "@flambeau/tensor/plugin";
import { BatchLevel } from "./batch-level.ts";
import { runBelow } from "./grad-level.ts";
import type { TangentCall } from "./tangents/call.ts";
import { tangentsOf } from "./tangents/rules.ts";

/** A value with its tangent, the derivative along the direction that is asked for. */
class DualStorage extends LiftedStorage {
  /** Null for zero. */
  private own: Tensor | null = null;
  /** What a view is a view of, and how it shows that one's tangent. */
  private readonly source: DualStorage | null;
  private readonly show: ((tangent: Tensor) => Tensor) | null;
  /** Whether a view will look for a tangent here that there is none of yet: the collector frees it then. */
  private awaited = false;
  /** Counts how often the tangent got other memory; a view remembers the count of its root at which it looked. */
  private epoch = 0;

  constructor(
    level: Level,
    value: Tensor,
    owns: boolean,
    source: DualStorage | null = null,
    show: ((tangent: Tensor) => Tensor) | null = null,
  ) {
    super(level, value, owns);
    this.source = show === null ? null : source;
    this.show = show;
    if (this.tangent === null && this.source !== null) this.source.awaited = true;
  }

  get tangent(): Tensor | null {
    if (this.source === null || this.show === null) return this.own;
    if (this.own !== null && this.epoch === this.root.epoch) return this.own;
    const shown = this.source.tangent;
    return shown === null ? null : this.take(this.show(shown));
  }
  set tangent(t: Tensor | null) {
    if (t !== null) this.take(t);
  }
  private get root(): DualStorage {
    return this.source === null ? this : this.source.root;
  }
  private take(t: Tensor): Tensor {
    this.own?.dispose();
    t.owner = null; // it lives as long as the value
    this.own = t;
    this.epoch = this.source === null ? this.epoch + 1 : this.root.epoch;
    return t;
  }

  /** Writes a tangent over the one there is, for all that show this memory. */
  write(t: Tensor | null): void {
    const { root } = this;
    const before = root.own ?? zerosLike(root.value);
    // samples of a batch write apart: what they write to must be one for each
    const apart = t !== null && !coversBatches(before, t);
    if (apart) root.take(add(before, sum(fill(t, 0))));
    else if (root.own === null) root.take(before);
    const target = this.tangent as Tensor; // the root has one
    copy_(target, t ?? zeros([], { dtype: target.dtype, device: target.device }));
  }

  override watch(): void {
    super.watch();
    this.own?.storage.watch();
  }
  override free(): void {
    if (this.data === null) return;
    super.free();
    if (this.awaited) this.own?.storage.watch();
    else this.own?.dispose();
  }
  /** The tangent, which from now on is the caller's. */
  releaseTangent(): Tensor | null {
    const t = this.tangent;
    this.own = null;
    if (t !== null) release(t);
    return t;
  }
}

/** Whether a write of `t` finds a sample of its own in `target`, for each batch that it is a sample of. */
function coversBatches(target: Tensor, t: Tensor): boolean {
  const levels = new Set<Level>();
  for (let at = liftedOf(target); at !== null; at = liftedOf(at.value)) levels.add(at.level);
  for (let at = liftedOf(t); at !== null; at = liftedOf(at.value))
    if (at.level instanceof BatchLevel && !levels.has(at.level)) return false;
  return true;
}

/** A level of forward mode: values with tangents; each op gives its results theirs. */
export class DualLevel implements Interpreter, Level {
  readonly transform = "jvp";
  private gradBefore = true;
  private inferenceBefore = false;

  run<T>(fn: () => T): T {
    this.gradBefore = context.gradEnabled;
    this.inferenceBefore = context.inference;
    return withModes("jvp", { stack: { interpreter: this, below: context.stack }, inference: false }, fn);
  }

  private dualOf(t: Tensor): DualStorage | null {
    const lifted = liftedOf(t);
    return lifted?.level === this ? (lifted as DualStorage) : null; // a level's storages are its own
  }
  private lift(value: Tensor, tangent: Tensor | null, owns: boolean): Tensor {
    const storage = new DualStorage(this, value, owns);
    // a view of the value must be one of the tangent, too
    if (tangent !== null) storage.tangent = value.rowMajor && !tangent.rowMajor ? contiguous(tangent) : tangent;
    return liftedHandle(storage, value.shape, value.strides, value.offset);
  }

  /** `value` with a tangent, for the function to work with. Outside of {@link run}. */
  dual(value: Tensor, tangent: Tensor | null): Tensor {
    return this.lift(value, tangent && clone(tangent), false);
  }
  /** Value and tangent of a result, which are the caller's from now on; the tangent is null where it is zero. */
  out(t: Tensor): readonly [value: Tensor, tangent: Tensor | null] {
    const dual = this.dualOf(t);
    if (dual === null) return [t, null];
    const tangent = dual.releaseTangent();
    return [dual.release(), tangent];
  }

  read(_op: string, x: Tensor): Tensor {
    return this.dualOf(x)?.value ?? x;
  }

  op(call: Call): readonly Tensor[] {
    const { op, inputs, attrs } = call;
    if (op.writesOf !== undefined) return this.several(call);
    if (op.writes?.[0] === 0) return [this.inPlace(call)];
    if (op.aliases !== undefined && inputs.length === 1) return this.views(call);
    const duals = inputs.map((t) => this.dualOf(t));
    const values = inputs.map((t, i) => duals[i]?.value ?? t);
    const tangents = duals.map((dual) => dual?.tangent ?? null);
    const moving = tangents.some((t) => t !== null);
    if (moving && op.vjp === undefined && op.recorded === undefined && op.decompose !== undefined) {
      const made = this.run(() => (op.decompose as NonNullable<Op["decompose"]>)(inputs, attrs));
      return Array.isArray(made) ? made : [made as Tensor];
    }
    const outputs = this.below(call, values);
    const written = op.writes?.length ?? 0;
    const results = outputs.slice(written);
    const moved = moving
      ? scoped(() => tangentsOf(this.tangentCall(call, values, tangents, results)).map((t) => apart(t, tangents)))
      : results.map(() => null);
    return outputs.map((t, i) =>
      i < written
        ? inputs[(op.writes ?? [])[i]]
        : this.lift(t, isFloat(t.dtype) ? (moved[i - written] ?? null) : null, true),
    );
  }

  private tangentCall(
    call: Call,
    primals: readonly Tensor[],
    tangents: readonly (Tensor | null)[],
    outputs: readonly Tensor[],
  ): TangentCall {
    const rule = call.op.recorded?.(call.attrs) ?? { op: call.op, attrs: call.attrs };
    return { op: call.op, attrs: call.attrs, rule, primals, tangents, outputs, next: call.next.bind(call) };
  }

  private below(call: Call, inputs: readonly Tensor[]): readonly Tensor[] {
    return runBelow(call, inputs, call.attrs, this.gradBefore, this.inferenceBefore);
  }

  private views(call: Call): readonly Tensor[] {
    const [source] = call.inputs;
    const dual = this.dualOf(source);
    if (dual === null) return this.below(call, call.inputs);
    const values = this.below(call, [dual.value]);
    let shown: readonly Tensor[] | null = null;
    return values.map((value, i) => {
      const show =
        call.op.name === "detach"
          ? null
          : (tangent: Tensor) => (shown ??= call.next([tangent], call.attrs).map(keep))[i];
      const storage = new DualStorage(this, value, true, show && dual, show);
      const out = liftedHandle(storage, value.shape, value.strides, value.offset);
      linkBase(source, out);
      return out;
    });
  }

  private inPlace(call: Call): Tensor {
    const { op, inputs } = call;
    const [target] = inputs;
    const duals = inputs.map((t) => this.dualOf(t));
    const values = inputs.map((t, i) => duals[i]?.value ?? t);
    const tangents = duals.map((dual) => dual?.tangent ?? null);
    const own = duals[0];
    if (!tangents.some((t) => t !== null)) {
      this.below(call, values);
      return target;
    }
    if (own === null)
      throw new AutogradError(
        `${op.name}: inside jvp(...) a tensor from outside of the function cannot be changed in place`,
        "pass it as an argument, or work on a clone()",
      );
    scoped(() => {
      const before = clone(own.value);
      this.below(call, values);
      const made = this.tangentCall(call, [before, ...values.slice(1)], tangents, [own.value]);
      const rule = made.rule.readsTarget ? { ...made.rule, attrs: { ...made.rule.attrs, before } } : made.rule;
      const [moved] = tangentsOf({ ...made, rule });
      own.write(moved);
      return [];
    });
    return target;
  }

  /** An optimizer's step: what it writes has no tangent from then on. */
  private several(call: Call): readonly Tensor[] {
    const { op, inputs, attrs } = call;
    const written = (op.writesOf?.(inputs, attrs) ?? []).map((i) => inputs[i]);
    this.below(
      call,
      inputs.map((t) => this.dualOf(t)?.value ?? t),
    );
    for (const t of written) {
      const dual = this.dualOf(t);
      if (dual !== null && dual.tangent !== null) dual.write(null);
    }
    return written;
  }
}

/** A tangent in memory of its own: the one that it was made of may be written in place. */
const apart = (t: Tensor | null, given: readonly (Tensor | null)[]): Tensor | null =>
  t !== null && given.some((other) => other !== null && bottomOf(other).storage === bottomOf(t).storage) ? clone(t) : t;
