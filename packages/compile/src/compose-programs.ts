import type { DType } from "@flambeau/tensor/functional";
import { type Program, ProgramBuilder, type ProgramNode, type ScalarType, scalarType } from "@flambeau/tensor/plugin";

/** Where an input of a program comes from once programs are joined. */
export type Source =
  // a window, by its number
  | { readonly input: number }
  // what a program computes of such windows
  | { readonly program: Program; readonly inputs: readonly number[]; readonly firstParam: number };

/**
 * One program that computes `program` of what others compute: each keeps its types, and what lay in memory between them as its dtype lies
 * there no more. Only dtypes that hold what is computed (`isExact`) may be left out so.
 */
export function composePrograms(
  program: Program,
  sources: readonly Source[],
  inputs: readonly DType[],
  params: number,
): Program {
  const builder = new ProgramBuilder();
  // nodes are added as the result needs them, so that it comes last
  const emit = (from: Program, leaf: (node: ProgramNode) => number | null): number => {
    const numbers: number[] = [];
    const want = (i: number): number => {
      const node = from.nodes[i];
      numbers[i] ??=
        leaf(node) ??
        builder.add(node.args.length === 0 ? node : ({ ...node, args: node.args.map(want) } as ProgramNode));
      return numbers[i];
    };
    return want(from.nodes.length - 1);
  };
  const read = (value: number, type: ScalarType): number => builder.add({ op: "input", type, args: [], value });
  const leaves =
    (firstParam: number, input: (value: number, type: ScalarType) => number) =>
    (node: ProgramNode): number | null => {
      if (node.op === "input") return input(node.value, node.type);
      return node.op === "param" ? builder.add({ ...node, value: firstParam + node.value }) : null;
    };
  emit(
    program,
    leaves(0, (i, type) => {
      const source = sources[i];
      if ("input" in source) return read(source.input, type);
      const result = emit(
        source.program,
        leaves(source.firstParam, (k, t) => read(source.inputs[k], t)),
      );
      return builder.at(result).type === type ? result : builder.add({ op: "cast", type, args: [result], value: 0 });
    }),
  );
  return builder.finish(inputs, params, program.output);
}

/** Whether a map's program gives its input as it is. */
export function isCopy(what: object | null): boolean {
  const { nodes, inputs, output } = what as Program;
  return nodes.length === 1 && nodes[0].op === "input" && inputs.length === 1 && inputs[0] === output;
}

/** Whether what is stored as this dtype is what was computed: not so of narrow integers and of halves. */
export const isExact = (dtype: DType): boolean => dtype === scalarType(dtype);

/** Types that devices compute in the same lanes. */
const alike: ReadonlySet<ScalarType> = new Set(["float32", "int32", "bool"]);
/** Whether programs may become one without taking the fast form from either. */
export function compatible(a: Program, b: Program): boolean {
  const types = new Set([...a.nodes, ...b.nodes].map((node) => node.type));
  if ([...types].every((type) => alike.has(type))) return true;
  types.delete("bool");
  return types.size === 1;
}

/** Operations that cost about what reading an element does. */
const light: ReadonlySet<ProgramNode["op"]> = new Set([
  "input",
  "param",
  "const",
  "index",
  "cast",
  "neg",
  "abs",
  "sign",
  "floor",
  "ceil",
  "round",
  "trunc",
  "sqrt",
  "recip",
  "add",
  "sub",
  "mul",
  "div",
  "min",
  "max",
  "eq",
  "ne",
  "lt",
  "le",
  "gt",
  "ge",
  "isnan",
  "and",
  "or",
  "xor",
  "not",
  "where",
]);
export const heavyOf = ({ nodes }: Program): number => nodes.filter(({ op }) => !light.has(op)).length;
/** Operations, leaves left out. */
export const operationsOf = ({ nodes }: Program): number =>
  nodes.filter(({ op, args }) => args.length > 0 && op !== "cast").length;
export const usesIndex = ({ nodes }: Program): boolean => nodes.some(({ op }) => op === "index");
