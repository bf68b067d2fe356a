import { type DType, dtypes, scalarType } from "../core/dtype.ts";
import { FormatError } from "../core/errors.ts";
import { arity, type ScalarType } from "../expr/expr.ts";
import { constantWidth } from "./constant-bits.ts";
import { comparisons, constantValue, logic, type Program, ProgramBuilder, type ProgramNode } from "./program.ts";

/**
 * A program as text, for people, files and other languages: its tensors, then a node a line, in evaluation order. The last one is the
 * result. A constant stands there as its bits, with the number they mean in a comment.
 *
 *     program inputs float32 params 1 output float32
 *     %0 = input float32 0
 *     %1 = param float32 0
 *     %2 = mul float32 %0 %1
 *     %3 = const float32 0x3f000000  # 0.5
 *     %4 = add float32 %2 %3
 */
export function showProgram({ key, nodes }: Program): string {
  const [head, ...lines] = key.split("\n");
  const written = lines.map((line, i) => {
    const node = nodes[i];
    return `%${i} = ${line}${node.op === "const" ? `  # ${decimal(constantValue(node))}` : ""}`;
  });
  return [`program ${head}`, ...written].join("\n");
}
const decimal = (value: number | bigint): string => (Object.is(value, -0) ? "-0" : String(value));

/**
 * The program that {@link showProgram} wrote: the very same object. Text by other hands is read too: nodes may stand in any order in
 * which arguments come first, be alike or not be used; comments run from `#` to the end of a line.
 *
 * @throws FormatError for text that is no program, with the line and the byte at which it goes wrong.
 */
export function parseProgram(text: string): Program {
  const lines = linesOf(text);
  const head = lines.shift();
  if (head === undefined) throw new FormatError("program", 0, "there is nothing in it");
  const { inputs, params, output } = readHead(head);
  const nodes: ProgramNode[] = [];
  for (const line of lines) nodes.push(readNode(line, nodes, inputs.length, params));
  const last = lines.at(-1) ?? head;
  const type = scalarType(output);
  if (nodes.at(-1)?.type !== type)
    throw last.error(`the last node of a program for ${output} is its result, of type ${type}`);
  return inOrder(nodes).finish(inputs, params, output);
}

interface Word {
  readonly word: string;
  readonly at: number;
}

/** The words of a line, one after the other, and errors that say where. */
class Line {
  private readonly text: string;
  private readonly number: number;
  private readonly words: readonly Word[];
  private next = 0;

  constructor(text: string, number: number, words: readonly Word[]) {
    this.text = text;
    this.number = number;
    this.words = words;
  }
  /** The next word, as what it means to `read`; undefined says that it is nothing of the kind. */
  read<T>(what: string, read: (word: string) => T | undefined): T {
    if (this.next === this.words.length) {
      const last = this.words[this.next - 1];
      throw this.error(`${what} is missing`, last.at + last.word.length);
    }
    const { word, at } = this.words[this.next++];
    const value = read(word);
    if (value === undefined) throw this.error(`${JSON.stringify(word)} is no ${what}`, at);
    return value;
  }
  literal(wanted: string): void {
    this.read(`"${wanted}"`, (word) => (word === wanted ? word : undefined));
  }
  end(): void {
    if (this.next === this.words.length) return;
    const { word, at } = this.words[this.next];
    throw this.error(`nothing follows here, but ${JSON.stringify(word)} does`, at);
  }
  error(problem: string, at = this.words[0].at): FormatError {
    const before = new TextEncoder().encode(this.text.slice(0, at)).length;
    return new FormatError("program", before, `line ${this.number}: ${problem}`);
  }
}

