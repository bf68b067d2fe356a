import type { Program, ReduceKind } from "@flambeau/tensor/plugin";
import type { NativeDevice } from "../addon.ts";
import * as errors from "../errors.ts";
import type { Compiler } from "./nvrtc.ts";
import { textOf } from "./text.ts";

/** From which call on a program is compiled: one that comes a few times is not worth a tenth of a second. */
const defaultUses = 10;
/** How many modules a card is given. What comes later is interpreted. */
const mostModules = 2048;

const mapNames = ["map", "map_flat"] as const;
const reduceNames = ["reduce_short", "reduce_long"] as const;

/** The numbers of a program's two kernels: of pointwise ones in general and for rows without gaps, of reductions that are short and long. */
export type Pair = readonly [number, number];
/** A program's calls so far, and what became of it: null is for those that are interpreted for good. */
export class Usage {
  calls = 0;
  kernels: Pair | null | undefined = undefined;
}

/** Has programs compiled that come often. What cannot be compiled or loaded goes on being interpreted; `problem` is the first reason. */
export class Generator {
  readonly #native: NativeDevice;
  readonly #compiler: Compiler;
  /** From which call on a program is compiled. It depends on the calls alone, not on what the disk has kept. */
  readonly uses: number;
  #modules = 0;
  #off = false;
  #problem: string | null = null;

  constructor(native: NativeDevice, compiler: Compiler, uses = defaultUses) {
    this.#native = native;
    this.#compiler = compiler;
    this.uses = uses;
  }
  /** In words, for the backend's `info`. */
  get about(): string {
    const { name } = this.#compiler;
    if (this.#problem === null) return `programs compiled by ${name}`;
    return `programs ${this.#off ? "interpreted" : `compiled by ${name}, some interpreted`} (${this.#problem})`;
  }

  /** Compiles and loads a program's kernels; null where that is not to be had. */
  make(program: Program, kind: ReduceKind | null): Pair | null {
    if (this.#off || this.#modules >= mostModules) return null;
    try {
      const ptx = this.#compiler.compile(textOf([{ program, kind, suffix: "" }]));
      const module = this.#native.load(ptx);
      this.#modules++;
      const [first, second] = kind === null ? mapNames : reduceNames;
      return [this.#native.kernel(first, module), this.#native.kernel(second, module)];
    } catch (error) {
      const refused = error instanceof Error && ("nvrtc" in error || errors.isDriverFailure(error));
      if (!refused || errors.isSticky(error)) throw error;
      this.#problem ??= error.message;
      this.#off = errors.isForeignPtx(error); // the next one will be no better
      return null;
    }
  }
}
