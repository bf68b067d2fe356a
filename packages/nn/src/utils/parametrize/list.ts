import {
  ArgumentError,
  DeviceError,
  DTypeError,
  IndexError,
  isTensor,
  noGrad,
  ShapeError,
  type Tensor,
  tidy,
} from "@flambeau/tensor/functional";
import { option, show, showShape } from "@flambeau/tensor/plugin";
import { isModule, Module } from "../../module.ts";
import { Buffer, isParameter, Parameter } from "../../parameter.ts";

/**
 * A module that computes a parameter from one that training changes freely. `rightInverse`, where there is one, gives for a value what
 * `forward` makes that value of: one tensor, or a list of those that `forward` takes; null says that there is none for this setting.
 */
export type Parametrization = Module & {
  forward(...originals: Tensor[]): Tensor;
  rightInverse?(value: Tensor): Tensor | readonly Tensor[] | null;
};

/**
 * What stands under `module.parametrizations` for one parametrized tensor: the modules that it goes through one after another,
 * `f[n - 1](... f[0](original))`, and the tensor itself as `original` (`original0`, `original1`... where the first module's `rightInverse`
 * gives several). `registerParametrization` makes it.
 *
 * Shape: `forward` takes nothing and gives the parametrized tensor.
 *
 * @throws ArgumentError when there are no modules, or what `rightInverse` or `forward` gives is no tensor.
 * @throws ShapeError, DTypeError when the result differs from `original` in shape or dtype, unless `unsafe` is true.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.ParametrizationList.html
 * @example
 * import { nn, type Tensor } from "flambeau";
 * class Positive extends nn.Module {
 *   forward(x: Tensor): Tensor {
 *     return x.exp();
 *   }
 *   rightInverse(y: Tensor): Tensor {
 *     return y.log();
 *   }
 * }
 * const layer = nn.init.constant_(new nn.Linear(2, 1).weight, 2);
 * const list = new nn.utils.parametrize.ParametrizationList([new Positive()], layer);
 * list.original?.tolist(); // [[0.6931, 0.6931]]
 * list.forward().tolist(); // [[2, 2]]
 */
export class ParametrizationList extends Module {
  declare original: Parameter | Buffer | undefined;
  declare original0: Parameter | Buffer | undefined;
  declare original1: Parameter | Buffer | undefined;
  /** Whether the modules may change shape and dtype. */
  unsafe: boolean;
  /** How many tensors the first module takes, where it takes a list. */
  readonly count: number | null;

  constructor(modules: Iterable<Parametrization>, original: Tensor, unsafe = false) {
    super();
    const name = "ParametrizationList";
    if (!option.iterable.takes(modules))
      throw new ArgumentError(name, `modules must be a list of modules, got ${show(modules)}`);
    for (const module of modules) this.append(module);
    if (this.length === 0) throw new ArgumentError(name, "takes one module or more");
    if (!isTensor(original)) throw new ArgumentError(name, `original must be a tensor, got ${show(original)}`);
    if (typeof unsafe !== "boolean") throw new ArgumentError(name, `unsafe must be a boolean, got ${show(unsafe)}`);
    this.unsafe = unsafe;
    const { shape, dtype, device } = original;
    this.count = noGrad(() =>
      tidy(() => {
        let value: Tensor | readonly Tensor[] = original;
        for (const module of [...this].reverse()) value = module.rightInverse?.(value as Tensor) ?? value;
        if (isTensor(value)) {
          checkSame(name, "what rightInverse gives", value, { dtype, device });
          const own = isParameter(original) || "isBuffer" in original ? original : new Buffer(original);
          if (own !== value) own.setData(value);
          this.put("original", own as Parameter | Buffer);
          return null;
        }
        checkList(name, value);
        for (const [i, part] of value.entries())
          this.put(
            `original${i}`,
            isParameter(original) ? new Parameter(part, original.requiresGrad) : new Buffer(part),
          );
        return value.length;
      }),
    );
    if (!unsafe)
      noGrad(() => tidy(() => checkSame(name, "a parametrization's result", this.forward(), { dtype, shape })));
  }
  /** How many modules the tensor goes through. */
  get length(): number {
    return [...this].length;
  }
  /** The i-th module; negative counts from the end. @throws IndexError when there is none. */
  get(index: number): Parametrization {
    const found = Number.isInteger(index) ? [...this].at(index) : undefined;
    if (found === undefined)
      throw new IndexError("ParametrizationList", `index ${show(index)} is out of range for ${this.length} modules`);
    return found;
  }
  /** Adds a module that takes what the last one gives. */
  append(module: Parametrization): this {
    checkParametrization("ParametrizationList", module);
    this.registerModule(String(this.length), module);
    return this;
  }
  *[Symbol.iterator](): Generator<Parametrization> {
    for (const module of this.children()) yield module as Parametrization; // append takes nothing else
  }
  private put(name: string, tensor: Parameter | Buffer): void {
    Object.assign(this, { [name]: tensor });
  }
  /** What training changes: the original, or all of them. */
  originals(): Tensor[] {
    const names = this.count === null ? ["original"] : Array.from({ length: this.count }, (_, i) => `original${i}`);
    return names.map((name) => Reflect.get(this, name) as Tensor); // put there above, or by functionalCall
  }

