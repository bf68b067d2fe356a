import type { AnyOp } from "@flambeau/tensor/ops";
import { ViewOp } from "@flambeau/tensor/plugin";
import { showDims } from "../dim.ts";
import { type GraphParts, type GraphState, type GraphValue, namesIn } from "../parts.ts";
import { argumentsOf } from "../print.ts";
import type { Edge } from "./layout.ts";

// What a drawing of a graph shows: boxes with a few lines of text, in groups by module.

/** What a box stands for; drawings color it so. */
export type Look = "input" | "output" | "weights" | "view" | "draw" | "op" | "module";
export interface Box {
  readonly id: string;
  readonly look: Look;
  readonly title: string;
  readonly lines: readonly string[];
  /** All there is to say, for a tooltip. */
  readonly about: string;
}
export interface Frame {
  readonly id: string;
  readonly title: string;
  readonly members: readonly (Box | Frame)[];
}
export interface Scene {
  readonly root: Frame;
  /** From a box to one that stands later. */
  readonly edges: readonly Edge[];
}

export interface GraphDrawOptions {
  /** How deep modules are opened: those of more names in their path are one box. Default: all are opened. */
  readonly depth?: number | undefined;
}

const longest = 34;
const short = (text: string): string => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);
const sized = (v: GraphValue): string => `${v.dtype} ${showDims(v.shape)}`;

/** What a call gives, in a line. */
function resultsOf(outputs: readonly GraphValue[]): string {
  const kinds = new Set(outputs.map(sized));
  const [first] = kinds;
  return short(
    outputs.length === 1 ? first : kinds.size === 1 ? `${first} × ${outputs.length}` : `${outputs.length} results`,
  );
}

interface Growing {
  readonly path: string;
  readonly frame: Frame & { readonly members: (Box | Frame)[] };
}

export function sceneOf(
  graph: GraphParts,
  record: (op: string) => AnyOp,
  { depth = Infinity }: GraphDrawOptions,
): Scene {
  const states = new Map<string, GraphState>(graph.states.map((s) => [s.name, s]));
  const makers = new Map<string, string>(); // box by value
  const edges = new Map<string, Edge>();
  const link = (value: string, to: string): void => {
    const from = makers.get(value);
    if (from !== undefined && from !== to) edges.set(`${from}\n${to}`, [from, to]);
  };
  const root: Growing = { path: "", frame: { id: "", title: "", members: [] } };
  for (const v of graph.inputs) {
    const id = `input ${v.name}`;
    makers.set(v.name, id);
    root.frame.members.push({
      id,
      look: "input",
      title: v.name,
      lines: [sized(v)],
      about: `input ${v.name}: ${sized(v)}`,
    });
  }
  const open: Growing[] = [root];
  let closed: { path: string; id: string; used: Set<string>; frame: Growing; place: number } | null = null;
  for (const call of graph.nodes) {
    if (call.outputs.length === 0) continue; // a check
    const path = pathOf(call.module, graph.modules);
    const shown = path.slice(0, depth);
    while (open.length > 1 && !shown.includes(open[open.length - 1].path)) open.pop();
    for (const each of shown.slice(open.length - 1)) {
      const frame = { id: `${each} ${call.name}`, title: moduleTitle(each, graph), members: [] };
      open[open.length - 1].frame.members.push(frame);
      open.push({ path: each, frame });
    }
    const place = open[open.length - 1];
    const hidden = path[depth];
    const weights = call.inputs.flatMap((name) => states.get(name) ?? []);
    if (hidden !== undefined) {
      if (closed === null || closed.path !== hidden || closed.frame !== place) {
        closed = {
          path: hidden,
          id: `module ${call.name}`,
          used: new Set(),
          frame: place,
          place: place.frame.members.length,
        };
        place.frame.members.push({ id: closed.id, look: "module", title: "", lines: [], about: "" });
      }
      for (const w of weights) closed.used.add(`${w.name} ${showDims(w.shape)}`);
      const kind = graph.modules[hidden] ?? "";
      place.frame.members[closed.place] = {
        id: closed.id,
        look: "module",
        title: kind || hidden,
        lines: [short(hidden), resultsOf(call.outputs)],
        about: [`${hidden} (${kind})`, ...closed.used].join("\n"),
      };
    } else {
      closed = null;
      const { operands, attrs } = argumentsOf(call);
      const op = record(call.op);
      const view = op instanceof ViewOp || op.aliases !== undefined;
      const own = weights.map((w) => `${afterPath(w.name, call.module)} ${showDims(w.shape)}`);
      // numbers among the operands say what the op does; the other inputs are lines of the drawing
      const numbers = operands.filter((x) => !call.inputs.includes(x));
      const settings = call.op === "view" || call.op === "expand" ? [] : [...numbers, ...attrs];
      place.frame.members.push({
        id: call.name,
        look: op.draws ? "draw" : own.length > 0 ? "weights" : view ? "view" : "op",
        title: call.op,
        lines: [
          ...own.map(short),
          ...(settings.length > 0 ? [short(settings.join(", "))] : []),
          resultsOf(call.outputs),
        ],
        about: `${call.name} = ${call.op}(${[...operands, ...attrs].join(", ")})`,
      });
    }
    const id = hidden === undefined ? call.name : (closed as { id: string }).id;
    for (const v of call.outputs) makers.set(v.name, id);
    for (const name of call.inputs) link(name, id);
  }
  ends(graph, root.frame.members, link);
  return { root: flattened(root.frame), edges: [...edges.values()] };
}

