import {
  bytesOf,
  compileProgram,
  dtypeCode,
  type FusedKernels,
  input,
  type RecurrentAttrs,
  scalarType,
  sizeOf,
  type View,
} from "@flambeau/tensor/plugin";
import type { DeviceBuffer } from "../engine/allocator.ts";
import type { Engine } from "../engine/engine.ts";
import { addressOf, laidOut } from "../engine/views.ts";
import type { Words } from "../engine/words.ts";
import { matmul } from "../kernels/matmul.ts";
import { reduce } from "../kernels/reduce.ts";
import { allFloats } from "./floats.ts";

type Names = "rnnLayer" | "lstmLayer" | "gruLayer";
type Layers = Required<FusedKernels<Names | `${Names}Backward`>>;

const or0 = (view: View | undefined): number => (view ? addressOf(view) : 0);
const whole = (view: View | undefined): boolean => view?.dtype === "int32" || view?.dtype === "int64";

/** The inputs of a layer by what they are. */
interface Inputs {
  readonly x: View;
  readonly h: View;
  readonly c: View | undefined;
  readonly weightIh: View;
  readonly weightHh: View;
  readonly biasIh: View | undefined;
  readonly biasHh: View | undefined;
  readonly projection: View | undefined;
  readonly lengths: View | undefined;
}
function inputsOf(all: readonly View[], cells: boolean, a: RecurrentAttrs & { readonly projection?: boolean }): Inputs {
  let at = 0;
  const next = (there: boolean): View | undefined => (there ? all[at++] : undefined);
  const [x, h] = [all[at++], all[at++]];
  const c = next(cells);
  const [weightIh, weightHh] = [all[at++], all[at++]];
  const [biasIh, biasHh] = [next(a.bias), next(a.bias)];
  return {
    x,
    h,
    c,
    weightIh,
    weightHh,
    biasIh,
    biasHh,
    projection: next(a.projection === true),
    lengths: next(a.lengths),
  };
}

/** A call: its sizes, its launches, and memory that it gives back at its end. */
class Call {
  readonly engine: Engine;
  readonly inputs: Inputs;
  readonly steps: number;
  readonly count: number;
  /** Features of h, of c and of the gates together. */
  readonly outputs: number;
  readonly hidden: number;
  readonly width: number;
  readonly #reverse: boolean;
  readonly #held: DeviceBuffer[] = [];

