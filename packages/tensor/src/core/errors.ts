/** What tensors of every copy of this package have. */
export const brand: unique symbol = Symbol.for("flambeau/tensor");

/** The base of every error that Flambeau raises on purpose. `hint` says what usually helps. */
export class FlambeauError extends Error {
  /** The name of errors of this class. */
  static readonly kind: string = "FlambeauError";
  override readonly name: string;
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(hint ? `${message}\n  hint: ${hint}` : message);
    this.name = new.target.kind;
    this.hint = hint;
  }
  /** `error instanceof MemoryError` holds for the errors of another copy of this package too: classes are told by their kinds. */
  static override [Symbol.hasInstance](error: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, error)) return true;
    if (!(error instanceof Error) || !Object.hasOwn(this, "kind")) return false;
    for (let c: unknown = error.constructor; typeof c === "function"; c = Object.getPrototypeOf(c))
      if (Object.hasOwn(c, "kind") && "kind" in c && c.kind === this.kind) return true;
    return false;
  }
}

/** What an operation raises. */
abstract class OpError extends FlambeauError {
  readonly op: string;
  constructor(op: string, problem: string, hint?: string) {
    super(`${op}: ${problem}`, hint);
    this.op = op;
  }
}

/** Shapes do not fit the operation. */
export class ShapeError extends OpError {
  static override readonly kind: string = "ShapeError";
  readonly shapes: readonly (readonly number[])[];
  constructor(op: string, problem: string, shapes: readonly (readonly number[])[] = [], hint?: string) {
    super(op, problem, hint);
    this.shapes = shapes;
  }
}

/** A dtype is not supported by the operation or the device. */
export class DTypeError extends OpError {
  static override readonly kind: string = "DTypeError";
}

/** Tensors live on different devices, or a device is unknown. */
export class DeviceError extends FlambeauError {
  static override readonly kind: string = "DeviceError";
}

/** An argument is outside what the operation accepts. */
export class ArgumentError extends OpError {
  static override readonly kind: string = "ArgumentError";
}

/** A dimension or element index is out of range. */
export class IndexError extends OpError {
  static override readonly kind: string = "IndexError";
}

/** The autograd graph cannot do what was asked (double backward, changed saved tensors, non-scalar losses...). */
export class AutogradError extends FlambeauError {
  static override readonly kind: string = "AutogradError";
}

/** Out of memory, or use of a tensor whose memory was given back. */
export class MemoryError extends FlambeauError {
  static override readonly kind: string = "MemoryError";
}

/** A backend, device or feature is not available on this machine; the message says why. */
export class UnavailableError extends FlambeauError {
  static override readonly kind: string = "UnavailableError";
}

/** A tensor on "meta" was asked for its values: it has none. What the program does from there on depends on them. */
export class DataDependentError extends UnavailableError {
  static override readonly kind: string = "DataDependentError";
}

/** A device stopped working: unplugged, reset by its driver, or destroyed. What it held is gone; what other devices hold is intact. */
export class DeviceLostError extends DeviceError {
  static override readonly kind: string = "DeviceLostError";
  /** The lost device. */
  readonly device: string;
  /** What the platform said about it. */
  readonly reason: string;
  constructor(device: string, reason: string, hint?: string) {
    super(`device "${device}" was lost: ${reason}`, hint);
    this.device = device;
    this.reason = reason;
  }
}

/** A file or byte sequence is not what its format promises. Nothing was loaded. */
export class FormatError extends FlambeauError {
  static override readonly kind: string = "FormatError";
  readonly file: string;
  /** Byte offset at which the problem was found. */
  readonly offset: number;
  constructor(file: string, offset: number, problem: string, hint?: string) {
    super(`${file}: ${problem} (at byte ${offset})`, hint);
    this.file = file;
    this.offset = offset;
  }
}

/** An argument as messages show it, whatever it is: on one line, in few words. */
export function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return brand in value
      ? `a tensor of shape ${show((value as unknown as { shape: unknown }).shape)}` // theirs
      : `an object of class ${value.constructor?.name}`;
  const text = Array.isArray(value)
    ? `[${value.slice(0, 201).map((x) => (Array.isArray(x) ? "[...]" : show(x)))}]` // of lists, which may hold themselves
    : typeof value === "string"
      ? JSON.stringify(value)
      : String(value) + (typeof value === "bigint" ? "n" : "");
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
/** For an argument that PyTorch has in a place where we have none, and that would change the result: how it is written. */
export const elsewhere = (op: string, name: string, instead: string): ArgumentError =>
  new ArgumentError(op, `there is no argument ${name} in this place`, `write ${instead}`);
/** @throws ArgumentError when an argument that must be a function is none. */
export function checkFunction(op: string, name: string, f: unknown): void {
  if (typeof f !== "function") throw new ArgumentError(op, `${name} must be a function, got ${show(f)}`);
}
export const showShape = (shape: readonly number[]): string => show(shape);
