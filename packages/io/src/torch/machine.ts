import { FormatError } from "@flambeau/tensor/functional";
import { globalNamed } from "./globals.ts";
import { addItem, setEntry } from "./keys.ts";
import { Bag, Callable, Dict, kindOf, List, quote, type Run, type StorageRef, Tuple, type Value } from "./values.ts";

/** The most bytes of a pickle: those of PyTorch's hold names and sizes, and are small. */
export const maxPickleBytes: number = 2 ** 25;
/** The most containers, entries and remembered values: each takes far more memory than its byte in the file. */
const maxValues = 2 ** 21;
/** The most values that wait to be put into something; Python writes lists and dicts in batches of 1,000. */
const maxStack = 2 ** 22;
/** Bytes of an integer. */
const maxIntegerBytes = 4096;
/** Bytes of the name of a module or of what is in it. */
const maxNameBytes = 1000;
/** Steps that calls may take, for each byte and beside. */
const [stepsPerByte, freeSteps] = [64, 2 ** 20];

/** A pickle goes on behind the bytes that were given. */
export class CutPickle extends FormatError {}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Made once, for they are in most files many times. */
const small: readonly bigint[] = Array.from({ length: 256 }, (_, n) => BigInt(n));

/** Operations that a pickle may have and we do not do, for the message. */
const refused: ReadonlyMap<number, string> = new Map([
  [0x69, "INST"],
  [0x6f, "OBJ"],
  [0x81, "NEWOBJ"],
  [0x92, "NEWOBJ_EX"],
  [0x82, "EXT1"],
  [0x83, "EXT2"],
  [0x84, "EXT4"],
  [0x50, "PERSID"],
  [0x97, "NEXT_BUFFER"],
  [0x98, "READONLY_BUFFER"],
  [0x49, "INT"],
  [0x4c, "LONG"],
  [0x46, "FLOAT"],
  [0x53, "STRING"],
  [0x56, "UNICODE"],
  [0x67, "GET"],
  [0x70, "PUT"],
  [0x6c, "LIST"],
  [0x64, "DICT"],
]);

/**
 * Reads a pickle of protocol 2 to 5 without running it: what Python would call by its name is either one of a closed list of ours or refused.
 *
 * Source: the comments of CPython's pickletools.py.
 */
export class Machine implements Run {
  readonly tuples: Map<string, symbol> = new Map();
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #file: string;
  readonly #base: number;
  readonly #persistent: (id: Value, run: Run) => StorageRef;
  readonly #stack: Value[] = [];
  readonly #marks: number[] = [];
  readonly #empty = new Tuple([]);
  readonly #memo = new Map<number, Value>();
  /** Where the operation at hand starts, and the next byte. */
  #start = 0;
  #at = 0;
  #values = 0;
  #steps = 0;

