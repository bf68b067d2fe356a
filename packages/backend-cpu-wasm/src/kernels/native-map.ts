import type { DType } from "@flambeau/tensor";
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

/** What an operation reads: a node's value, or a number of its own, by its bits. */
type Operand = number | { readonly bits: number };
/** A node as the kernel computes it, together with the nodes that only it asks for. */
interface Step {
  readonly name: string;
  readonly operands: readonly Operand[];
}

/** What the native kernel calls an operation: its name, for arguments of bool behind that type. */
function nameOf(node: ProgramNode, nodes: readonly ProgramNode[]): string {
  const { type } = nodes[node.args[node.args.length - 1]];
  return type === "bool" && node.op !== "where" ? `bool.${node.op}` : node.op;
}

const one: Operand = { bits: bitsOf(1) };
const minusOne: Operand = { bits: bitsOf(-1) };
/** What added to anything leaves it as it is, a zero's sign included. */
const nothing: Operand = { bits: bitsOf(-0) };

/** Finds what the kernel does in one go: products that are added to something, and functions of a multiple, plus a number, times something. */
class Joining {
  readonly #nodes: readonly ProgramNode[];
  readonly #operations: ReadonlyMap<string, number>;
  readonly #uses: number[];
  /** Nodes that others have taken in. */
  readonly taken = new Set<number>();

  constructor({ nodes }: Program, operations: ReadonlyMap<string, number>) {
    this.#nodes = nodes;
    this.#operations = operations;
    this.#uses = new Array<number>(nodes.length).fill(0);
    for (const { args } of nodes) for (const arg of args) this.#uses[arg]++;
  }

