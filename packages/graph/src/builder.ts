import { type DType, isGradEnabled, type Tensor } from "@flambeau/tensor/functional";
import type { AnyOp } from "@flambeau/tensor/ops";
import type { GraphCall, GraphState, GraphStateKind, GraphValue } from "./parts.ts";

/** What is known of a value while its graph grows: sizes are numbers. */
export interface Shaped {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** A graph while it grows: calls in order, and values by unique names. */
export class Builder {
  readonly nodes: GraphCall[] = [];
  readonly states: GraphState[] = [];
  /** The tensors of the states. */
  readonly tensors = new Map<string, Tensor>();
  /** The records of the ops that were called. */
  readonly records = new Map<string, AnyOp>();
  readonly #values = new Map<string, Shaped>();
  readonly #taken = new Set<string>();
  readonly #counts = new Map<string, number>();
  /** The path of the module that runs. */
  readonly #module: () => string;
  /** Whether calls were recorded for backward when the program began. */
  readonly #recording = isGradEnabled();

  constructor(module: () => string) {
    this.#module = module;
  }

  /** A name that nobody has, `stem` if possible. */
  unique(stem: string): string {
    for (let n = this.#counts.get(stem) ?? 0; ; n++) {
      const name = n === 0 ? stem : `${stem}_${n}`;
      this.#counts.set(stem, n + 1);
      if (!this.#taken.has(name)) {
        this.#taken.add(name);
        return name;
      }
    }
  }
  /** Keeps names from being given to calls. */
  reserve(names: Iterable<string>): void {
    for (const name of names) this.#taken.add(name);
  }
  value(name: string): Shaped {
    const found = this.#values.get(name);
    if (found === undefined) throw new Error(`no value "${name}"`);
    return found;
  }
  /** Makes a value known that no call makes. */
  declare(name: string, { shape, dtype }: Shaped): GraphValue {
    const value: Shaped = { shape: [...shape], dtype };
    this.#values.set(name, value);
    return { name, ...value };
  }
  state(name: string, kind: GraphStateKind, t: Tensor): string {
    this.states.push({ ...this.declare(name, t), kind });
    this.tensors.set(name, t);
    return name;
  }
  /** Adds a call; the names of its outputs. */
  call(op: AnyOp, inputs: readonly string[], attrs: object, results: readonly Shaped[]): string[] {
    const name = this.unique(op.name.replace(/_$/, ""));
    const names = results.length === 1 ? [name] : results.map((_, i) => `${name}.${i}`);
    this.reserve(names);
    const outputs = names.map((each, i) => this.declare(each, results[i]));
    const off = this.#recording && !isGradEnabled();
    const call = { name, op: op.name, inputs: [...inputs], attrs, outputs, module: this.#module() };
    this.nodes.push(off ? { ...call, noGrad: true } : call);
    this.records.set(op.name, op);
    return names;
  }
}
