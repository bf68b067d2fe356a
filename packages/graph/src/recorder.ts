import { ArgumentError, DataDependentError, type Generator, type Tensor } from "@flambeau/tensor/functional";
import { type AnyOp, ops } from "@flambeau/tensor/ops";
import { type Call, encodeAttrs, type Interpreter, sameShape, showShape, ViewOp } from "@flambeau/tensor/plugin";
import { Builder } from "./builder.ts";
import type { ConstantAttrs } from "./draft.ts";
import { emitWrite } from "./functional.ts";
import { shows, Values, type Window, windowOf } from "./memory.ts";
import type { ModulePaths } from "./modules.ts";
import { writtenBy } from "./ops.ts";
import type { GraphMutation, GraphStateKind } from "./parts.ts";
import { Restorer } from "./restore.ts";
import { emitView, type Step, stepsTo } from "./views.ts";

/** A tensor that has a name before the program runs. */
export interface Named {
  readonly name: string;
  readonly kind: GraphStateKind | "input";
}

/** Ops whose results have as many elements as their inputs' values say. */
const dependent: ReadonlySet<string> = new Set(["flatNonzero", "nonzero", "nonzeroPlaces"]);

/** Writes down what a program does, as calls that change nothing, while it runs. */
export class Recorder implements Interpreter {
  readonly builder: Builder;
  readonly values: Values;
  readonly restorer = new Restorer();
  /** What the program did that no graph can do; it may have caught the error. */
  refused: Error | null = null;
  readonly #device: string;
  readonly #named = new Map<Tensor, Named & { readonly window: Window }>();
  /** The same by their memory: the program may have other handles on it. */
  readonly #alike = new Map<Tensor["storage"], (Named & { readonly window: Window })[]>();
  /** What the constants that the program made from numbers were made with. */
  readonly constants = new Map<string, ConstantAttrs>();
  readonly #given = new Map<string, Tensor>();
  readonly #again = new Map<Tensor, string>();
  #generator: Generator | null = null;

  constructor(device: string, named: ReadonlyMap<Tensor, Named>, modules: ModulePaths) {
    this.#device = device;
    this.builder = new Builder(() => modules.current);
    this.builder.reserve([...named.values()].map(({ name }) => name));
    this.values = new Values(this.builder, (t) => this.#meet(t));
    for (const [t, { name, kind }] of named) {
      this.restorer.watch(t);
      const known = { name, kind, window: windowOf(t) };
      this.#named.set(t, known);
      this.#alike.set(t.storage, [...(this.#alike.get(t.storage) ?? []), known]);
      if (kind === "input") this.builder.declare(name, t);
    }
  }

  op(call: Call): readonly Tensor[] {
    const { op, inputs, attrs } = call;
    if (dependent.has(op.name))
      this.#refuse(
        new DataDependentError(
          `capture: how many elements ${op.name} gives depends on values, and a graph has one shape for each tensor`,
          "where() and masked_fill keep the shape",
        ),
      );
    const names = inputs.map((t) => this.values.read(t));
    const written = writtenBy(op, inputs, attrs);
    for (const i of written) if (!this.values.isOwn(inputs[i])) this.restorer.copy(inputs[i]);
    if (op.draws) this.#draw(attrs as { generator: Generator });
    const outputs = call.next();
    if (op === (ops.constant as AnyOp)) this.#constant(attrs as ConstantAttrs, outputs[0]);
    else this.#record(op, names, inputs, this.#plain(op, attrs), outputs, written);
    return outputs;
  }

