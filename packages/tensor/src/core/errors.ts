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

/** Shapes do not fit the operation. */
export class ShapeError extends FlambeauError {
  static override readonly kind: string = "ShapeError";
  readonly op: string;
  readonly shapes: readonly (readonly number[])[];
  constructor(op: string, problem: string, shapes: readonly (readonly number[])[] = [], hint?: string) {
    super(`${op}: ${problem}`, hint);
    this.op = op;
    this.shapes = shapes;
  }
}

/** A dtype is not supported by the operation or the device. */
export class DTypeError extends FlambeauError {
  static override readonly kind: string = "DTypeError";
  readonly op: string;
  constructor(op: string, problem: string, hint?: string) {
    super(`${op}: ${problem}`, hint);
    this.op = op;
  }
}

/** Tensors live on different devices, or a device is unknown. */
export class DeviceError extends FlambeauError {
  static override readonly kind: string = "DeviceError";
}

/** An argument is outside what the operation accepts. */
export class ArgumentError extends FlambeauError {
  static override readonly kind: string = "ArgumentError";
  readonly op: string;
  constructor(op: string, problem: string, hint?: string) {
    super(`${op}: ${problem}`, hint);
    this.op = op;
  }
}

/** A dimension or element index is out of range. */
export class IndexError extends FlambeauError {
  static override readonly kind: string = "IndexError";
  readonly op: string;
  constructor(op: string, problem: string, hint?: string) {
    super(`${op}: ${problem}`, hint);
    this.op = op;
  }
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
export const show = (value: unknown): string => shown(value, 2);
function shown(value: unknown, depth: number): string {
  if (typeof value === "string") return short(JSON.stringify(value));
  if (typeof value === "bigint") return short(`${value}n`);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  try {
    if (Array.isArray(value)) {
      const parts = value.slice(0, depth * 8).map((v) => (depth > 0 ? shown(v, depth - 1) : "..."));
      return short(`[${parts.join(",")}${parts.length < value.length ? ",..." : ""}]`);
    }
    if (brand in value) return `a tensor of shape ${show((value as unknown as { shape: unknown }).shape)}`; // theirs
    const { name } = value.constructor;
    return name === "Object" ? "an object" : short(`an object of class ${name}`);
  } catch {
    return "an object"; // of no class, or a proxy that does not say
  }
}
/** @throws ArgumentError when an argument that must be a function is none. */
export function checkFunction(op: string, name: string, f: unknown): void {
  if (typeof f !== "function") throw new ArgumentError(op, `${name} must be a function, got ${show(f)}`);
}
const short = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}...` : text);
export const showShape = (shape: readonly number[]): string => show(shape);
