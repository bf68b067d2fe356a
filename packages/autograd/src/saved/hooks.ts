import { ArgumentError, AutogradError, memoryScope, noGrad, type Tensor, to } from "@flambeau/tensor/functional";
import {
  checkFunction,
  checkTensor,
  eachTensor,
  promote,
  type Synchronous,
  show,
  synchronous,
  viewOf,
} from "@flambeau/tensor/plugin";
import { type Packer, packer, recordingLevel, withPacker } from "./packing.ts";

/** What a pack hook gave, and the tensors in it. */
interface Bundle {
  readonly value: unknown;
  readonly tensors: readonly Tensor[];
  /** Those of them that it made: they go with the graph. */
  readonly made: readonly Tensor[];
}

/** A handle that is no scope's. */
function free(x: Tensor): Tensor {
  const own = viewOf(x, x.shape, x.strides, x.offset);
  own.owner = null;
  return own;
}

/** The hooks of users: what they make and neither give back nor keep is freed, as in tidy. */
class Hooks implements Packer<Bundle> {
  readonly level = recordingLevel();
  readonly #pack: (x: Tensor) => unknown;
  readonly #unpack: (packed: never) => Tensor;
  constructor(pack: (x: Tensor) => unknown, unpack: (packed: never) => Tensor) {
    this.#pack = pack;
    this.#unpack = unpack;
  }

  /** Inside a transform its own level is not to record; the graphs of those around it go through here. */
  #unrecorded<T>(fn: () => T): T {
    if (this.level?.unrecorded !== undefined)
      return this.level.unrecorded(() => synchronous("savedTensorsHooks", fn()));
    return noGrad(fn as Synchronous<T>); // which looks again
  }
  pack(x: Tensor): Bundle {
    const scope = memoryScope();
    try {
      const given = viewOf(x, x.shape, x.strides, x.offset);
      const { version } = x.storage;
      const value: unknown = this.#unrecorded(() => this.#pack(given));
      if (x.storage.version !== version)
        throw new AutogradError(
          "savedTensorsHooks: pack changed the tensor that it was given in place",
          "the program goes on with it: write the out-of-place form, or clone() first",
        );
      const tensors: Tensor[] = [];
      const made: Tensor[] = [];
      eachTensor(value, (t) => {
        tensors.push(t);
        if (t.owner !== scope) return;
        made.push(t);
        promote(t, scope);
      });
      return { value, tensors, made };
    } finally {
      scope.end();
    }
  }

  unpack({ value, tensors }: Bundle): Tensor {
    // a scope that has ended took the handles, not the memory, which the graph holds
    const ended = tensors.filter((t) => t.disposed && t.storage.data !== null);
    for (const t of ended) {
      const again = free(t);
      t.setData(again);
      again.dispose();
    }
    const scope = memoryScope();
    try {
      const x: unknown = this.#unrecorded(() => this.#unpack(value as never)); // what its own pack gave
      checkTensor("savedTensorsHooks", "what unpack gives", x);
      if (x.disposed) void x.buffer; // which throws what there is to say
      return free(x);
    } finally {
      scope.end();
      for (const t of ended) t.dispose();
    }
  }

  holds({ tensors }: Bundle): readonly Tensor[] {
    return tensors;
  }
  keeper(): null {
    return null;
  }
  drop({ made }: Bundle): void {
    for (const t of made) t.dispose();
  }
}

let refusal: string | null = null;

/**
 * Runs `fn` with a packer of its own.
 *
 * @throws AutogradError inside {@link disableSavedTensorsHooks}.
 */
export function packing<T>(op: string, by: Packer, fn: () => T): T {
  if (refusal !== null) throw new AutogradError(refusal);
  return withPacker(by, () => synchronous(op, fn()));
}

