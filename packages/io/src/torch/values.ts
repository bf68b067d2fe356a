// What a pickle of PyTorch's is made of, as the machine holds it: never an instance of a class that the file names.

/** A Python value. Integers are bigints, so that `2` is told from `2.0`. */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | List
  | Tuple
  | Dict
  | Bag
  | Complex
  | Label
  | Callable
  | StorageRef
  | TensorRef;

/** What the functions of the closed list ask of the machine that calls them. */
export interface Run {
  /** @throws FormatError naming the file and the place. */
  fail(problem: string, hint?: string): never;
  /** Counts steps against what a file of its size warrants. */
  charge(steps: number): void;
  /** A symbol for each tuple that is a key, by its text: no text of a file is one. */
  readonly tuples: Map<string, symbol>;
}

/** What is found out of a value that holds others: kept in it, for a map of millions of them takes more than they do. */
abstract class Holding {
  measure: Measure | undefined = undefined;
  built: object | undefined = undefined;
}
/** Of what a container holds at all of its places: values, tensors, and the levels. */
export interface Measure {
  readonly places: number;
  readonly tensors: number;
  readonly levels: number;
}

export class List extends Holding {
  readonly items: Value[] = [];
}

export class Tuple extends Holding {
  readonly items: readonly Value[];
  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }
}

/** What a key is looked up by: itself, or its number, or for a tuple a text. */
export type Hash = string | number | bigint | symbol | null;

/** A dict, an OrderedDict or a Counter. */
export class Dict extends Holding {
  readonly entries: Map<Hash, readonly [key: Value, value: Value]> = new Map();
  /** Whether pickle may set attributes of it. */
  readonly takesAttributes: boolean;
  constructor(takesAttributes: boolean) {
    super();
    this.takesAttributes = takesAttributes;
  }
}

/** A set or a frozenset. */
export class Bag extends Holding {
  readonly items: Map<Hash, Value> = new Map();
}

export class Complex {
  readonly re: number;
  readonly im: number;
  constructor(re: number, im: number) {
    this.re = re;
    this.im = im;
  }
}

/** A word for what has no values: a dtype, a device, a layout, a class of storages or of tensors. */
export class Label {
  readonly kind: "dtype" | "device" | "layout" | "storage class" | "tensor class";
  readonly name: string;
  constructor(kind: Label["kind"], name: string) {
    this.kind = kind;
    this.name = name;
  }
}

/** A function of the closed list. */
export class Callable {
  readonly name: string;
  readonly call: (args: readonly Value[], run: Run) => Value;
  constructor(name: string, call: Callable["call"]) {
    this.name = name;
    this.call = call;
  }
}

/** Memory that tensors lie in. */
export class StorageRef {
  readonly key: string;
  /** PyTorch's name, or "bytes" where each tensor says what they are. */
  readonly dtype: string;
  /** Elements of that dtype. */
  readonly length: number;
  /** What the tensors on it take it for: all for the same. */
  taken: string | undefined;
  constructor(key: string, dtype: string, length: number) {
    this.key = key;
    this.dtype = dtype;
    this.length = length;
  }
}

/** What is known of a tensor before its elements are read. */
export interface TensorFields {
  /** PyTorch's name. */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  /** Absent where there is a reason. */
  readonly storage?: StorageRef;
  readonly requiresGrad: boolean;
  /** The elements stand with their signs turned (PyTorch's negative bit). */
  readonly negative: boolean;
  /** Why Flambeau cannot hold it. */
  readonly reason?: string;
}

/** A window that was found to lie in its storage, or what stands in the place of one. */
export class TensorRef {
  readonly fields: TensorFields;
  constructor(fields: TensorFields) {
    this.fields = fields;
  }
}

/** How messages call a value. */
export function kindOf(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "bigint") return "an int";
  if (typeof value === "number") return "a float";
  if (typeof value === "string") return "a string";
  if (typeof value === "boolean") return "a bool";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof List) return "a list";
  if (value instanceof Tuple) return "a tuple";
  if (value instanceof Dict) return "a dict";
  if (value instanceof Bag) return "a set";
  if (value instanceof Complex) return "a complex number";
  if (value instanceof Label) return `a ${value.kind}`;
  if (value instanceof Callable) return `the function ${value.name}`;
  return value instanceof StorageRef ? "a storage" : "a tensor";
}

/** A text of the file as messages show it. */
export const quote = (text: string): string => JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text);
