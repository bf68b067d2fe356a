import { type Generator, noGrad, type Tensor } from "@flambeau/tensor";
import {
  bytesOf,
  type Call,
  decodeAttrs,
  dispatch,
  emptyOn,
  encodeAttrs,
  type Interpreter,
  type Op,
  viewOf,
  withoutInterpreters,
} from "@flambeau/tensor/plugin";

// What goes through the door is a program: names, inputs, attributes as JSON. Replayed by name on fresh tensors it gives the same bits.

/** The bytes of a whole storage. */
function memoryOf(t: Tensor): Uint8Array {
  const { backend, byteLength } = t.storage;
  if (!backend.readSync) throw new Error(`device "${backend.name}" cannot be read at once`);
  return byteLength === 0 ? new Uint8Array(0) : backend.readSync(t.storage.buffer, 0, byteLength);
}

/** The elements of `t` in row-major order, as bytes; read past the door. */
export function elementsOf(t: Tensor): Uint8Array {
  const memory = memoryOf(t);
  const width = bytesOf(t.dtype);
  const out = new Uint8Array(t.size * width);
  const place = t.shape.map(() => 0);
  for (let i = 0; i < t.size; i++) {
    const from = place.reduce((sum, p, d) => sum + p * t.strides[d], t.offset) * width;
    out.set(memory.subarray(from, from + width), i * width);
    for (let d = place.length - 1; d >= 0 && ++place[d] === t.shape[d]; d--) place[d] = 0;
  }
  return out;
}

/** The inputs on memory of their own; those that share one share one again. */
export function copiesOf(inputs: readonly Tensor[]): Tensor[] {
  const made = new Map<object, Tensor>();
  return inputs.map((t) => {
    let whole = made.get(t.storage);
    if (!whole) {
      const bytes = memoryOf(t);
      whole = emptyOn(t.backend, t.dtype, [Math.ceil(bytes.length / bytesOf(t.dtype))]);
      if (bytes.length > 0) t.backend.write(whole.buffer, bytes);
      made.set(t.storage, whole);
    }
    return viewOf(whole, t.shape, t.strides, t.offset);
  });
}

/**
 * Replays each call right after it ran: by the name of its op, with its attributes from JSON, on copies of its inputs' memory as it was
 * before. What differs is a problem.
 */
export class Replay implements Interpreter {
  /** What was wrong, by the op's name; the first of each. */
  readonly problems = new Map<string, string>();
  readonly names = new Set<string>();
  readonly #find: (name: string) => Op | undefined;

  constructor(find: (name: string) => Op | undefined) {
    this.#find = find;
  }

  op(call: Call): readonly Tensor[] {
    const { name } = call.op;
    this.names.add(name);
    const copies = withoutInterpreters(() => noGrad(() => copiesOf(call.inputs)));
    let attrs = "";
    let problem: string | null = null;
    try {
      attrs = JSON.stringify(encodeAttrs(call.attrs));
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    const generator = call.op.draws ? (call.attrs as { generator: Generator }).generator : null;
    const state = generator?.getState();
    const outputs = call.next();
    if (problem === null) {
      const after = generator?.getState();
      if (generator && state) generator.setState(state);
      problem = withoutInterpreters(() => noGrad(() => this.compare(name, copies, attrs, call.inputs, outputs)));
      if (generator && after) generator.setState(after);
    }
    if (problem !== null && !this.problems.has(name)) this.problems.set(name, problem);
    for (const t of copies) t.dispose();
    return outputs;
  }

  private compare(
    name: string,
    copies: readonly Tensor[],
    attrs: string,
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
  ): string | null {
    const op = this.#find(name);
    if (!op) return "is not in the list of ops";
    const given = decodeAttrs(JSON.parse(attrs)) as object; // what the op was called with
    let again: readonly Tensor[];
    try {
      again = dispatch(op, copies, given);
    } catch (error) {
      return `fails when it is replayed: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (again.length !== outputs.length) return `gives ${again.length} results, not ${outputs.length}`;
    const written = op.writesOf?.(inputs, given) ?? op.writes ?? [];
    for (const [i, t] of outputs.entries()) {
      if (name === "empty") continue; // has any elements
      const difference = differs(`result ${i}`, again[i], t);
      if (difference) return difference;
      const input = inputs.findIndex((x) => x.storage === t.storage);
      const declared =
        op.aliases === "each" || op.aliases?.some(([output]) => output === i) || written[i] !== undefined;
      if (input >= 0 !== Boolean(declared) && t.size > 0)
        return declared ? `result ${i} shows no input, as it should` : `result ${i} shows the memory of input ${input}`;
    }
    for (const [i, t] of inputs.entries()) {
      const difference = differs(`input ${i}`, copies[i], t);
      if (difference) return `${difference}: it is written, or the replay writes it`;
    }
    return null;
  }
}

function differs(what: string, ours: Tensor, wanted: Tensor): string | null {
  const form = (t: Tensor): string => `${t.dtype} ${t.shape} by ${t.size > 0 ? t.strides : ""}`;
  if (form(ours) !== form(wanted)) return `${what} is ${form(ours)}, not ${form(wanted)}`;
  const [a, b] = [elementsOf(ours), elementsOf(wanted)];
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? null : `${what} differs at byte ${at} of ${a.length}`;
}
