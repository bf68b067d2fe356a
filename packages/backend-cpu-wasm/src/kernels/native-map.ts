import { constantValue, type Program, type ProgramNode } from "@flambeau/tensor/plugin";
import { costly } from "../emit/map.ts";

// Pointwise programs as the words that the native kernel "map_f32" goes through (cpu-native/native/map.h says what they are).

/** The sources and the results of a program, by their numbers. */
class Numbers {
  /** Bits. */
  readonly constants: number[] = [];
  registers = 0;
  readonly #free: number[] = [];

  constant(bits: number): number {
    const at = this.constants.indexOf(bits);
    return at < 0 ? this.constants.push(bits) - 1 : at;
  }
  take(): number {
    return this.#free.pop() ?? this.registers++;
  }
  release(register: number): void {
    this.#free.push(register);
  }
}

const word = new Float32Array(1);
const bitsOf = (value: number): number => {
  word[0] = value;
  return new Uint32Array(word.buffer)[0];
};

/** Where a node's value comes from: an input, a run-time number, a constant or a register. */
interface Place {
  readonly kind: "input" | "param" | "const" | "register";
  readonly number: number;
}

/** What the native kernel calls an operation: its name, for arguments of bool behind that type. */
function nameOf(node: ProgramNode, nodes: readonly ProgramNode[]): string {
  const { type } = nodes[node.args[node.args.length - 1]];
  return type === "bool" && node.op !== "where" ? `bool.${node.op}` : node.op;
}

/** The longest arguments, of as many views and loops as there may be, leave this many numbers room. */
const mostParams = 64;
const mostInputs = 16;
/** As many as its work area has room for. */
const mostRegisters = 32;
const mostNodes = 256;

/** The words of a program of float32 that computes something costly; null for one that the kernel cannot have, or need not. */
export function nativeProgram(program: Program, operations: ReadonlyMap<string, number>): Uint32Array | null {
  const { nodes, inputs, output, params } = program;
  if (operations.size === 0 || output !== "float32" || inputs.some((dtype) => dtype !== "float32")) return null;
  if (params > mostParams || inputs.length > mostInputs || nodes.length > mostNodes || !costly(program)) return null;
  const lastUse = new Map<number, number>();
  nodes.forEach(({ args }, i) => {
    for (const arg of args) lastUse.set(arg, i);
  });
  const numbers = new Numbers();
  const places: Place[] = [];
  const steps: { operation: number; to: number; sources: readonly Place[] }[] = [];
  for (const [i, node] of nodes.entries()) {
    if (node.type !== "float32" && node.type !== "bool") return null;
    switch (node.op) {
      case "index":
        return null;
      case "input":
      case "param":
        if (node.type !== "float32") return null;
        places.push({ kind: node.op, number: node.value });
        break;
      case "const": {
        const value = Number(constantValue(node));
        const bits = node.type === "float32" ? bitsOf(value) : value === 0 ? 0 : 0xffffffff;
        places.push({ kind: "const", number: numbers.constant(bits) });
        break;
      }
      default: {
        const operation = operations.get(nameOf(node, nodes));
        if (operation === undefined) return null;
        const sources = node.args.map((arg) => places[arg]);
        // an operation may write where it reads
        for (const arg of new Set(node.args))
          if (lastUse.get(arg) === i && places[arg].kind === "register") numbers.release(places[arg].number);
        const to = i === nodes.length - 1 ? -1 : numbers.take();
        places.push({ kind: "register", number: to });
        steps.push({ operation, to, sources });
      }
    }
  }
  const { constants, registers } = numbers;
  if (registers > mostRegisters) return null;
  const first = { input: 0, param: inputs.length, const: inputs.length + params, register: 0 };
  first.register = first.const + constants.length;
  const words = [inputs.length, params, constants.length, registers, steps.length, ...constants];
  for (const { operation, to, sources } of steps) {
    const numbered = sources.map(({ kind, number }) => first[kind] + number);
    while (numbered.length < 3) numbered.push(numbered[0]);
    words.push(operation, to < 0 ? registers : to, ...numbered);
  }
  return Uint32Array.from(words);
}
