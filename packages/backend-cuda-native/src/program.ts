import { arity, type Program, type ProgramNode, type ReduceKind, type ScalarType } from "@flambeau/tensor/plugin";
import { kindOf } from "./combine.ts";
import type { Engine } from "./engine/engine.ts";
import type { Words } from "./engine/words.ts";
import { type Pair, Usage } from "./generated/generator.ts";

// Programs as words for the interpreter on the device (native/kernels/program.cuh).

/** The operations in the order of their numbers (native/kernels/scalar.cuh). */
export const operations: readonly ProgramNode["op"][] = [
  ...(Object.keys(arity) as (keyof typeof arity)[]), // its own keys
  "input",
  "param",
  "const",
  "index",
  "cast",
];
const numbers = new Map(operations.map((op, number) => [op, number]));
const types: { readonly [T in ScalarType]: number } = { bool: 0, int32: 1, int64: 2, float32: 3, float64: 4 };

/** Values that a thread has room for in registers; longer programs get memory (program.cuh). */
const ownSlots = 24;

interface Compiled {
  readonly slots: number;
  /** Two words a node. */
  readonly nodes: readonly { readonly head: bigint; readonly value: bigint; readonly param: number }[];
  /** Whether it looks at the position. */
  readonly indexed: boolean;
  /** For generated code: as a pointwise program, and as one whose results are combined, by the combination's number plus 1. */
  readonly usages: (Usage | undefined)[];
}

/** A program's words, made once. */
export function compiledFor(engine: Engine, program: Program): Compiled {
  let done = program.compiled.get(engine) as Compiled | undefined; // only this function stores under that key
  if (!done) program.compiled.set(engine, (done = compile(program)));
  return done;
}

function compile({ nodes }: Program): Compiled {
  const lastUse = nodes.map((_, n) => n);
  nodes.forEach(({ args }, n) => {
    for (const a of args) lastUse[a] = n;
  });
  const slot: number[] = [];
  const free: number[] = [];
  let slots = 0;
  const out = nodes.map((node, n) => {
    // a value may take the place of an argument that nobody needs behind it
    for (const a of new Set(node.args)) if (lastUse[a] === n) free.push(slot[a]);
    slot[n] = free.pop() ?? slots++;
    return encode(node, nodes, slot, n);
  });
  return { slots, nodes: out, indexed: nodes.some(({ op }) => op === "index"), usages: [] };
}

function encode(node: ProgramNode, nodes: readonly ProgramNode[], slot: readonly number[], n: number) {
  const { op, type, args } = node;
  const number = numbers.get(op) ?? 0; // every op is there
  const [first = 0, second = first, third = 0] = args.map((a) => slot[a]);
  const of = args.length > 0 ? nodes[args[0]].type : type;
  const head =
    BigInt(number) |
    (BigInt(types[type]) << 8n) |
    (BigInt(types[of]) << 12n) |
    (BigInt(slot[n]) << 16n) |
    (BigInt(first) << 32n) |
    (BigInt(second) << 48n);
  const value = op === "where" ? BigInt(third) : op === "input" || op === "const" ? BigInt(node.value) : 0n;
  return {
    head: BigInt.asIntN(64, head),
    value: BigInt.asIntN(64, value),
    param: op === "param" ? node.value : -1,
  };
}

/** The generated kernels for this call of a program, pointwise or combined, or null where the interpreter runs it. */
export function generatedFor(engine: Engine, program: Program, kind: ReduceKind | null): Pair | null {
  const { usages } = compiledFor(engine, program);
  const usage = (usages[kind === null ? 0 : kindOf(kind) + 1] ??= new Usage());
  return engine.generated(usage, program, kind);
}
/** Writes what generated kernels are given of a program. */
export function writeParams(words: Words, params: readonly number[]): void {
  for (let i = 0; i < params.length; i++) words.float(params[i]);
}

/**
 * Writes a program with its params, and calls `launch`, beside which so many threads have memory for its values, where it needs any.
 */
export function withProgram(
  engine: Engine,
  program: Program,
  params: readonly number[],
  threads: number,
  words: Words,
  launch: () => void,
): void {
  const { slots, nodes } = compiledFor(engine, program);
  const scratch = slots > ownSlots ? engine.alloc(8 * slots * threads) : null;
  words
    .int(nodes.length)
    .int(slots)
    .int(scratch?.pointer ?? 0);
  for (const { head, value, param } of nodes) {
    words.big(head);
    if (param < 0) words.big(value);
    else words.float(params[param]);
  }
  try {
    launch();
  } finally {
    if (scratch) engine.free(scratch);
  }
}
