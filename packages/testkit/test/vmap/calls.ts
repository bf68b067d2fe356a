import { keep, noGrad, type Tensor } from "@flambeau/tensor";
import { type Call, encodeAttrs, type Interpreter, type Op, withoutInterpreters } from "@flambeau/tensor/plugin";
import { copiesOf } from "../../src/door/replay.ts";

/** A call that was made at the door: what another test makes again. */
export interface Kept {
  readonly op: Op;
  /** On memory of their own. */
  readonly inputs: readonly Tensor[];
  readonly attrs: object;
}

/** Keeps of each op the first calls that differ in shapes, dtypes or attributes. */
export class Collector implements Interpreter {
  readonly calls = new Map<string, Kept[]>();
  readonly #seen = new Set<string>();
  readonly #most: number;
  /** Elements of the largest input that is kept. */
  readonly #largest: number;

  constructor(most: number, largest: number) {
    this.#most = most;
    this.#largest = largest;
  }

  op(call: Call): readonly Tensor[] {
    const { op, inputs, attrs } = call;
    if (inputs.length > 0 && !op.opaque && !op.draws) this.#keep(op, inputs, attrs);
    return call.next();
  }
  #keep(op: Op, inputs: readonly Tensor[], attrs: object): void {
    const own = this.calls.get(op.name) ?? [];
    if (own.length >= this.#most || inputs.some((t) => t.size > this.#largest)) return;
    const key = JSON.stringify([op.name, inputs.map((t) => [t.shape, t.dtype]), encodeAttrs(attrs)]);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const copies = withoutInterpreters(() => noGrad(() => copiesOf(inputs).map((t) => keep(t))));
    own.push({ op, inputs: copies, attrs });
    this.calls.set(op.name, own);
  }
}
