import { clone, copy_, type Generator, keep, noGrad, type Tensor } from "@flambeau/tensor/functional";
import { bytesOf, viewOf, withoutInterpreters } from "@flambeau/tensor/plugin";

// A program that is captured runs, and what it does to tensors from outside is undone when it is done.

/** A tensor from outside as it was. */
interface Before {
  readonly tensor: Tensor;
  /** Another handle on its memory, should the program give it another. */
  readonly memory: Tensor;
  readonly grad: Tensor | null;
  readonly gradFn: Tensor["gradFn"];
  readonly outputIndex: number;
  readonly graphVersion: number;
  readonly requiresGrad: boolean;
}
/** Memory from outside that the program writes, as it was. */
interface Copy {
  /** The whole of it as one tensor. */
  readonly memory: Tensor;
  readonly elements: Tensor;
  readonly version: number;
}

/** What a program changes that was there before it. */
export class Restorer {
  readonly #tensors = new Map<Tensor, Before>();
  readonly #copies = new Map<Tensor["storage"], Copy>();
  readonly #generators = new Map<Generator, ReturnType<Generator["getState"]>>();

  /** Notes what a tensor's handle says, before the program changes it. */
  watch(t: Tensor): void {
    if (this.#tensors.has(t) || t.disposed) return;
    if (t.base !== null) this.watch(t.base); // first, also when it is put back: views ask their base
    const memory = keep(viewOf(t, t.shape, t.strides, t.offset));
    const { grad, gradFn, outputIndex, graphVersion } = t;
    const requiresGrad = t.isLeaf && t.requiresGrad;
    this.#tensors.set(t, { tensor: t, memory, grad, gradFn, outputIndex, graphVersion, requiresGrad });
  }
  /** Keeps what memory from outside holds, before the program writes it. */
  copy(t: Tensor): void {
    const { storage } = t;
    if (this.#copies.has(storage)) return;
    const { version } = storage;
    const memory = keep(viewOf(t, [Math.floor(storage.byteLength / bytesOf(t.dtype))], [1], 0));
    const elements = keep(withoutInterpreters(() => noGrad(() => clone(memory))));
    this.#copies.set(storage, { memory, elements, version });
  }
  /** Keeps a generator's state, before the program draws. */
  draw(generator: Generator): void {
    if (!this.#generators.has(generator)) this.#generators.set(generator, generator.getState());
  }

  /** Puts everything back; `ours` tells tensors that the program made. */
  restore(ours: (t: Tensor) => boolean): void {
    for (const [generator, state] of this.#generators) generator.setState(state);
    withoutInterpreters(() => noGrad(() => this.#restoreMemory()));
    for (const before of this.#tensors.values()) restoreHandle(before, ours);
  }
  #restoreMemory(): void {
    for (const { memory, elements, version } of this.#copies.values()) {
      copy_(memory, elements);
      memory.storage.version = version; // the same bits as before: what graphs saved of it is good
      memory.dispose();
      elements.dispose();
    }
  }
}

function restoreHandle(before: Before, ours: (t: Tensor) => boolean): void {
  const { tensor, memory, grad, gradFn, outputIndex, graphVersion, requiresGrad } = before;
  if (tensor.storage !== memory.storage || tensor.shape !== memory.shape) tensor.setData(memory);
  memory.dispose();
  if (tensor.grad !== grad) {
    const made = tensor.grad;
    // a gradient that was dropped belongs to the program's scope, which is about to end
    tensor.grad = grad === null || grad.disposed ? grad : keep(grad);
    if (made !== null && ours(made)) made.dispose();
  }
  tensor.graphVersion = graphVersion;
  if (tensor.gradFn !== gradFn) {
    tensor.gradFn = gradFn;
    tensor.outputIndex = outputIndex;
  }
  if (tensor.isLeaf && tensor.requiresGrad !== requiresGrad) tensor.requiresGrad = requiresGrad;
}