  /** Asked for each node from the last to the first. */
  step(i: number): Step {
    const node = this.#nodes[i];
    if (node.type !== "float32") return this.#alone(node);
    return this.#product(node) ?? this.#affine(i, false) ?? this.#sum(node) ?? this.#alone(node);
  }
  #alone(node: ProgramNode): Step {
    return { name: nameOf(node, this.#nodes), operands: node.args };
  }
  #isStill(i: number): boolean {
    const { op } = this.#nodes[i];
    return op === "const" || op === "param";
  }
  #is(i: number, op: ProgramNode["op"]): boolean {
    return this.#nodes[i].op === op && this.#nodes[i].type === "float32" && this.#uses[i] === 1;
  }
  #take(step: Step, ...nodes: number[]): Step {
    for (const node of nodes) this.taken.add(node);
    return step;
  }

  /** F(x·scale) + shift of node i: unless `alone`, only where there is one of the two. */
  #affine(i: number, alone: boolean): Step | null {
    const node = this.#nodes[i];
    if (this.#operations.has(`affine.${node.op}`)) {
      const scaled = this.#scaled(node.args[0]);
      if (scaled === null && !alone) return null;
      return { name: `affine.${node.op}`, operands: [...(scaled ?? [node.args[0], one]), nothing] };
    }
    if (node.op !== "add") return null;
    for (const [f, shift] of [node.args, [node.args[1], node.args[0]]]) {
      const of = this.#nodes[f];
      if (!this.#isStill(shift) || this.#uses[f] !== 1 || !this.#operations.has(`affine.${of.op}`)) continue;
      const inside = this.#affine(f, true) as Step; // there is such an operation
      return this.#take({ name: inside.name, operands: [...inside.operands.slice(0, 2), shift] }, f);
    }
    return null;
  }
  /** x and the scale, where that is what node i is, for one use. */
  #scaled(i: number): Operand[] | null {
    if (this.#is(i, "neg")) return this.#taking(i, [this.#nodes[i].args[0], minusOne]);
    if (!this.#is(i, "mul")) return null;
    const [x, y] = this.#nodes[i].args;
    if (this.#isStill(y)) return this.#taking(i, [x, y]);
    return this.#isStill(x) ? this.#taking(i, [y, x]) : null;
  }
  #taking(i: number, operands: Operand[]): Operand[] {
    this.taken.add(i);
    return operands;
  }
  /** (F(x·scale) + shift)·y. */
  #product({ op, args }: ProgramNode): Step | null {
    if (op !== "mul" || args[0] === args[1]) return null;
    for (const [f, y] of [args, [args[1], args[0]]]) {
      if (this.#uses[f] !== 1 || this.#nodes[f].type !== "float32") continue;
      const inside = this.#affine(f, true);
      if (inside === null) continue;
      const name = inside.name.replace("affine.", "product.");
      return this.#take({ name, operands: [...inside.operands, y] }, f);
    }
    return null;
  }
  /** x·y + z, x·y - z, z - x·y. */
  #sum({ op, args }: ProgramNode): Step | null {
    if (op !== "add" && op !== "sub") return null;
    const [a, b] = args;
    if (this.#is(a, "mul"))
      return this.#take(
        { name: op === "add" ? "productPlus" : "productMinus", operands: [...this.#nodes[a].args, b] },
        a,
      );
    if (this.#is(b, "mul"))
      return this.#take(
        { name: op === "add" ? "productPlus" : "minusProduct", operands: [...this.#nodes[b].args, a] },
        b,
      );
    return null;
  }
}

/** The longest arguments, of as many views and loops as there may be, leave this many numbers room. */
const mostParams = 64;
const mostInputs = 16;
/** As many as its work area has room for. */
const mostRegisters = 32;
const mostNodes = 256;

/** How values are stored, by the kernel's numbers. */
const storedAs = new Map<DType, number>([
  ["float32", 0],
  ["float16", 1],
  ["bfloat16", 2],
]);

/** The words of a program that computes something costly in float32, or with half floats; null for one that the kernel cannot have, or need not. */
export function nativeProgram(program: Program, operations: ReadonlyMap<string, number>): Uint32Array | null {
  const { nodes, inputs, output, params } = program;
  const types = [output, ...inputs].map((dtype) => storedAs.get(dtype) ?? -1);
  if (operations.size === 0 || types.includes(-1)) return null;
  if (params > mostParams || inputs.length > mostInputs || nodes.length > mostNodes) return null;
  if (types.every((type) => type === 0) && !costly(program)) return null;
  const joining = new Joining(program, operations);
  const steps = new Map<number, Step>();
  for (let i = nodes.length - 1; i >= 0; i--)
    if (nodes[i].args.length > 0 && !joining.taken.has(i)) steps.set(i, joining.step(i));
  const lastUse = new Map<Operand, number>();
  for (const [i, { operands }] of [...steps].reverse()) for (const operand of operands) lastUse.set(operand, i);
  const numbers = new Numbers();
  /** Numbers of sources, counted from the first of their kind. */
  const places = new Map<number, readonly [kind: number, number: number]>();
  const coded: (readonly [operation: number, to: number, ...sources: (readonly [number, number])[]])[] = [];
  for (const [i, node] of nodes.entries()) {
    if (node.type !== "float32" && node.type !== "bool") return null;
    if (node.op === "index" || ((node.op === "input" || node.op === "param") && node.type !== "float32")) return null;
    if (node.op === "input" || node.op === "param") places.set(i, [node.op === "input" ? 0 : 1, node.value]);
    else if (node.op === "const") {
      const value = Number(constantValue(node));
      places.set(i, [2, numbers.constant(node.type === "float32" ? bitsOf(value) : value === 0 ? 0 : 0xffffffff)]);
    }
    const step = steps.get(i);
    if (step === undefined) continue;
    const operation = operations.get(step.name);
    if (operation === undefined) return null;
    const sources = step.operands.map(
      (operand) =>
        typeof operand === "number" ? places.get(operand)! : ([2, numbers.constant(operand.bits)] as const), // they come before
    );
    // an operation may write where it reads
    for (const operand of new Set(step.operands)) {
      if (typeof operand !== "number" || lastUse.get(operand) !== i) continue;
      const [kind, number] = places.get(operand)!;
      if (kind === 3) numbers.release(number);
    }
    const to = i === nodes.length - 1 ? -1 : numbers.take();
    places.set(i, [3, to]);
    coded.push([operation, to, ...sources]);
  }
  const { constants, registers } = numbers;
  const result = places.get(nodes.length - 1);
  if (result !== undefined && result[0] !== 3) {
    // nothing is computed
    const copy = operations.get("copy");
    if (copy === undefined || types[0] === types[1]) return null;
    coded.push([copy, -1, result]);
  }
  if (registers > mostRegisters) return null;
  const first = [0, inputs.length, inputs.length + params, inputs.length + params + constants.length];
  const words = [inputs.length, params, constants.length, registers, coded.length, ...types, ...constants];
  for (const [operation, to, ...sources] of coded) {
    const numbered = sources.map(([kind, number]) => first[kind] + number);
    while (numbered.length < 4) numbered.push(numbered[0]);
    words.push(operation, to < 0 ? registers : to, ...numbered);
  }
  return Uint32Array.from(words);
}
