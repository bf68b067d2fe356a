import { backendOf, DataDependentError, noGrad, type Tensor } from "@flambeau/tensor";
import {
  bytesOf,
  type Call,
  dispatch,
  emptyOn,
  type Interpreter,
  viewOf,
  withoutInterpreters,
} from "@flambeau/tensor/plugin";

const form = (t: Tensor): string => `${t.dtype} [${t.shape}] by [${t.size > 0 ? t.strides : ""}]`;

/** Runs each call also on "meta", on inputs of the same layout: shapes, dtypes and strides must be those of the device. */
export class MetaTwin implements Interpreter {
  /** What was wrong, by the op's name; the first of each. */
  readonly problems = new Map<string, string>();
  /** Ops that said that they depend on values. */
  readonly dependent = new Set<string>();
  /** Ops that were compared. */
  readonly compared = new Set<string>();

  readonly #kept: { readonly [op: string]: number };

  /** `kept`: the first result, by op, that is the device's business. */
  constructor(kept: { readonly [op: string]: number } = {}) {
    this.#kept = kept;
  }

  op(call: Call): readonly Tensor[] {
    const { op, inputs, attrs } = call;
    if (op.opaque) return call.next();
    const twins = withoutInterpreters(() => inputs.map(twinOf));
    const outputs = call.next();
    const problem = withoutInterpreters(() => noGrad(() => this.#compare(call, twins, attrs, outputs)));
    if (problem !== null && !this.problems.has(op.name)) this.problems.set(op.name, problem);
    return outputs;
  }

  #compare({ op }: Call, twins: readonly Tensor[], attrs: object, outputs: readonly Tensor[]): string | null {
    let found: readonly Tensor[];
    try {
      found = dispatch(op, twins, "device" in attrs ? { ...attrs, device: "meta" } : attrs);
    } catch (error) {
      if (error instanceof DataDependentError) {
        this.dependent.add(op.name);
        return null;
      }
      return `fails on meta: ${error instanceof Error ? error.message : String(error)}`;
    }
    this.compared.add(op.name);
    const most = this.#kept[op.name] ?? outputs.length;
    const [ours, wanted] = [found, outputs].map((list) => list.slice(0, most).map(form).join("; "));
    return ours === wanted ? null : `gives ${ours} on meta, ${wanted} on the device`;
  }
}

function twinOf(t: Tensor): Tensor {
  const memory = emptyOn(backendOf("meta"), t.dtype, [Math.ceil(t.storage.byteLength / bytesOf(t.dtype))]);
  return viewOf(memory, t.shape, t.strides, t.offset);
}
