import type { Module } from "@flambeau/nn";
import { DataDependentError, defaultGenerator, isTensor, noGrad, type Tensor } from "@flambeau/tensor";
import { context, viewOf } from "@flambeau/tensor/plugin";
import { copiesOf, elementsOf } from "../../testkit/src/door/replay.ts";
import { capture, Graph } from "../src/index.ts";

type AnyFunction = (...args: unknown[]) => unknown;

const isPlain = (x: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(x));
/** A value with other tensors in the place of its own. */
function replaced(x: unknown, by: (t: Tensor) => Tensor): unknown {
  if (isTensor(x)) return by(x);
  if (Array.isArray(x)) return x.map((part) => replaced(part, by));
  if (typeof x === "object" && x !== null && isPlain(x))
    return Object.fromEntries(Object.entries(x).map(([key, part]) => [key, replaced(part, by)]));
  return x;
}
/** The tensors in a value, each once. */
export function tensorsIn(x: unknown, into = new Set<Tensor>()): Set<Tensor> {
  if (isTensor(x)) into.add(x);
  else if (typeof x === "object" && x !== null) for (const part of Object.values(x)) tensorsIn(part, into);
  return into;
}
const bits = (tensors: Iterable<Tensor>): string =>
  [...tensors].map((t) => `${t.dtype} [${t.shape}] ${Buffer.from(elementsOf(t)).toString("hex")}`).join("\n");

/** What a call was found to be: as it should, or why it cannot be captured, or what is wrong. */
export type Finding =
  | { readonly kind: "same" | "refused" | "skipped" }
  | { readonly kind: "wrong"; readonly what: string };

/**
 * The law of captured programs: capture changes nothing; a run gives the bits that the function gives, and leaves the same in inputs and states; and so does
 * the graph that comes back from JSON.
 */
export function judge(fn: AnyFunction, args: readonly unknown[], model?: Module): Finding {
  const inputs = [...tensorsIn(args)];
  const states = model ? [...model.parameters(), ...model.buffers()] : [];
  const all = [...inputs, ...states];
  const wrong = (what: string): Finding => ({ kind: "wrong", what });
  const before = bits(all);
  const draws = defaultGenerator.getState();
  const plain = () => noGrad(() => fn(...args));
  let graph: Graph;
  try {
    graph = noGrad(() =>
      capture(
        (...given: readonly Tensor[]) => fn(...(replaced(args, (t) => given[inputs.indexOf(t)] ?? t) as unknown[])),
        inputs,
        model ? { model } : {},
      ),
    );
  } catch (error) {
    if (bits(all) !== before) return wrong("a capture that fails changes its inputs");
    if (error instanceof DataDependentError) return { kind: "refused" };
    if (
      error instanceof Error &&
      /^capture: .*(gives .*, and a graph gives tensors|given as two inputs|shows a part of its memory|another shape|draws from two|uses a tensor on)/.test(
        error.message,
      )
    )
      return { kind: "skipped" };
    try {
      plain();
    } catch {
      return { kind: "skipped" }; // refused anyway
    }
    return wrong(`capture: ${error instanceof Error ? error.message : error}`);
  }
  if (bits(all) !== before) return wrong("capture changes its inputs");
  if (Buffer.compare(defaultGenerator.getState(), draws) !== 0) return wrong("capture draws");
  const saved = copiesOf(all);
  // what repeats an element (a mask that was expanded) no op writes
  const isWritable = (t: Tensor) => t.strides.every((step, d) => step !== 0 || t.shape[d] <= 1);
  const putBack = () =>
    noGrad(() =>
      all.forEach((t, i) => {
        if (isWritable(t)) viewOf(t, t.shape, t.strides, t.offset).copy_(saved[i]);
      }),
    );
  const results: string[] = [];
  let eager = "";
  const run = (program: () => unknown): string => {
    defaultGenerator.setState(draws);
    const out = bits(tensorsIn(program()));
    const left = `${out}\nafter:\n${bits(all)}`;
    putBack();
    return left;
  };
  try {
    eager = run(plain);
    const again = Graph.fromJSON(JSON.parse(JSON.stringify(graph)), graph.tensors, { ops: opsOf(graph) });
    for (const g of [graph, again]) results.push(run(() => noGrad(() => g.run(inputs))));
  } catch (error) {
    return wrong(`${error instanceof Error ? error.message : error}\n${graph}`);
  } finally {
    defaultGenerator.setState(draws);
    graph.dispose();
  }
  const bad = results.find((r) => r !== eager);
  return bad === undefined ? { kind: "same" } : wrong(`gives\n${bad}\nand not\n${eager}\n${graph}`);
}
const opsOf = (graph: Graph) => Object.fromEntries(graph.nodes.map((call) => [call.op, graph.record(call.op)]));

/** What has no elements to compare: nobody has set them. */
const unset = /^(empty|emptyLike|newEmpty|newEmptyStrided|emptyStrided|resize.*)$/;

/** Judges each call of functions and modules, the first so many of each name. */
export class Judge {
  readonly problems = new Map<string, string>();
  readonly counts = new Map<string, Map<Finding["kind"], number>>();
  readonly #most: number;
  #inside = false;

  constructor(most: number) {
    this.#most = most;
  }
  functions<F extends { readonly [name: string]: unknown }>(functions: F): F {
    return Object.fromEntries(
      Object.entries(functions).map(([name, value]) => [
        name,
        typeof value === "function" && !isClass(value) ? this.#watched(name, value as AnyFunction) : value,
      ]),
    ) as F; // the same names
  }
  classes<F extends { readonly [name: string]: unknown }>(classes: F): F {
    return Object.fromEntries(
      Object.entries(classes).map(([name, value]) => [
        name,
        typeof value === "function" && isClass(value)
          ? new Proxy(value, {
              construct: (target, args) => {
                const module = Reflect.construct(target, args) as Pick<Module, "forward">;
                if (module.forward) {
                  const inner = module.forward;
                  const model = "isModule" in module ? (module as Module) : undefined; // losses are modules of another kind
                  const forward = this.#watched(name, (...given) => inner.apply(module, given), model);
                  Object.defineProperty(module, "forward", {
                    value: forward,
                    enumerable: false,
                    configurable: true,
                    writable: true,
                  });
                }
                return module;
              },
            })
          : value,
      ]),
    ) as F; // the same names
  }
  #watched(name: string, fn: AnyFunction, model?: Module): AnyFunction {
    return (...args) => {
      if (this.#inside || context.stack !== null || unset.test(name)) return fn(...args);
      const counts = this.counts.get(name) ?? new Map<Finding["kind"], number>();
      this.counts.set(name, counts);
      if ([...counts.values()].reduce((a, b) => a + b, 0) < this.#most) {
        this.#inside = true;
        try {
          const finding = judge(fn, args, model);
          counts.set(finding.kind, (counts.get(finding.kind) ?? 0) + 1);
          if (finding.kind === "wrong" && !this.problems.has(name)) this.problems.set(name, finding.what);
        } finally {
          this.#inside = false;
        }
      }
      return fn(...args);
    };
  }
}
const isClass = (f: unknown): boolean => /^class\b/.test(Function.prototype.toString.call(f));
