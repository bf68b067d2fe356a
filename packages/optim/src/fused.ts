import { context, type Tensor } from "@flambeau/tensor/functional";

/**
 * Steps that the backend's fast path `name` takes in place, several parameters to a call: those in succession of one group, on one
 * backend and with the same `counter`, a number among the kernel's attributes beside the group's options. The kernel's inputs are
 * a gradient of each parameter, its outputs each parameter followed by its state; `supports` is asked of one parameter at a time.
 */
export class FusedSteps {
  readonly #name: string;
  readonly #counter: string;
  #group: object | null = null;
  #count = 0;
  #attrs: object = {};
  #grads: Tensor[] = [];
  #written: Tensor[] = [];

  constructor(name: string, counter: string) {
    this.#name = name;
    this.#counter = counter;
  }

  /**
   * Takes on the step of one parameter for `run` to do: `written` is the parameter and its state. False, with all steps before it
   * done, when there is no fast path for it.
   */
  take(grad: Tensor, written: readonly Tensor[], group: object, count: number): boolean {
    const { backend } = written[0];
    const kernel = context.fused ? backend.fused?.[this.#name] : undefined;
    const tensors = [grad, ...written];
    if (kernel === undefined || !tensors.every((t) => t.rowMajor)) {
      this.run();
      return false;
    }
    if (group !== this.#group || count !== this.#count || backend !== this.#written[0].backend) {
      this.run();
      this.#group = group;
      this.#count = count;
      this.#attrs = { ...group, [this.#counter]: count };
    }
    if (!kernel.supports(tensors, this.#attrs)) {
      this.run();
      return false;
    }
    this.#grads.push(grad);
    this.#written.push(...written);
    return true;
  }

  /** Does the steps that were taken on. */
  run(): void {
    const [grads, written] = [this.#grads, this.#written];
    this.#group = null; // its options may be others the next time
    if (grads.length === 0) return;
    this.#grads = [];
    this.#written = [];
    written[0].backend.fused?.[this.#name].run(grads, written, this.#attrs);
    for (const t of written) t.storage.version++;
  }
}