/** What the graph gives and changes. */
function ends(graph: GraphParts, members: (Box | Frame)[], link: (value: string, to: string) => void): void {
  const types = new Map<string, GraphValue>(
    [...graph.inputs, ...graph.states, ...graph.nodes.flatMap((c) => c.outputs)].map((v) => [v.name, v]),
  );
  const add = (id: string, title: string, value: string, about: string): void => {
    const v = types.get(value) as GraphValue; // a graph's checks have seen it
    members.push({ id, look: "output", title, lines: [sized(v)], about });
    link(value, id);
  };
  for (const [name, where] of labels(graph)) add(`output ${name}`, where, name, `output ${where}: ${name}`);
  for (const { target, value } of graph.mutations)
    add(`mutation ${target}`, `${short(target)} :=`, value, `${target} := ${value}`);
}
/** The outputs with their places: "output", "0", "y". */
function labels({ output }: GraphParts): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (part: GraphParts["output"], where: string): void => {
    if (typeof part === "string") found.set(part, found.get(part) ?? (where || "output"));
    else if (part !== null)
      for (const [key, x] of Object.entries(part))
        visit(x, where ? `${where}.${key}` : Array.isArray(part) ? `output ${key}` : key);
  };
  visit(output, "");
  for (const name of namesIn(output)) if (!found.has(name)) found.set(name, "output");
  return found;
}

/** The paths of the modules around a call, from the outermost, but for the model itself. */
function pathOf(module: string, modules: { readonly [path: string]: string }): string[] {
  const parts = module.split(".");
  return parts
    .map((_, i) => parts.slice(0, i + 1).join("."))
    .filter((path) => path !== "" && Object.hasOwn(modules, path));
}
const moduleTitle = (path: string, { modules }: GraphParts): string => `${path} (${modules[path]})`; // paths are of modules
const afterPath = (name: string, path: string): string =>
  path !== "" && name.startsWith(`${path}.`) ? name.slice(path.length + 1) : name;

/** A module that makes one call is that call's box, with its name. */
function flattened(frame: Frame): Frame {
  const members = frame.members.map((m) => {
    if (!("members" in m)) return m;
    const inner = flattened(m);
    const [only] = inner.members;
    return inner.members.length === 1 && !("members" in only)
      ? { ...only, lines: [short(inner.title), ...only.lines] }
      : inner;
  });
  return { ...frame, members };
}
