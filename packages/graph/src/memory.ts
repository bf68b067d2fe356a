import { ArgumentError, type Tensor } from "@flambeau/tensor/functional";
import { sameShape } from "@flambeau/tensor/plugin";
import type { Builder } from "./builder.ts";
import { emitInverse, emitView, type Step, stepsTo } from "./views.ts";

// Which value each tensor of a running program has at the moment: by its memory, since tensors that share some see each other's writes.

type Storage = Tensor["storage"];

/** Memory as one tensor shows it that is no view of another. */
interface Root {
  /** The name of what comes from outside of the program. */
  readonly external: string | null;
  /** Its value at the moment. */
  value: string;
  /** Counts writes. */
  version: number;
}
/** A window on memory: where it comes from, and its value as of a version. */
interface Entry extends Window {
  readonly root: Root;
  readonly path: readonly Step[];
  value: string;
  version: number;
}

/** The elements that a tensor shows of its memory. */
export type Window = Pick<Tensor, "storage" | "shape" | "strides" | "offset">;
export const windowOf = ({ storage, shape, strides, offset }: Tensor): Window => ({ storage, shape, strides, offset });
/** Whether `t` shows the elements of a window, in the same order. */
export const shows = (e: Window, t: Tensor): boolean =>
  e.storage === t.storage &&
  e.offset === t.offset &&
  sameShape(e.shape, t.shape) &&
  t.shape.every((size, d) => size === 1 || e.strides[d] === t.strides[d]);

/** The tensors of a program as values of a graph. */
export class Values {
  readonly #builder: Builder;
  /** What to call a tensor that the program has from outside. */
  readonly #meet: (t: Tensor) => string;
  readonly #handles = new WeakMap<Tensor, Entry>();
  readonly #windows = new Map<Storage, Entry[]>();
  /** What the program writes from outside, with its value at the moment, by name. */
  readonly written = new Map<string, { readonly value: string }>();

  constructor(builder: Builder, meet: (t: Tensor) => string) {
    this.#builder = builder;
    this.#meet = meet;
  }

  /** Whether the program made a tensor. */
  isOwn(t: Tensor): boolean {
    return this.#handles.get(t)?.root.external === null;
  }
  /** The value of a tensor as of now. */
  read(t: Tensor): string {
    return this.#current(this.#entry(t));
  }
  /** A tensor that a call made, in memory of its own. */
  made(t: Tensor, value: string): void {
    this.#add(t, { external: null, value, version: 0 }, [], value);
  }
  /** A tensor that shows the memory of `source`. */
  viewed(t: Tensor, source: Tensor, steps: readonly Step[], value: string): void {
    const { root, path } = this.#entry(source);
    this.#add(t, root, [...path, ...steps], value);
  }
  /** `t` was written: it and what shares its memory have new values. */
  write(t: Tensor, value: string): void {
    const entry = this.#entry(t);
    const { root, path } = entry;
    if (root.external !== null) this.#writable(entry.storage, root, root.external);
    const sources = [root.value];
    for (const step of path.slice(0, -1)) sources.push(emitView(this.#builder, step, sources[sources.length - 1]));
    let whole = value;
    for (let i = path.length - 1; i >= 0; i--) whole = emitInverse(this.#builder, path[i], sources[i], whole);
    root.value = whole;
    root.version++;
    entry.value = value;
    entry.version = root.version;
  }

  #current(entry: Entry): string {
    const { root, path } = entry;
    if (entry.version !== root.version) {
      entry.value = path.reduce((value, step) => emitView(this.#builder, step, value), root.value);
      entry.version = root.version;
    }
    return entry.value;
  }

  #entry(t: Tensor): Entry {
    const own = this.#handles.get(t);
    if (own && shows(own, t)) return own;
    const windows = this.#windows.get(t.storage);
    const known = windows?.find((e) => shows(e, t));
    if (known) {
      this.#handles.set(t, known);
      return known;
    }
    // a view that was made below the door
    const inside = windows?.find((e) => e.root.external === null && e.path.length === 0);
    if (inside) {
      const { shape, strides, offset } = t;
      const steps = stepsTo(inside.shape, { shape, strides, offset: offset - inside.offset });
      const value = steps.reduce((from, step) => emitView(this.#builder, step, from), inside.root.value);
      return this.#add(t, inside.root, steps, value);
    }
    const other = windows?.[0].root.external;
    if (other && this.written.has(other)) throw sharing(other);
    const name = this.#meet(t);
    return this.#add(t, { external: name, value: name, version: 0 }, [], name);
  }

  #add(t: Tensor, root: Root, path: readonly Step[], value: string): Entry {
    const entry: Entry = { ...windowOf(t), root, path, value, version: root.version };
    this.#handles.set(t, entry);
    const windows = this.#windows.get(t.storage);
    if (windows) windows.push(entry);
    else this.#windows.set(t.storage, [entry]);
    return entry;
  }

  #writable(storage: Storage, root: Root, name: string): void {
    if (this.#windows.get(storage)?.some((e) => e.root !== root)) throw sharing(name);
    this.written.set(name, root);
  }
}

const sharing = (name: string): ArgumentError =>
  new ArgumentError(
    "capture",
    `the program writes "${name}", and has another tensor from outside that shows a part of its memory`,
    "make the view inside the function, or clone() it outside",
  );