  /**
   * @param base where the bytes lie in the file.
   * @param persistent makes a storage of what stands for it.
   */
  constructor(bytes: Uint8Array, file: string, base: number, persistent: (id: Value, run: Run) => StorageRef) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#file = file;
    this.#base = base;
    this.#persistent = persistent;
  }

  /** Bytes that the pickle took. */
  get end(): number {
    return this.#at;
  }

  fail(problem: string, hint?: string): never {
    throw new FormatError(this.#file, this.#base + this.#start, problem, hint);
  }

  charge(steps: number): void {
    this.#steps += steps;
    if (this.#steps > stepsPerByte * this.#bytes.length + freeSteps)
      this.fail("the pickle makes copies of copies, far more than its size warrants");
  }

  /** The value that the pickle holds. @throws FormatError */
  run(): Value {
    if (this.#byte() !== 0x80) this.fail("the pickle does not start with its protocol");
    const protocol = this.#byte();
    if (protocol < 2 || protocol > 5) this.fail(`the pickle is of protocol ${protocol}, expected 2 to 5`);
    for (;;) {
      this.#start = this.#at;
      if (this.#at > maxPickleBytes)
        this.fail(`the pickle has over ${maxPickleBytes} bytes`, "save state dicts, and what is large in tensors");
      const code = this.#byte();
      if (code === 0x2e) break;
      this.#step(code);
      if (this.#stack.length > maxStack || this.#marks.length > maxStack)
        this.fail(`over ${maxStack} values are in no list`);
    }
    const value = this.#pop();
    if (this.#stack.length > 0 || this.#marks.length > 0) this.fail("the pickle ends with values that are in nothing");
    return value;
  }

  #step(code: number): void {
    const stack = this.#stack;
    switch (code) {
      case 0x28: // MARK
        this.#marks.push(stack.length);
        return;
      case 0x30: // POP
        this.#pop();
        return;
      case 0x31: // POP_MARK
        this.#popMark();
        return;
      case 0x32: // DUP
        stack.push(this.#top());
        return;
      case 0x4e: // NONE
        stack.push(null);
        return;
      case 0x88: // NEWTRUE
        stack.push(true);
        return;
      case 0x89: // NEWFALSE
        stack.push(false);
        return;
      case 0x4b: // BININT1
        stack.push(small[this.#byte()]);
        return;
      case 0x4d: // BININT2
        stack.push(BigInt(this.#view.getUint16(this.#skip(2), true)));
        return;
      case 0x4a: // BININT
        stack.push(BigInt(this.#view.getInt32(this.#skip(4), true)));
        return;
      case 0x8a: // LONG1
        stack.push(this.#integer(this.#byte()));
        return;
      case 0x8b: // LONG4
        stack.push(this.#integer(this.#length(4)));
        return;
      case 0x47: // BINFLOAT
        stack.push(this.#view.getFloat64(this.#skip(8)));
        return;
      case 0x58: // BINUNICODE
      case 0x54: // BINSTRING, of Python 2
        stack.push(this.#text(this.#length(4)));
        return;
      case 0x8c: // SHORT_BINUNICODE
      case 0x55: // SHORT_BINSTRING, of Python 2
        stack.push(this.#text(this.#byte()));
        return;
      case 0x8d: // BINUNICODE8
        stack.push(this.#text(this.#length(8)));
        return;
      case 0x43: // SHORT_BINBYTES
        stack.push(this.#copy(this.#byte()));
        return;
      case 0x42: // BINBYTES
        stack.push(this.#copy(this.#length(4)));
        return;
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        stack.push(this.#copy(this.#length(8)));
        return;
      case 0x29: // EMPTY_TUPLE
        this.#stack.push(this.#empty);
        return;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        this.#tuple(code - 0x84);
        return;
      case 0x74: // TUPLE
        this.#push(new Tuple(this.#popMark()));
        return;
      case 0x5d: // EMPTY_LIST
        this.#push(new List());
        return;
      case 0x7d: // EMPTY_DICT
        this.#push(new Dict(false));
        return;
      case 0x8f: // EMPTY_SET
        this.#push(new Bag());
        return;
      case 0x91: {
        // FROZENSET
        const bag = new Bag();
        for (const item of this.#popMark()) this.#add(bag, item);
        this.#push(bag);
        return;
      }
      case 0x61: // APPEND
        this.#append([this.#pop()]);
        return;
      case 0x65: // APPENDS
        this.#append(this.#popMark());
        return;
      case 0x73: {
        // SETITEM
        const value = this.#pop();
        this.#set([this.#pop(), value]);
        return;
      }
      case 0x75: // SETITEMS
        this.#set(this.#popMark());
        return;
      case 0x90: {
        // ADDITEMS
        const items = this.#popMark();
        const bag = this.#top();
        if (!(bag instanceof Bag)) return this.fail(`items are added to ${kindOf(bag)}`);
        for (const item of items) this.#add(bag, item);
        return;
      }
      case 0x63: {
        // GLOBAL
        const module = this.#line();
        stack.push(globalNamed(module, this.#line(), this));
        return;
      }
      case 0x93: {
        // STACK_GLOBAL
        const name = this.#pop();
        const module = this.#pop();
        if (typeof name !== "string" || typeof module !== "string") return this.fail("what is asked for has no name");
        stack.push(globalNamed(module, name, this));
        return;
      }
      case 0x52: {
        // REDUCE
        const args = this.#pop();
        const made = this.#pop();
        if (!(made instanceof Callable)) return this.fail(`${kindOf(made)} is called`);
        if (!(args instanceof Tuple)) return this.fail(`${made.name}() gets ${kindOf(args)} for its arguments`);
        this.#push(made.call(args.items, this));
        return;
      }
      case 0x62: // BUILD
        this.#build(this.#pop());
        return;
      case 0x51: // BINPERSID
        this.#push(this.#persistent(this.#pop(), this));
        return;
      case 0x71: // BINPUT
        this.#remember(this.#byte());
        return;
      case 0x72: // LONG_BINPUT
        this.#remember(this.#view.getUint32(this.#skip(4), true));
        return;
      case 0x94: // MEMOIZE
        this.#remember(this.#memo.size);
        return;
      case 0x68: // BINGET
        this.#recall(this.#byte());
        return;
      case 0x6a: // LONG_BINGET
        this.#recall(this.#view.getUint32(this.#skip(4), true));
        return;
      case 0x95: {
        // FRAME
        const length = this.#length(8);
        if (length > this.#bytes.length - this.#at) this.#cut(length);
        return;
      }
      default: {
        const name = refused.get(code);
        if (name !== undefined) this.fail(`the pickle has the operation ${name}, which no file of torch.save has`);
        this.fail(`the pickle has the unknown operation 0x${code.toString(16)}`);
      }
    }
  }

  /** The end of the bytes came too early. */
  #cut(wanted: number): never {
    const left = this.#bytes.length - this.#at;
    const problem = `the pickle is cut, or says what is not so: ${wanted} bytes should follow, ${left} do`;
    throw new CutPickle(this.#file, this.#base + this.#start, problem);
  }
  /** Where the next `n` bytes lie. */
  #skip(n: number): number {
    const at = this.#at;
    if (n > this.#bytes.length - at) this.#cut(n);
    this.#at = at + n;
    return at;
  }
  #byte(): number {
    return this.#bytes[this.#skip(1)];
  }
  /** A length that a field of 4 or 8 bytes says. */
  #length(bytes: 4 | 8): number {
    const at = this.#skip(bytes);
    const low = this.#view.getUint32(at, true);
    return bytes === 4 ? low : low + 2 ** 32 * this.#view.getUint32(at + 4, true);
  }
  #text(length: number): string {
    const at = this.#skip(length);
    try {
      return utf8.decode(this.#bytes.subarray(at, at + length));
    } catch {
      return this.fail("a string is not UTF-8");
    }
  }
  #copy(length: number): Uint8Array {
    const at = this.#skip(length);
    this.#count(4);
    return this.#bytes.slice(at, at + length);
  }
  /** Two's complement, the lowest byte first. */
  #integer(length: number): bigint {
    if (length > maxIntegerBytes) this.fail(`an integer has ${length} bytes, the most is ${maxIntegerBytes}`);
    const at = this.#skip(length);
    if (length === 0) return small[0];
    let digits = "";
    for (let i = at + length - 1; i >= at; i--) digits += this.#bytes[i].toString(16).padStart(2, "0");
    return BigInt.asIntN(8 * length, BigInt(`0x${digits}`));
  }
  #line(): string {
    const from = this.#at;
    const found = this.#bytes.subarray(from, from + maxNameBytes + 1).indexOf(0x0a);
    if (found < 0 && this.#bytes.length - from > maxNameBytes) this.fail(`a name has over ${maxNameBytes} bytes`);
    if (found < 0) this.#cut(1);
    const text = this.#text(found);
    this.#at++;
    return text;
  }

  /** Counts what takes memory that the file does not. */
  #count(weight = 1): void {
    this.#values += weight;
    if (this.#values > maxValues)
      this.fail(`the pickle holds over ${maxValues} values`, "save state dicts, and what is large in tensors");
  }
  #push(value: Value): void {
    this.#count(value instanceof Dict || value instanceof Bag ? 4 : 1);
    this.#stack.push(value);
  }
  /** Checks that `n` values lie above the last mark. */
  #need(n: number): void {
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < n) this.fail("the pickle takes a value that is not there");
  }
  #pop(): Value {
    this.#need(1);
    return this.#stack.pop() as Value; // one is there
  }
  #top(): Value {
    this.#need(1);
    return this.#stack[this.#stack.length - 1];
  }
  #popMark(): Value[] {
    const mark = this.#marks.pop() ?? this.fail("the pickle goes back to a mark that is not there");
    return this.#stack.splice(mark);
  }
  #tuple(length: number): void {
    this.#need(length);
    this.#push(new Tuple(this.#stack.splice(this.#stack.length - length)));
  }
  #append(items: readonly Value[]): void {
    const list = this.#top();
    if (!(list instanceof List)) return this.fail(`items are appended to ${kindOf(list)}`);
    for (const item of items) list.items.push(item);
  }
  #add(bag: Bag, item: Value): void {
    this.#count();
    addItem(bag, item, this);
  }
  #set(items: readonly Value[]): void {
    const dict = this.#top();
    if (!(dict instanceof Dict)) return this.fail(`items are set in ${kindOf(dict)}`);
    if (items.length % 2 !== 0) this.fail("a dict gets a key without its value");
    for (let i = 0; i < items.length; i += 2) {
      this.#count();
      setEntry(dict, items[i], items[i + 1], this);
    }
  }
  /** Attributes: those of a state dict are the versions of its modules' layouts, which no module of ours has. */
  #build(state: Value): void {
    const target = this.#top();
    if (!(target instanceof Dict && target.takesAttributes))
      return this.fail(`attributes are set of ${kindOf(target)}`);
    if (!(state instanceof Dict)) return this.fail(`attributes are given as ${kindOf(state)}`);
    for (const [key] of state.entries.values())
      if (key !== "_metadata")
        this.fail(`an OrderedDict has the attribute ${typeof key === "string" ? quote(key) : kindOf(key)}`);
  }
  #remember(place: number): void {
    if (!this.#memo.has(place)) this.#count();
    this.#memo.set(place, this.#top());
  }
  #recall(place: number): void {
    const value = this.#memo.get(place);
    if (value === undefined) return this.fail(`the pickle comes back to value ${place}, which it has not had`);
    this.#stack.push(value);
  }
}
