import { ArgumentError, type Tensor } from "@flambeau/tensor/functional";
import {
  checkFunction,
  checkInteger,
  checkOptions,
  checkTensor,
  context,
  type Kinds,
  option,
  scoped,
  show,
  unscoped,
} from "@flambeau/tensor/plugin";
import { callsOnce } from "../saved/packing.ts";
import { Frame } from "./frame.ts";

export interface CheckpointOptions {
  /** The second run draws the random numbers of the first. Default true. */
  readonly preserveRngState?: boolean | undefined;
  /** "default" compares number, shapes, dtypes and devices of what the second run saves with the first; "none" takes it as it comes. */
  readonly determinismCheck?: "default" | "none" | undefined;
  /** The second run ends as soon as it has everything that backward needs. Default true. */
  readonly earlyStop?: boolean | undefined;
}
const kinds: Kinds<CheckpointOptions> = {
  preserveRngState: option.boolean,
  determinismCheck: option.oneOf("default", "none"),
  earlyStop: option.boolean,
};

/**
 * `fn(...inputs)`, whose graph keeps the inputs and nothing that is made on the way: the first backward that needs it runs `fn` again. Values
 * and gradients are those of `fn(...inputs)`; it costs a second forward, and the memory of what `fn` saves is taken only while backward is there.
 *
 * What `fn` makes besides its results is freed when it ends, as in `tidy`. The second run draws the same random numbers, from the default
 * generator and from each that ops drew from, under the default dtype and device of the first; what it writes to memory from before it
 * (statistics of a batch norm) is put back. Tensors that it reads are its inputs, also inside lists and plain objects, or live longer
 * than its graph, as parameters do. Checkpoints may stand inside each other, and in a function that `grad` or `vjp` differentiates; directly
 * inside `vmap` or `jvp` it is `fn(...inputs)`, no more.
 *
 * Shapes and dtypes: those of `fn(...inputs)`, which may return anything.
 *
 * @throws AutogradError from backward when the second run saves other tensors than the first, or an input was changed in place since; at once
 * inside `disableSavedTensorsHooks`.
 * @throws ArgumentError when `inputs` is no list; FlambeauError when `fn` is asynchronous; and what `fn` throws.
 * @see https://docs.pytorch.org/docs/stable/checkpoint.html#torch.utils.checkpoint.checkpoint
 * @example
 * import { checkpoint, nn, randn } from "flambeau";
 * const block = new nn.Sequential(new nn.Linear(4, 64), new nn.GELU(), new nn.Dropout(0.1), new nn.Linear(64, 4));
 * const x = randn([8, 4], { requiresGrad: true });
 * const y = checkpoint((x) => block.forward(x), [x]);
 * y.sum().backward(); // block.forward runs again here
 * console.log(x.grad?.shape); // [8, 4]
 */
export function checkpoint<Args extends readonly unknown[], T>(
  fn: (...inputs: Args) => T,
  inputs: Args,
  options: CheckpointOptions = option.none,
): T {
  checkOptions("checkpoint", kinds, options);
  checkFunction("checkpoint", "fn", fn);
  const given: unknown = inputs;
  if (!Array.isArray(given))
    throw new ArgumentError(
      "checkpoint",
      `inputs must be the list of fn's arguments, got ${show(given)}`,
      "write checkpoint(fn, [x, y])",
    );
  const { preserveRngState = true, determinismCheck = "default", earlyStop = true } = options;
  if (!context.gradEnabled || callsOnce()) return fn(...inputs);
  return new Frame(fn, inputs, { preserveRngState, determinismCheck, earlyStop }).run();
}

/** A function of one tensor, or a module with such a forward. */
type Step = ((x: Tensor) => Tensor) | { forward(x: Tensor): Tensor };

/**
 * Runs functions or modules one after the other, `y = f[n - 1](... f[1](f[0](x)))`, in `segments` parts of equal length, each of which but
 * the last is a {@link checkpoint}.
 *
 * Shapes: what the first one takes and what the last one gives.
 *
 * @throws ArgumentError when `functions` is no list of functions or modules, or `segments` is no integer from 1 to their number; and
 * as `checkpoint` does.
 * @see https://docs.pytorch.org/docs/stable/checkpoint.html#torch.utils.checkpoint.checkpoint_sequential
 * @example
 * const net = new nn.Sequential(new nn.Linear(4, 8), new nn.Tanh(), new nn.Linear(8, 8), new nn.Tanh());
 * const x = randn([2, 4], { requiresGrad: true });
 * checkpointSequential(net, 2, x).sum().backward(); // the first Linear and Tanh run twice
 * x.grad?.shape; // [2, 4]
 */
export function checkpointSequential(
  functions: Iterable<Step>,
  segments: number,
  input: Tensor,
  options: Pick<CheckpointOptions, "preserveRngState"> = option.none,
): Tensor {
  if (unscoped()) return scoped(checkpointSequential, functions, segments, input, options);
  const { preserveRngState: kind } = kinds;
  checkOptions("checkpointSequential", { preserveRngState: kind }, options);
  if (!option.iterable.takes(functions))
    throw new ArgumentError("checkpointSequential", `functions must be a list, got ${show(functions)}`);
  const steps = [...functions].map(callable);
  checkInteger("checkpointSequential", "segments", segments);
  if (segments < 1 || segments > steps.length)
    throw new ArgumentError(
      "checkpointSequential",
      `segments must lie between 1 and the number of functions, ${steps.length}, got ${segments}`,
    );
  checkTensor("checkpointSequential", "input", input);
  const length = Math.floor(steps.length / segments);
  const run = (from: number, to: number, x: Tensor) => steps.slice(from, to).reduce((y, step) => step(y), x);
  let x = input;
  const last = length * (segments - 1);
  for (let from = 0; from < last; from += length)
    x = checkpoint((y: Tensor) => run(from, from + length, y), [x], options);
  return run(last, steps.length, x);
}

function callable(step: unknown, i: number): (x: Tensor) => Tensor {
  if (typeof step === "function") return step as (x: Tensor) => Tensor;
  if (typeof step === "object" && step !== null && "forward" in step && typeof step.forward === "function")
    return (x) => (step as { forward(x: Tensor): Tensor }).forward(x);
  throw new ArgumentError("checkpointSequential", `functions[${i}] must be a function or a module, got ${show(step)}`);
}