/**
 * Runs `fn` so that each tensor that its graph saves for the backward pass goes through `pack`: what that gives is kept in the tensor's
 * place, and `unpack` makes the tensor of it again when a backward reads it: `unpack(pack(x)) = x`.
 *
 * Both run unrecorded. What they make beside their results is freed, as in `tidy`; tensors in what `pack` gives, also in lists, plain
 * objects and maps, are freed with the graph, but for those that it did not make itself. Of hooks inside one another the innermost apply.
 *
 * Shapes and dtypes: `unpack` gives a tensor of the shape, dtype and device of the one that was packed; `fn` may return anything.
 *
 * @throws AutogradError when `pack` writes to its argument in place, inside {@link disableSavedTensorsHooks}, and from backward when
 * `unpack` gives another kind of tensor, or one that shows the saved one's memory, which was changed since.
 * @throws ArgumentError when a hook is no function, and from backward when `unpack` gives no tensor; FlambeauError when `fn` is asynchronous.
 * @see https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.graph.saved_tensors_hooks
 * @example
 * import { savedTensorsHooks, tensor } from "flambeau";
 * const x = tensor([1.5, -2], { requiresGrad: true });
 * // half the memory until backward, at the price of rounding
 * const y = savedTensorsHooks(
 *   (saved) => saved.to("bfloat16"),
 *   (half) => half.to("float32"),
 *   () => x.mul(x).sum(),
 * );
 * y.backward();
 * x.grad?.tolist(); // [3, -4]
 */
export function savedTensorsHooks<P, T>(pack: (x: Tensor) => P, unpack: (packed: P) => Tensor, fn: Synchronous<T>): T {
  checkFunction("savedTensorsHooks", "pack", pack);
  checkFunction("savedTensorsHooks", "unpack", unpack);
  checkFunction("savedTensorsHooks", "fn", fn);
  return packing("savedTensorsHooks", new Hooks(pack, unpack), fn);
}

/**
 * Runs `fn` so that its graph keeps what it saves on the CPU, and brings each tensor back to its device when a backward reads it. On the
 * CPU nothing is copied.
 *
 * Shapes: `fn` may return anything.
 *
 * @throws UnavailableError where a device that works on its own cannot be read at once; DeviceError when no CPU backend is registered;
 * AutogradError inside {@link disableSavedTensorsHooks}; ArgumentError when `fn` is no function, FlambeauError when it is asynchronous.
 * @see https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.graph.save_on_cpu
 * @example
 * const x = tensor([1, 2], { requiresGrad: true });
 * const loss = saveOnCpu(() => x.exp().mul(x).sum());
 * loss.backward();
 * console.log(x.grad?.toString()); // tensor([ 5.4366, 22.1672])
 */
export function saveOnCpu<T>(fn: Synchronous<T>): T {
  checkFunction("saveOnCpu", "fn", fn);
  const hooks = new Hooks(
    (x) => ({ device: x.device, x: to(x, "cpu") }),
    ({ device, x }: { readonly device: string; readonly x: Tensor }) => to(x, device),
  );
  return packing("saveOnCpu", hooks, fn);
}

/**
 * Runs `fn`, in which saved tensors cannot be packed: {@link savedTensorsHooks}, `saveOnCpu` and `checkpoint` throw an error that says
 * `message`.
 *
 * Shapes: `fn` may return anything.
 *
 * @throws AutogradError of that message inside, and at once where hooks are in effect already; ArgumentError when `message` is no text or
 * `fn` no function, FlambeauError when it is asynchronous.
 * @see https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.graph.disable_saved_tensors_hooks
 * @example
 * const x = tensor([1, 2], { requiresGrad: true });
 * let message = "";
 * try {
 *   disableSavedTensorsHooks("this layer keeps what it saves", () => saveOnCpu(() => x.exp()));
 * } catch (error) {
 *   message = String(error);
 * }
 * message; // "AutogradError: this layer keeps what it saves"
 */
export function disableSavedTensorsHooks<T>(message: string, fn: Synchronous<T>): T {
  if (typeof message !== "string")
    throw new ArgumentError("disableSavedTensorsHooks", `message must be a string, got ${show(message)}`);
  checkFunction("disableSavedTensorsHooks", "fn", fn);
  if (packer() !== null) throw new AutogradError(message);
  const before = refusal;
  refusal = message;
  try {
    return synchronous("disableSavedTensorsHooks", fn());
  } finally {
    refusal = before;
  }
}