  read(op: string, x: Tensor): void {
    const name = this.values.read(x);
    this.#refuse(
      new DataDependentError(
        `${op}: the program reads the values of "${name}" while it is captured, and what comes next depends on them`,
        "a graph computes the same for all values: where(), clamp() and masks choose by value",
      ),
    );
  }

  /** The value of a tensor that the function gives. Tensors that are two stay two, even where they have one value. */
  given(t: Tensor): string {
    const value = this.values.read(t);
    const first = this.#given.get(value);
    if (first === undefined || first === t) {
      this.#given.set(value, t);
      return value;
    }
    const again = this.#again.get(t) ?? emitView(this.builder, { op: ops.alias as ViewOp<object>, attrs: {} }, value);
    this.#again.set(t, again);
    return again;
  }
  /** What inputs and states are at the end of the program, where it changed them. */
  mutations(): GraphMutation[] {
    const found = new Map<string, string>([...this.values.written].map(([name, { value }]) => [name, value]));
    // a handle that was given other memory
    for (const [t, { name, kind, window }] of this.#named)
      if (!shows(window, t)) {
        if (!sameShape(window.shape, t.shape))
          throw new ArgumentError(
            "capture",
            `the program gives ${kind} "${name}" another shape, ${showShape(t.shape)} in the place of ${showShape(window.shape)}`,
            "change the shape of a view of it",
          );
        found.set(name, this.values.read(t));
        this.#use(name, kind, t);
      }
    return [...found].filter(([target, value]) => target !== value).map(([target, value]) => ({ target, value }));
  }

  #refuse(error: Error): never {
    this.refused ??= error;
    throw error;
  }

  /** A tensor from outside, seen for the first time. */
  #meet(t: Tensor): string {
    if (t.device !== this.#device && t.ndim > 0)
      this.#refuse(
        new ArgumentError(
          "capture",
          `the program uses a tensor on "${t.device}", and its inputs are on "${this.#device}"`,
          `await x.toAsync("${this.#device}") it outside of the function`,
        ),
      );
    this.restorer.watch(t);
    const known = this.#named.get(t) ?? this.#alike.get(t.storage)?.find(({ window }) => shows(window, t));
    if (known) {
      this.#use(known.name, known.kind, t);
      return known.name;
    }
    const owner = [...this.#named].find(([p]) => p.grad === t);
    return this.builder.state(this.builder.unique(owner ? `${owner[1].name}.grad` : "constant"), "constant", t);
  }
  /** Has a parameter or buffer among the graph's states. */
  #use(name: string, kind: Named["kind"], t: Tensor): void {
    if (kind !== "input" && !this.builder.tensors.has(name)) this.builder.state(name, kind, t);
  }

  #draw({ generator }: { generator: Generator }): void {
    this.#generator ??= generator;
    if (generator !== this.#generator)
      this.#refuse(
        new ArgumentError(
          "capture",
          "the program draws from two generators, a graph from one",
          "pass one to all draws",
        ),
      );
    this.restorer.draw(generator);
  }

  #constant(attrs: ConstantAttrs, out: Tensor): void {
    const name = this.builder.unique("constant");
    this.builder.states.push({ ...this.builder.declare(name, out), kind: "constant" });
    this.constants.set(name, attrs);
    this.values.made(out, name);
  }

  /** Attributes as a graph has them. */
  #plain(op: AnyOp, attrs: object): object {
    const { generator, ...rest } = attrs as { generator?: unknown; device?: unknown; from?: unknown };
    const plain = op.draws || generator === undefined ? rest : { ...rest, generator };
    // the graph's device is that of a run
    if (plain.device === this.#device) plain.device = null;
    if (plain.from === this.#device) plain.from = null;
    try {
      encodeAttrs(plain);
    } catch (error) {
      this.#refuse(
        new ArgumentError("capture", `${op.name}: ${error instanceof Error ? error.message : String(error)}`),
      );
    }
    return plain;
  }

  #record(
    op: AnyOp,
    names: readonly string[],
    inputs: readonly Tensor[],
    attrs: object,
    outputs: readonly Tensor[],
    written: readonly number[],
  ): void {
    if (written.length === 1 && written[0] === 0 && outputs.length === 1 && !op.draws) {
      const value = emitWrite(this.builder, op, names, inputs, attrs);
      if (value !== null) {
        this.values.write(inputs[0], value);
        return;
      }
    }
    if (op === (ops.memory as AnyOp))
      this.#refuse(
        new ArgumentError(
          "capture",
          "asStrided() here shows memory beside its tensor, or one whose elements lie in another order",
          "contiguous() it before",
        ),
      );
    const values = this.builder.call(op, names, attrs, outputs);
    outputs.forEach((t, k) => {
      if (k < written.length) {
        this.values.write(inputs[written[k]], values[k]);
        return;
      }
      const steps = stepsOf(op, attrs, inputs, t, k);
      if (steps) this.values.viewed(t, inputs[sourceOf(op, k)], steps, values[k]);
      else this.values.made(t, values[k]);
    });
  }
}

/** The input whose memory result `k` shows. */
const sourceOf = ({ aliases }: AnyOp, k: number): number =>
  aliases === undefined || aliases === "each" ? 0 : (aliases.find(([out]) => out === k)?.[1] ?? 0);

/** The way from that input to result `k`; null where it has memory of its own. */
function stepsOf(op: AnyOp, attrs: object, inputs: readonly Tensor[], out: Tensor, k: number): readonly Step[] | null {
  if (op instanceof ViewOp) return [{ op, attrs }];
  const { aliases } = op;
  if (aliases === undefined || (aliases !== "each" && !aliases.some(([o]) => o === k))) return null;
  const source = inputs[sourceOf(op, k)];
  if (op === ops.split) {
    const { dim, sizes } = attrs as { dim: number; sizes: readonly number[] };
    const start = sizes.slice(0, k).reduce((a, b) => a + b, 0);
    return [{ op: ops.slice as ViewOp<object>, attrs: { dim, start, length: sizes[k], step: 1 } }];
  }
  if (op === ops.unbind) {
    const { dim } = attrs as { dim: number };
    return [{ op: ops.select as ViewOp<object>, attrs: { dim, index: k } }];
  }
  const { shape, strides, offset } = out;
  return stepsTo(source.shape, { shape, strides, offset: offset - source.offset });
}
