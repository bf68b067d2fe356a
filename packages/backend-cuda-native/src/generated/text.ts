import type { DType } from "@flambeau/tensor";
import { dtypeCode, type Program, type ProgramNode, type ReduceKind, type ScalarType, scalarType } from "@flambeau/tensor/plugin";
import { kindOf } from "../combine.ts";
import { kernelSource } from "../ptx.ts";

// Programs as CUDA C++. A node becomes a call of the function that the interpreter calls for it (native/kernels/scalar.cuh), with its operation as a
// constant: what is computed is the same, and the compiler leaves nothing of the choice.

/** How a text holds scalars of a type. */
const held: { readonly [T in ScalarType]: string } = {
  bool: "int32",
  int32: "int32",
  int64: "int64",
  float32: "float",
  float64: "double",
};
/** What a conversion to a type is: `As<float>`. That to bool asks for "not 0". */
const converted: { readonly [T in ScalarType]: string } = { ...held, bool: "bool" };

const comparisons: ReadonlySet<string> = new Set(["eq", "ne", "lt", "le", "gt", "ge", "isnan"]);

const hex = (bits: bigint, width: 32 | 64): string => `0x${BigInt.asUintN(width, bits).toString(16)}${width === 32 ? "u" : "ull"}`;
function constant({ type, value }: ProgramNode): string {
  const bits = BigInt(value);
  switch (type) {
    case "int64":
      return `int64(${hex(bits, 64)})`;
    case "float32":
      return `floatOf(${hex(bits, 32)})`;
    case "float64":
      return `doubleOf(${hex(bits, 64)})`;
    default:
      return `int32(${hex(bits, 32)})`;
  }
}

function valueOf(node: ProgramNode, nodes: readonly ProgramNode[], inputs: readonly DType[]): string {
  const { op, type, args, value } = node;
  const [x = "", y = x, z = ""] = args.map((a) => `v${a}`);
  switch (op) {
    case "input":
      return `load.template as<${converted[type]}>(${value}, ${dtypeCode(inputs[Number(value)])})`;
    case "param":
      return `As<${converted[type]}>{}(p${value})`;
    case "const":
      return constant(node);
    case "index":
      return `As<${converted[type]}>{}(int32(index))`;
    case "cast":
      return `As<${converted[type]}>{}(${x})`;
    case "where":
      return `${x} ? ${y} : ${z}`;
    default: {
      const of = nodes[args[0]].type;
      if (of === "bool") return `logical(op_${op}, ${x}, ${y})`;
      if (comparisons.has(op)) return `compared(op_${op}, ${x}, ${y})`;
      return `${of === "float32" || of === "float64" ? "real" : "whole"}(op_${op}, ${x}, ${y})`;
    }
  }
}

/** A structure that stands where the interpreter's does (native/kernels/program.cuh). */
function structure(name: string, { nodes, inputs, params, output }: Program, combination: number): string {
  const numbers = Array.from({ length: params }, (_, i) => `p${i}`);
  const own = held[scalarType(output)];
  const lines = nodes.map((node, n) => `    const ${held[node.type]} v${n} = ${valueOf(node, nodes, inputs)};`);
  return `struct ${name} {
${numbers.map((number) => `  double ${number};\n`).join("")}  DEVICE explicit ${name}(Words& words)${params > 0 ? " : " : ""}${numbers.map((number) => `${number}(words.real())`).join(", ")} {}
  DEVICE static int combination(int64) { return ${combination}; }
  template <class T, class Load> DEVICE T result(Value*, uint32 index, const Load& load) const {
${lines.join("\n")}
    return v${nodes.length - 1};
  }
  template <class Load> DEVICE void put(const Memory& to, int64 place, Value* own, uint32 index, const Load& load) const {
    Memory{to.pointer, ${dtypeCode(output)}}.set<${own}>(place, result<${own}>(own, index, load));
  }
};
`;
}

/** A program, and how its results are combined where they are. Texts of several tell them apart by what their kernels' names end with. */
export interface Source {
  readonly program: Program;
  readonly kind: ReduceKind | null;
  readonly suffix: string;
}

/** "map", and "map_flat" for views that are rows without gaps; "reduce_short" and "reduce_long" where results are combined. */
function kernels({ program, kind, suffix }: Source): string {
  const name = `Program${suffix}`;
  const text = structure(name, program, kind === null ? 0 : kindOf(kind));
  if (kind === null)
    return `${text}
KERNEL(map${suffix}) { mapWith<${name}, AtPosition>(args); }
KERNEL(map_flat${suffix}) { mapWith<${name}, AtPlace>(args); }
`;
  const of = `<${name}, ${held[scalarType(program.output)]}>`;
  return `${text}
KERNEL(reduce_short${suffix}) { reduceShortWith${of}(args); }
BLOCK_KERNEL(reduce_long${suffix}) { reduceLongWith${of}(args); }
`;
}
/** What is compiled for programs that are all pointwise, or all combined. */
export const textOf = (sources: readonly Source[]): string =>
  shared(sources[0]?.kind === null ? "map" : "reduce") + sources.map(kernels).join("\n");

const texts = new Map<string, string>();
/** The kernels' own sources (native/kernels) as one text. They include nothing: NVRTC has no files. */
function shared(family: "map" | "reduce"): string {
  let text = texts.get(family);
  if (text === undefined) {
    const files = ["platform", "elements", "special", "scalar", "combine", family];
    const sources = files.map((name) =>
      kernelSource(name).replace(/^#(include|pragma once).*\n/gm, ""),
    );
    texts.set(family, (text = head + sources.join("")));
  }
  return text;
}
/** What the mathematics header has, without which NVRTC knows all functions. */
const head = `#define GENERATED
#ifdef __CUDACC_RTC__
#define INFINITY __int_as_float(0x7f800000)
#define NAN __int_as_float(0x7fffffff)
#endif
`;
