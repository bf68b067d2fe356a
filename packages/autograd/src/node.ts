import { AutogradError, type DType, type GraphNode, type Tensor } from "@flambeau/tensor/functional";
import { checkFunction, type Op, type Result, viewOf } from "@flambeau/tensor/plugin";
import { accumulateGrad } from "./hooks/accumulate.ts";
import { type NodeHook, NodeHooks, type NodePrehook, without } from "./hooks/node-hooks.ts";
import { levelOf, overwrittenError, Packed, type Packer, packer, plain } from "./saved/packing.ts";

/** Where a gradient goes next: a recorded call and which of its results, or a leaf. */
export type Edge = Node | Tensor | null;

const released: readonly Tensor[] = [];
const none: number[] = []; // nothing is pushed to it

/** One recorded call: what to run backwards, where its inputs came from, what it saved. */
export class Node implements GraphNode {
  readonly op: Op;
  readonly attrs: object;
  readonly edges: Edge[];
  /** For edges that are nodes: which result of theirs the input was. */
  readonly slots: number[];
  readonly needs: boolean[];
  readonly shapes: (readonly number[])[];
  readonly dtypes: DType[];
  /** Shape, dtype and device of the results, for the gradients of those that took no part. */
  readonly outputs: readonly Result[];
  /** The tensors whose memory is kept: those that the rule reads, or what they are packed as. */
  saved: readonly Tensor[];
  private versions = none;
  /** What was saved while a packer was in effect. */
  private packed: readonly Packed[] | null = null;
  /** What `saved` holds: what the rule reads, the inputs that this is computed from again, or nothing any more, given back by backward. */
  holds: "saved" | "inputs" | "nothing" = "saved";
  /** What users have hung on it; null, as nearly always, when there is nothing. */
  user: NodeHooks | null = null;
  /** Order of recording: inputs before outputs. */
  readonly sequence: number;

  constructor(op: { readonly name: string }, attrs: object, inputs: readonly Tensor[], outputs: readonly Result[]) {
    this.op = op as Op; // an Op<A> with attrs of type A: the caller passes both together
    this.attrs = attrs;
    // descriptions, not the tensors: a node must not keep its results alive
    const described = new Array<Result>(outputs.length);
    for (let i = 0; i < outputs.length; i++) {
      const { shape, dtype, backend } = outputs[i];
      described[i] = { shape, dtype, backend };
    }
    this.outputs = described;
    this.sequence = sequence++;
    const n = inputs.length;
    this.edges = new Array(n);
    this.slots = new Array(n);
    this.needs = new Array(n);
    this.shapes = new Array(n);
    this.dtypes = new Array(n);
    for (let i = 0; i < n; i++) {
      const x = inputs[i];
      const fn = x.gradFn as Node | null; // this engine makes all graph nodes
      const needed = fn !== null || x.requiresGrad;
      this.edges[i] = fn ?? (needed ? x : null);
      this.slots[i] = x.outputIndex;
      this.needs[i] = needed;
      this.shapes[i] = x.shape;
      this.dtypes[i] = x.dtype;
    }
    this.saved = released;
  }

  /** What users call the op. */
  get title(): string {
    return this.op.title ?? this.op.name;
  }
  get name(): string {
    return `${this.title[0].toUpperCase()}${this.title.slice(1)}Backward`;
  }

  get nextFunctions(): readonly (readonly [GraphNode | null, number])[] {
    return this.edges.map((e, i) =>
      e === null || e instanceof Node ? [e, e ? this.slots[i] : 0] : [accumulateGrad(e), 0],
    );
  }
  get metadata(): Record<string, unknown> {
    return this.hung.notes;
  }
  /** What users have hung on it, to hang more. */
  get hung(): NodeHooks {
    return (this.user ??= new NodeHooks());
  }
  registerPrehook(hook: NodePrehook): () => void {
    checkFunction("registerPrehook", "hook", hook);
    const user = this.hung;
    user.before = [...user.before, hook];
    return () => {
      user.before = without(user.before, hook);
    };
  }
  registerHook(hook: NodeHook): () => void {
    checkFunction("registerHook", "hook", hook);
    const user = this.hung;
    user.after = [...user.after, hook];
    return () => {
      user.after = without(user.after, hook);
    };
  }