/** The lines in which something stands. */
function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  text.split("\n").forEach((line, i) => {
    const words = [...line.replace(/#.*/, "").matchAll(/\S+/g)].map((m) => ({ word: m[0], at: start + m.index }));
    if (words.length > 0) lines.push(new Line(text, i + 1, words));
    start += line.length + 1;
  });
  return lines;
}

const asDType = (word: string): DType | undefined => dtypes.find((dtype) => dtype === word);
const asType = (word: string): ScalarType | undefined =>
  Object.hasOwn(constantWidth, word) ? (word as ScalarType) : undefined; // it is a key
const asNumber = (word: string, end: number): number | undefined =>
  /^\d{1,9}$/.test(word) && Number(word) < end ? Number(word) : undefined;
const asOp = (word: string): ProgramNode["op"] | undefined =>
  Object.hasOwn(arity, word) || ["input", "param", "const", "index", "cast"].includes(word)
    ? (word as ProgramNode["op"]) // the line above is the proof
    : undefined;

function readHead(line: Line): { inputs: DType[]; params: number; output: DType } {
  line.literal("program");
  line.literal("inputs");
  const inputs: DType[] = [];
  for (;;) {
    const dtype = line.read('dtype, nor "params"', (word) => (word === "params" ? word : asDType(word)));
    if (dtype === "params") break;
    inputs.push(dtype);
  }
  const params = line.read("number of params", (word) => asNumber(word, Infinity));
  line.literal("output");
  const output = line.read("dtype", asDType);
  line.end();
  return { inputs, params, output };
}

function readNode(line: Line, earlier: readonly ProgramNode[], inputs: number, params: number): ProgramNode {
  line.literal(`%${earlier.length}`);
  line.literal("=");
  const node = readOperation(line, earlier.length, inputs, params);
  line.end();
  const types = node.args.map((a) => earlier[a].type);
  const problem = mistyped(node, types);
  if (problem !== undefined) throw line.error(problem);
  return node;
}

function readOperation(line: Line, earlier: number, inputs: number, params: number): ProgramNode {
  const op = line.read("op", asOp);
  const type = line.read("type of scalars", asType);
  const below = (what: string, count: number): number =>
    line.read(`${what}, of which there are ${count}`, (word) => asNumber(word, count));
  const earlierNode = (): number =>
    line.read("earlier node", (word) => (word.startsWith("%") ? asNumber(word.slice(1), earlier) : undefined));
  const given = (count: number): number[] => Array.from({ length: count }, earlierNode);
  switch (op) {
    case "input":
      return { op, type, args: [], value: below("input", inputs) };
    case "param":
      return { op, type, args: [], value: below("param", params) };
    case "index":
      return { op, type, args: [], value: 0 };
    case "const": {
      const value = line.read(`constant of ${constantWidth[type]} bits`, (word) => asBits(word, type));
      return { op, type, args: [], value };
    }
    case "cast":
      return { op, type, args: given(1), value: 0 };
    default:
      return { op, type, args: given(arity[op]), value: 0 };
  }
}

function asBits(word: string, type: ScalarType): bigint | undefined {
  if (!/^0x[\da-f]{1,16}$/i.test(word)) return undefined;
  const bits = BigInt(word);
  return bits >> BigInt(constantWidth[type]) === 0n ? bits : undefined;
}

/** What is wrong with the types of a node and its arguments, which are those that {@link OperationNode} tells. */
function mistyped({ op, type }: ProgramNode, args: readonly ScalarType[]): string | undefined {
  const [first, second, third] = args;
  switch (op) {
    case "input":
    case "param":
    case "const":
      return undefined;
    case "index":
      return type === "int32" ? undefined : "the index is an int32";
    case "cast":
      return first === type ? `a cast of ${type} to itself` : undefined;
    case "where":
      if (first !== "bool") return `the condition is of type ${first}, not bool`;
      return second === type && third === type ? undefined : `where of ${second} and ${third} is no ${type}`;
    default: {
      const of = comparisons.has(op) ? first : type;
      const odd = args.find((a) => a !== of);
      if (odd !== undefined) return `${op} of ${of} gets an argument of type ${odd}`;
      if (comparisons.has(op) && type !== "bool") return `${op} gives a bool, not a ${type}`;
      return of === "bool" && !logic.has(op) ? `bools have no "${op}"` : undefined;
    }
  }
}

/** What the last node needs, in the order in which programs are made: without recursion, as text can be deep. */
function inOrder(nodes: readonly ProgramNode[]): ProgramBuilder {
  const program = new ProgramBuilder();
  const numbers: number[] = [];
  const open = [nodes.length - 1];
  while (open.length > 0) {
    const at = open[open.length - 1];
    const node = nodes[at];
    const missing = node.args.find((a) => numbers[a] === undefined);
    if (missing !== undefined) open.push(missing);
    else {
      open.pop();
      numbers[at] = program.add(
        node.args.length > 0 ? ({ ...node, args: node.args.map((a) => numbers[a]) } as ProgramNode) : node,
      );
    }
  }
  return program;
}
