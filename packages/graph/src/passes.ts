import type { AnyOp } from "@flambeau/tensor/ops";
import type { GraphCall, GraphParts } from "./parts.ts";
import { fill, type GraphOutput, namesIn } from "./parts.ts";

/** Whether a call does something beside giving its results: it draws, or checks (and then gives nothing). */
const hasEffect = (call: GraphCall, record: (op: string) => AnyOp): boolean =>
  call.outputs.length === 0 || record(call.op).draws === true;

/**
 * The same without the calls, results and states that nothing depends on. Draws stay, since they move the generator on, and so do checks.
 */
export function withoutDeadNodes(parts: GraphParts, record: (op: string) => AnyOp): GraphParts {
  const used = namesIn(parts.output);
  for (const { target, value } of parts.mutations) used.add(target).add(value);
  const nodes: GraphCall[] = [];
  for (let i = parts.nodes.length - 1; i >= 0; i--) {
    const call = parts.nodes[i];
    if (!hasEffect(call, record) && !call.outputs.some(({ name }) => used.has(name))) continue;
    for (const name of call.inputs) used.add(name);
    nodes.push(record(call.op).aliases === "each" ? call : withoutRest(call, used));
  }
  nodes.reverse();
  const paths = new Set(nodes.map(({ module }) => module));
  return renamed({
    ...parts,
    nodes,
    states: parts.states.filter(({ name }) => used.has(name)),
    modules: Object.fromEntries(Object.entries(parts.modules).filter(([path]) => isAbove(path, paths))),
  });
}
/** Without the last results, when nothing reads them: what an op keeps for its gradient, say. */
function withoutRest(call: GraphCall, used: ReadonlySet<string>): GraphCall {
  const count = call.outputs.findLastIndex(({ name }) => used.has(name)) + 1;
  return count === 0 || count === call.outputs.length ? call : { ...call, outputs: call.outputs.slice(0, count) };
}
/** Results that are left alone have the names of their calls. */
function renamed(parts: GraphParts): GraphParts {
  const names = new Map<string, string>();
  for (const { name, outputs } of parts.nodes)
    if (outputs.length === 1 && outputs[0].name === `${name}.0`) names.set(outputs[0].name, name);
  if (names.size === 0) return parts;
  const now = (name: string): string => names.get(name) ?? name;
  return {
    ...parts,
    nodes: parts.nodes.map((call) => ({
      ...call,
      inputs: call.inputs.map(now),
      outputs: call.outputs.map((v) => ({ ...v, name: now(v.name) })),
    })),
    output: fill(parts.output, now) as GraphOutput, // names for names
    mutations: parts.mutations.map(({ target, value }) => ({ target, value: now(value) })),
  };
}
/** Whether a module, or one inside of it, made a call that is left. */
const isAbove = (path: string, paths: ReadonlySet<string>): boolean =>
  [...paths].some((p) => p === path || path === "" || p.startsWith(`${path}.`));