  /** Holds tensors for the backward pass. `written` was overwritten by this very call: any other handle on its memory is stale. */
  save(tensors: readonly Tensor[], written: Tensor | null = null): void {
    if (tensors.length === 0) return;
    const by = packer();
    if (by !== null && tensors.some((x) => levelOf(x) === by.level)) {
      this.pack(by, tensors, written);
      return;
    }
    this.saved = tensors;
    this.versions = [];
    for (let i = 0; i < tensors.length; i++) {
      const { storage } = tensors[i];
      this.admit(tensors[i]);
      storage.saves++;
      this.versions.push(versionOf(tensors[i], written));
    }
  }

  private admit({ inference }: Tensor): void {
    if (inference)
      throw new AutogradError(
        `${this.title}: a tensor made in inferenceMode cannot be saved for backward`,
        "clone() it outside inferenceMode, or use noGrad instead",
      );
  }

  private pack(by: Packer, tensors: readonly Tensor[], written: Tensor | null): void {
    const packed: Packed[] = [];
    try {
      for (const x of tensors) {
        this.admit(x);
        packed.push(new Packed(levelOf(x) === by.level ? by : plain, x, versionOf(x, written)));
      }
    } catch (error) {
      for (const { packer: own, value } of packed) own.drop(value);
      throw error;
    }
    this.packed = packed;
    this.saved = packed.flatMap(({ packer: own, value }) => own.holds(value));
    for (const { storage } of this.saved) storage.saves++;
  }
  /** The call's results have their places in the graph. */
  settle(): void {
    if (this.packed !== null) for (const p of this.packed) p.settle();
  }

  /** @throws AutogradError when a saved tensor was written since. */
  checkSaved(): void {
    if (this.packed !== null) return; // known once they are unpacked
    for (let i = 0; i < this.saved.length; i++) {
      const { shape, storage } = this.saved[i];
      if (storage.version !== this.versions[i])
        throw overwrittenError(this.name, shape, `version ${storage.version}, `, this.versions[i]);
    }
  }

  /** Visits the tensors that this node keeps for the backward pass. */
  visit(visit: (t: Tensor) => void): void {
    this.saved.forEach(visit);
    if (this.packed !== null) for (const { packer: by, value } of this.packed) by.keeper(value)?.visit(visit);
  }

  /**
   * The saved tensors, alive: a handle that was disposed meanwhile is replaced by a new one on the same memory. The new ones
   * belong to no scope, whose end would free what this node still holds: they go to `lent`, for the caller to dispose.
   */
  unpack(lent: Tensor[]): readonly Tensor[] {
    if (this.packed !== null) {
      for (const p of this.packed) lent.push(p.unpack(this.name, this.title));
      return [...lent];
    }
    let out = this.saved;
    for (let i = 0; i < this.saved.length; i++) {
      const t = this.saved[i];
      if (!t.disposed || t.storage.data === null) continue;
      const again = viewOf(t, t.shape, t.strides, t.offset);
      again.gradFn = t.gradFn;
      again.outputIndex = t.outputIndex;
      again.owner = null;
      lent.push(again);
      if (out === this.saved) out = [...this.saved];
      (out as Tensor[])[i] = again; // our own copy
    }
    return out;
  }

  /** Gives the saved memory back. */
  free(): void {
    const saved = this.saved;
    const packed = this.packed;
    // a node that saved nothing can run any number of times
    if (saved.length > 0 || packed !== null) this.holds = "nothing";
    this.saved = released;
    this.packed = null;
    for (let i = 0; i < saved.length; i++) {
      const storage = saved[i].storage;
      if (--storage.saves === 0 && storage.refs === 0) storage.free();
    }
    if (packed !== null) for (const { packer: by, value } of packed) by.drop(value);
  }
}

/** The version at which `x` is saved; negative for what the call that saves it has overwritten (its own result is no such). */
const versionOf = (x: Tensor, written: Tensor | null): number =>
  x.storage === written?.storage && x !== written ? -1 : x.storage.version;

let sequence = 0;

/** The recorded call that made `t`. */
export const nodeOf = (t: Tensor): Node | null => t.gradFn as Node | null; // this engine makes all graph nodes

/** The recorded calls that `t` came from, each once. */
export function* nodesBehind(t: Tensor): Generator<Node> {
  const seen = new Set<Node>();
  const stack: Edge[] = [nodeOf(t)];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (!(node instanceof Node) || seen.has(node)) continue;
    seen.add(node);
    yield node;
    stack.push(...node.edges);
  }
}
