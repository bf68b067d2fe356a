import { AutogradError, type DType, enableGrad, memoryScope, type Tensor } from "@flambeau/tensor/functional";
import { context, eachTensor, type Interpreter, sameShape, scoped, viewOf, withModes } from "@flambeau/tensor/plugin";
import { Node } from "../node.ts";
import { packing } from "../saved/hooks.ts";
import { described, type Packer, recordingAgain, recordingLevel, withPacker } from "../saved/packing.ts";
import { Walk } from "../walk.ts";
import { Draws, Undo } from "./state.ts";
import { withTensors } from "./structure.ts";

export interface Settings {
  readonly preserveRngState: boolean;
  readonly determinismCheck: "default" | "none";
  readonly earlyStop: boolean;
}

/** The place of a tensor that a checkpointed function's graph saved. */
interface Place {
  readonly index: number;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly device: string;
  /** False once its node has given back what it saved. */
  wanted: boolean;
}

const inputsOp = { name: "checkpoint" };

/** One call of a checkpointed function: its graph keeps places, which the first backward that reads one fills by running it again. */
export class Frame<Args extends readonly unknown[], T> implements Packer<Place> {
  readonly level = recordingLevel();
  readonly #fn: (...args: Args) => T;
  readonly #args: Args;
  readonly #tensors: Tensor[] = [];
  /** Keeps the tensors among the arguments, as if an op had saved them: checkpoints inside each other keep places for theirs. */
  readonly #inputs = new Node(inputsOp, {}, [], []);
  readonly #settings: Settings;
  readonly #draws: Draws | null;
  readonly #modes = {
    gradEnabled: true,
    inference: false,
    defaultDevice: context.defaultDevice,
    defaultDType: context.defaultDType,
  };
  /** Who saw the program's own ops, autocast say: they see them again. The first is the innermost. */
  readonly #around: readonly Interpreter[] = forwardOnly();
  readonly #places: Place[] = [];
  #wanted = 0;
  #done = false;

  constructor(fn: (...args: Args) => T, args: Args, settings: Settings) {
    this.#fn = fn;
    this.#args = args;
    this.#settings = settings;
    this.#draws = settings.preserveRngState ? new Draws() : null;
    eachTensor(args, (t) => this.#tensors.push(t));
    this.#inputs.save(this.#tensors);
    this.#inputs.settle();
  }

  /** The call. What it makes and does not return is freed, as in tidy: its graph needs none of it. */
  run(): T {
    const call = () => this.#fn(...this.#args);
    try {
      return packing("checkpoint", this, () => scoped(() => (this.#draws ? this.#draws.watch(call) : call())));
    } catch (error) {
      this.#wanted = 0;
      throw error;
    } finally {
      this.#done = true;
      this.#release();
    }
  }

  pack({ shape, dtype, device }: Tensor): Place {
    const place = { index: this.#places.length, shape, dtype, device, wanted: true };
    this.#places.push(place);
    this.#wanted++;
    return place;
  }
  unpack(place: Place): Tensor {
    if (Walk.current !== null) return this.#take(place, Walk.current);
    const own = new Walk(); // a rule that runs on its own
    try {
      return this.#take(place, own);
    } finally {
      own.end();
    }
  }
  holds(): readonly Tensor[] {
    return [];
  }
  keeper(): Node {
    return this.#inputs;
  }
  drop(place: Place): void {
    place.wanted = false;
    this.#wanted--;
    this.#release();
  }
  #release(): void {
    if (this.#done && this.#wanted === 0) this.#inputs.free();
  }

  /** What belongs in a place, once in each walk; whoever asks a second time has it computed again. */
  #take(place: Place, during: Walk): Tensor {
    let computed = during.again.get(this);
    if (!computed?.[place.index]) {
      for (const t of computed ?? []) t?.dispose();
      during.again.set(this, (computed = this.#again()));
    }
    const t = computed[place.index];
    computed[place.index] = null;
    if (t === null) throw differs(`${this.#places.length} tensors were saved, ${computed.length} are there again`);
    return t;
  }

  /** Runs the function again, as it ran before. Gives what its graph saves now, for the places that are wanted. */
  #again(): (Tensor | null)[] {
    const { earlyStop, determinismCheck } = this.#settings;
    const expected = this.#places.length;
    const computed = new Array<Tensor | null>(expected).fill(null);
    let count = 0;
    /** Ends the function once everything is there. */
    const enough = new Error("a checkpointed function need go no further: this is caught by checkpoint()");
    /** The graph that is made now is not walked, unless the function itself does so: it keeps what it gets while that runs. */
    const catcher: Packer<Tensor> = {
      level: this.level,
      pack: (x) => {
        const own = viewOf(x, x.shape, x.strides, x.offset);
        const i = count++;
        if (i < expected && this.#places[i].wanted) {
          own.owner = null;
          computed[i] = own;
        }
        if (earlyStop && count === expected) throw enough;
        return own;
      },
      unpack: (own) => {
        const x = viewOf(own, own.shape, own.strides, own.offset);
        x.owner = null;
        return x;
      },
      holds: () => [],
      keeper: () => null,
      drop: () => {},
    };
    this.#inputs.checkSaved();
    const lent: Tensor[] = [];
    const scope = memoryScope();
    const undo = new Undo();
    let sound = false;
    try {
      // with their places in the graph: what requires a gradient decides about what is saved
      const inputs = enableGrad(() => this.#inputs.unpack(lent));
      const args = withTensors(this.#args, new Map(this.#tensors.map((t, i) => [t, inputs[i]])));
      let { stack } = context;
      for (const interpreter of [...this.#around].reverse()) stack = { interpreter, below: stack };
      const last: Interpreter = undo;
      const modes = { ...this.#modes, stack: { interpreter: last, below: stack } };
      let call = () => withModes("checkpoint", modes, () => void this.#fn(...args));
      for (const interpreter of this.#around) {
        const inner = call;
        if (interpreter.again !== undefined) call = () => interpreter.again?.(inner);
      }
      const drawing = this.#draws ? () => this.#draws?.again(call) : call;
      try {
        withPacker(catcher, () => recordingAgain(drawing));
      } catch (error) {
        if (error !== enough) throw error;
      } finally {
        undo.undo();
      }
      if (determinismCheck === "default") this.#compare(computed, count, expected);
      sound = true;
      return computed;
    } finally {
      scope.end();
      for (const t of lent) t.dispose();
      if (!sound) for (const t of computed) t?.dispose();
    }
  }

  /** @throws AutogradError when the function has not done again what it did. */
  #compare(computed: readonly (Tensor | null)[], count: number, expected: number): void {
    if (this.#done ? count !== expected : count < expected)
      throw differs(`its graph saved ${expected} tensors, and ${count} when it was computed again`);
    for (const [i, t] of computed.entries()) {
      const place = this.#places[i];
      if (t !== null && !(sameShape(t.shape, place.shape) && t.dtype === place.dtype && t.device === place.device))
        throw differs(
          `saved tensor ${i} was a ${described(place)}, and is a ${described(t)} when it is computed again`,
        );
    }
  }
}

function forwardOnly(): Interpreter[] {
  const found: Interpreter[] = [];
  for (let frame = context.stack; frame !== null; frame = frame.below) {
    const interpreter = frame.interpreter as Interpreter; // nothing else is on the stack
    if (interpreter.forwardOnly) found.push(interpreter);
  }
  return found;
}

const differs = (how: string): AutogradError =>
  new AutogradError(
    `checkpoint: the function did something else the second time: ${how}`,
    "what it does may depend on its arguments and on random numbers alone, not on what changes in between",
  );
