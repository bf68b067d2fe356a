import { AutogradError, type DType, type GraphNode, type Tensor } from "@flambeau/tensor/functional";
import { type Op, type Result, viewOf } from "@flambeau/tensor/plugin";

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
  saved: readonly Tensor[];
  private versions = none;
  /** What `saved` holds: what the rule reads, the inputs that this is computed from again, or nothing any more, given back by backward. */
  holds: "saved" | "inputs" | "nothing" = "saved";
  /** Where the call was made, while anomaly detection is on. */
  site: string | null = null;
  /** Called with a result's gradient before the node runs; the returned tensor takes its place. */
  hooks: { readonly slot: number; readonly call: (grad: Tensor) => Tensor | void }[] | null = null;
  /** Result tensors that keep their gradient (retainGrad). */
  retained: { readonly slot: number; readonly tensor: WeakRef<Tensor> }[] | null = null;
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

  /** Holds tensors for the backward pass. `written` was overwritten by this very call: any other handle on its memory is stale. */
  save(tensors: readonly Tensor[], written: Tensor | null = null): void {
    if (tensors.length === 0) return;
    this.saved = tensors;
    this.versions = [];
    for (let i = 0; i < tensors.length; i++) {
      const { storage, inference } = tensors[i];
      if (inference)
        throw new AutogradError(
          `${this.title}: a tensor made in inferenceMode cannot be saved for backward`,
          "clone() it outside inferenceMode, or use noGrad instead",
        );
      storage.saves++;
      this.versions.push(storage === written?.storage && tensors[i] !== written ? -1 : storage.version);
    }
  }

  /** The first saved tensor that was written since, or null. */
  overwritten(): { tensor: Tensor; saved: number } | null {
    for (let i = 0; i < this.saved.length; i++)
      if (this.saved[i].storage.version !== this.versions[i]) return { tensor: this.saved[i], saved: this.versions[i] };
    return null;
  }

  /**
   * The saved tensors, alive: a handle that was disposed meanwhile is replaced by a new one on the same memory. The new ones
   * belong to no scope, whose end would free what this node still holds: they go to `lent`, for the caller to dispose.
   */
  unpack(lent: Tensor[]): readonly Tensor[] {
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
    // a node that saved nothing can run any number of times
    if (saved.length > 0) this.holds = "nothing";
    this.saved = released;
    for (let i = 0; i < saved.length; i++) {
      const storage = saved[i].storage;
      if (--storage.saves === 0 && storage.refs === 0) storage.free();
    }
  }
}

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