  constructor(engine: Engine, inputs: Inputs, reverse: boolean) {
    this.engine = engine;
    this.inputs = inputs;
    [this.steps, this.count] = inputs.x.shape;
    this.outputs = inputs.h.shape[1];
    this.width = inputs.weightHh.shape[0];
    this.hidden = inputs.c?.shape[1] ?? this.outputs;
    this.#reverse = reverse;
  }
  memory(...shape: number[]): View {
    const { dtype } = this.inputs.x;
    const buffer = this.engine.alloc(sizeOf(shape) * bytesOf(dtype));
    this.#held.push(buffer);
    return { buffer, dtype, offset: 0, shape, strides: [] };
  }
  end(): void {
    for (const buffer of this.#held) this.engine.free(buffer);
  }
  /** Calls `take` with each step, and with the one that is taken before it (-1: none). */
  forward(take: (t: number, before: number) => void): void {
    const { steps } = this;
    for (let k = 0; k < steps; k++)
      if (this.#reverse) take(steps - 1 - k, k === 0 ? -1 : steps - k);
      else take(k, k - 1);
  }
  /** The same from the last one on. `first` is the first one called. */
  back(take: (t: number, before: number, first: boolean) => void): void {
    const { steps } = this;
    for (let k = steps - 1; k >= 0; k--)
      if (this.#reverse) take(steps - 1 - k, k === 0 ? -1 : steps - k, k === steps - 1);
      else take(k, k - 1, k === steps - 1);
  }
  /** The words of a kernel of a step. */
  words(width: number, number: number): Words {
    const { lengths } = this.inputs;
    return this.engine
      .words()
      .ints([this.count, width, number, or0(lengths)])
      .int(lengths ? dtypeCode(lengths.dtype) : 0);
  }
  launch(kernel: string, width: number, steps = 1): void {
    this.engine.forEach(`${kernel}_${this.inputs.x.dtype}`, steps * this.count * width);
  }
  /** Where a step begins in a tensor of all, whose rows have `width` elements. */
  at(all: View, t: number, width: number): number {
    return addressOf(all) + t * this.count * width * bytesOf(all.dtype);
  }
  /** output [rows, n] = a [rows, k] b + bias, where b is [k, n], or [n, k] and `turned`. */
  product(
    a: View,
    b: View,
    output: View,
    { rows, k, n }: { rows: number; k: number; n: number },
    turned: boolean,
    bias?: View,
  ): void {
    const [left, right] = [laidOut(a, [1, rows, k], [0, k, 1]), laidOut(b, [1, k, n], turned ? [0, 1, k] : [0, n, 1])];
    matmul(this.engine, left, right, laidOut(output, [1, rows, n], [0, n, 1]), bias);
  }
  /** A view of one step. */
  step(all: View, t: number, width: number): View {
    return { ...all, offset: all.offset + t * this.count * width };
  }
  /** The input's share of the gates of all steps. */
  inputShare(to: View): void {
    const { x, weightIh, biasIh } = this.inputs;
    this.product(x, weightIh, to, { rows: this.steps * this.count, k: x.shape[2], n: this.width }, true, biasIh);
  }
  stateShare(h: View, to: View): void {
    const { weightHh, biasHh } = this.inputs;
    this.product(h, weightHh, to, { rows: this.count, k: this.outputs, n: this.width }, true, biasHh);
  }
  /** x of all steps where sequences have one; with a first state what each step began with. */
  within(x: View, width: number, back: number, first?: View): View {
    const to = this.memory(this.steps, this.count, width);
    this.words(width, this.steps)
      .int(back)
      .ints([addressOf(to), addressOf(x), or0(first)]);
    this.launch("steps", width, this.steps);
    return to;
  }
  /** The output before each step. */
  before(output: View): View {
    return this.within(output, this.outputs, this.#reverse ? -1 : 1, this.inputs.h);
  }
  /** to [m, n] = the sum over all steps of g [.., m] times x [.., n]. */
  ofMatrix(g: View, m: number, x: View, n: number, to: View): void {
    const rows = this.steps * this.count;
    const [left, right] = [laidOut(g, [1, m, rows], [0, 1, m]), laidOut(x, [1, rows, n], [0, n, 1])];
    matmul(this.engine, left, right, laidOut(to, [1, m, n], [0, n, 1]));
  }
  /** The gradients of x, of the weights and the shifts, from those of the shares of the input and the state. `before` is the output before each step. */
  gradients(input: View, state: View, before: View, [dx, dweightIh, dweightHh, ...dbiases]: readonly View[]): void {
    const { x, weightIh, lengths } = this.inputs;
    const { width, outputs } = this;
    const features = x.shape[2];
    const rows = this.steps * this.count;
    this.product(input, weightIh, dx, { rows, k: width, n: features }, false);
    this.ofMatrix(input, width, lengths ? this.within(x, features, 0) : x, features, dweightIh);
    this.ofMatrix(state, width, before, outputs, dweightHh);
    dbiases.forEach((to, i) => {
      sumRows(this.engine, laidOut(i === 0 ? input : state, [rows, width], [width, 1]), to);
    });
  }
}
function sumRows(engine: Engine, rows: View, to: View): void {
  const { dtype } = rows;
  const same = compileProgram(input(0), [dtype], 0, scalarType(dtype), dtype);
  reduce(engine, "sum", same, [rows], [], laidOut(to, [1, rows.shape[1]], [rows.shape[1], 1]), [0]);
}

/** Recurrent layers: a product and a kernel each step, and each weight's gradient as one product (native/kernels/recurrent.cuh). */
export function recurrentKernels(engine: Engine): Layers {
  const supports = (all: readonly (View | undefined)[], { lengths }: RecurrentAttrs, at: number): boolean =>
    lengths
      ? whole(all[at]) && all[at]?.shape.includes(0) === false && allFloats(all.filter((_, i) => i !== at))
      : allFloats(all);
  const layer = (inputs: readonly View[], cells: boolean, a: RecurrentAttrs, run: (call: Call) => void): void => {
    const call = new Call(engine, inputsOf(inputs, cells, a), a.reverse);
    try {
      run(call);
    } finally {
      call.end();
    }
  };
  /**
   * Walks back. `take` makes the gradients of a step's gates from what `arriving` writes of the gradient that comes to h; `state` is that of the
   * state's share. The first state's is `dh`.
   */
  const walk = (
    call: Call,
    [g, gLast, dh]: readonly [View, View, View],
    state: View,
    take: (t: number, before: number, first: boolean, arriving: readonly number[]) => void,
  ): void => {
    const { outputs, count, width } = call;
    const through = call.memory(count, outputs);
    const past = call.memory(count, outputs);
    call.back((t, before, first) => {
      const parts = first ? [addressOf(gLast), 0] : [0, addressOf(through)];
      take(t, before, first, [call.at(g, t, outputs), ...parts, addressOf(past)]);
      const sums = call.step(state, t, width);
      call.product(sums, call.inputs.weightHh, through, { rows: count, k: width, n: outputs }, false);
    });
    // no sequence has a step behind the last one, and none is needed where they have no lengths
    call.words(outputs, call.steps).ints([addressOf(g), 0, addressOf(through), addressOf(past), addressOf(dh)]);
    call.launch("first_state", outputs);
  };

  /**
   * The steps in the order in which they read: `take` gets a step, the one before it (-1: none) and where its output goes, the last state and the
   * state it begins with, whose share was made.
   */
  const eachStep = (
    call: Call,
    { output, last, share }: { readonly output: View; readonly last: View; readonly share: View },
    take: (t: number, before: number, taken: readonly number[]) => void,
  ): void =>
    call.forward((t, before) => {
      const h = before < 0 ? call.inputs.h : last;
      call.stateShare(h, share);
      take(t, before, [call.at(output, t, call.outputs), addressOf(last), addressOf(h)]);
    });

  return {
    rnnLayer: {
      supports: (all, a) => supports(all, a, a.bias ? 6 : 4),
      run: (inputs, [output, last], a) =>
        layer(inputs, false, a, (call) => {
          const { outputs, count, steps } = call;
          const shares = call.memory(steps, count, outputs);
          const share = call.memory(count, outputs);
          call.inputShare(shares);
          eachStep(call, { output, last, share }, (t, _before, taken) => {
            call
              .words(outputs, t)
              .ints(taken)
              .int(a.nonlinearity === "relu" ? 1 : 0)
              .ints([call.at(shares, t, outputs), addressOf(share)]);
            call.launch("rnn_step", outputs);
          });
        }),
    },
    rnnLayerBackward: {
      supports: (all, a) => supports(all, a, all.length - 2),
      run: ([g, gLast, ...rest], [dx, dh, ...others], a) =>
        layer(rest, false, a, (call) => {
          const { outputs, count, steps } = call;
          const output = rest[rest.length - 1];
          const sums = call.memory(steps, count, outputs);
          walk(call, [g, gLast, dh], sums, (t, _before, _first, arriving) => {
            call
              .words(outputs, t)
              .ints(arriving)
              .int(a.nonlinearity === "relu" ? 1 : 0)
              .ints([call.at(output, t, outputs), call.at(sums, t, outputs)]);
            call.launch("rnn_step_back", outputs);
          });
          call.gradients(sums, sums, call.before(output), [dx, ...others]);
        }),
    },
    lstmLayer: {
      supports: (all, a) => supports(all, a, 5 + (a.bias ? 2 : 0) + (a.projection ? 1 : 0)),
      run: (inputs, [output, lastH, lastC, gates, cells], a) =>
        layer(inputs, true, a, (call) => {
          const { outputs, hidden, width, count } = call;
          const { c, projection } = call.inputs;
          const share = call.memory(count, width);
          const made = projection && call.memory(count, hidden);
          const projected = projection && call.memory(count, outputs);
          call.inputShare(gates);
          eachStep(call, { output, last: lastH, share }, (t, before, taken) => {
            call
              .words(hidden, t)
              .ints(taken)
              .ints([or0(made), call.at(gates, t, width), addressOf(share)])
              .int(before < 0 ? or0(c) : call.at(cells, before, hidden))
              .ints([call.at(cells, t, hidden), addressOf(lastC)]);
            call.launch("lstm_step", hidden);
            if (!projection || !made || !projected) return;
            call.product(made, projection, projected, { rows: count, k: hidden, n: outputs }, true);
            call.words(outputs, t).ints(taken).int(addressOf(projected));
            call.launch("projected_step", outputs);
          });
        }),
    },
    lstmLayerBackward: {
      supports: (all, a) => supports(all, a, all.length - 4),
      run: ([g, gH, gC, ...rest], [dx, dh, dc, ...others], a) =>
        layer(rest, true, a, (call) => {
          const { outputs, hidden, width, count, steps } = call;
          const { c, projection } = call.inputs;
          const [output, gates, cells] = rest.slice(-3);
          const sums = call.memory(steps, count, width);
          const came = projection && call.memory(steps, count, outputs);
          const toHidden = projection && call.memory(count, hidden);
          const made = projection && call.memory(steps, count, hidden);
          walk(call, [g, gH, dh], sums, (t, before, first, arriving) => {
            let own = arriving;
            if (projection && came && toHidden) {
              call
                .words(outputs, t)
                .ints(arriving)
                .int(call.at(came, t, outputs));
              call.launch("projected_step_back", outputs);
              call.product(
                call.step(came, t, outputs),
                projection,
                toHidden,
                { rows: count, k: outputs, n: hidden },
                false,
              );
              own = [addressOf(toHidden), 0, 0, 0];
            }
            call
              .words(hidden, t)
              .ints(own)
              .int(call.at(gates, t, width))
              .int(before < 0 ? or0(c) : call.at(cells, before, hidden))
              .ints([call.at(cells, t, hidden), addressOf(first ? gC : dc), addressOf(dc), call.at(sums, t, width)])
              .int(made ? call.at(made, t, hidden) : 0);
            call.launch("lstm_step_back", hidden);
          });
          const ofProjection = projection ? others.pop() : undefined;
          call.gradients(sums, sums, call.before(output), [dx, ...others]);
          if (came && made && ofProjection) call.ofMatrix(came, outputs, made, hidden, ofProjection);
        }),
    },
    gruLayer: {
      supports: (all, a) => supports(all, a, a.bias ? 6 : 4),
      run: (inputs, [output, last, gates, shares], a) =>
        layer(inputs, false, a, (call) => {
          const { outputs, width, count } = call;
          const share = call.memory(count, width);
          call.inputShare(gates);
          eachStep(call, { output, last, share }, (t, _before, taken) => {
            call
              .words(outputs, t)
              .ints(taken)
              .ints([call.at(gates, t, width), addressOf(share), call.at(shares, t, outputs)]);
            call.launch("gru_step", outputs);
          });
        }),
    },
    gruLayerBackward: {
      supports: (all, a) => supports(all, a, all.length - 4),
      run: ([g, gLast, ...rest], [dx, dh, ...others], a) =>
        layer(rest, false, a, (call) => {
          const { outputs, width, count, steps } = call;
          const [output, gates, shares] = rest.slice(-3);
          const before = call.before(output);
          const toInput = call.memory(steps, count, width);
          const toState = call.memory(steps, count, width);
          walk(call, [g, gLast, dh], toState, (t, _before, _first, arriving) => {
            call
              .words(outputs, t)
              .ints(arriving)
              .ints([call.at(gates, t, width), call.at(shares, t, outputs), call.at(before, t, outputs)])
              .ints([call.at(toInput, t, width), call.at(toState, t, width)]);
            call.launch("gru_step_back", outputs);
          });
          call.gradients(toInput, toState, before, [dx, ...others]);
        }),
    },
  };
}