  /** Takes a value of the parametrized tensor back through all modules, and stores what comes out. @throws ArgumentError when one has no way back. */
  rightInverse(value: Tensor): void {
    const name = "rightInverse";
    if (!isTensor(value)) throw new ArgumentError(name, `takes a tensor, got ${show(value)}`);
    noGrad(() =>
      tidy(() => {
        let back: Tensor | readonly Tensor[] = value;
        for (const module of [...this].reverse()) {
          const found: Tensor | readonly Tensor[] | null | undefined = module.rightInverse?.(back as Tensor);
          if (found === undefined || found === null)
            throw new ArgumentError(
              name,
              `${module.constructor.name} has no rightInverse, so that nothing can be assigned to the tensor`,
              "write to the originals below module.parametrizations",
            );
          back = found;
        }
        const list: unknown = this.count === null ? [back] : back;
        checkList(name, list);
        const own = this.originals();
        if (list.length !== own.length)
          throw new ArgumentError(
            name,
            `there are ${own.length} originals, and rightInverse gave ${list.length} tensors`,
          );
        for (const [i, t] of list.entries()) {
          checkSame(name, `tensor ${i} of rightInverse`, t, { dtype: own[i].dtype });
          own[i].setData(t);
        }
      }),
    );
  }

  forward(): Tensor {
    const [first, ...rest] = this;
    let x = first.forward(...this.originals());
    for (const module of rest) x = module.forward(x);
    return x;
  }
}

/** @throws ArgumentError for what is no module with a forward. */
export function checkParametrization(op: string, module: Parametrization): void {
  if (!isModule(module))
    throw new ArgumentError(
      op,
      `a parametrization must be a Module, got ${show(module)}`,
      "write a class with a forward",
    );
}
function checkList(op: string, list: unknown): asserts list is readonly Tensor[] {
  if (!Array.isArray(list) || list.length === 0 || !list.every((t) => isTensor(t)))
    throw new ArgumentError(op, `rightInverse must give a tensor or a list of tensors, got ${show(list)}`);
}
/** @throws ArgumentError for what is no tensor; ShapeError, DTypeError and DeviceError for one that differs in what is given. */
export function checkSame(
  op: string,
  what: string,
  t: unknown,
  as: Partial<Pick<Tensor, "shape" | "dtype" | "device">>,
): asserts t is Tensor {
  if (!isTensor(t)) throw new ArgumentError(op, `${what} must be a tensor, got ${show(t)}`);
  const hint = "{ unsafe: true } allows it, where the module that holds the tensor can use it";
  if (as.dtype !== undefined && t.dtype !== as.dtype)
    throw new DTypeError(op, `${what} must have the dtype ${as.dtype}, got ${t.dtype}`, hint);
  if (as.device !== undefined && t.device !== as.device)
    throw new DeviceError(`${op}: ${what} must be on ${as.device}, got ${t.device}`);
  if (as.shape !== undefined && String(t.shape) !== String(as.shape))
    throw new ShapeError(
      op,
      `${what} must have the shape ${showShape(as.shape)}, got ${showShape(t.shape)}`,
      [as.shape, t.shape],
      hint,
    );
}
