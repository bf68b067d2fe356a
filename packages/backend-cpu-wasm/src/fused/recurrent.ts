import type { FusedKernels, Needs, RecurrentAttrs, View } from "@flambeau/tensor/plugin";
import { addressOf } from "../buffer.ts";
import type { Engine } from "../engine/engine.ts";
import {
  canRecur,
  type Recurrent,
  type RecurrentGradients,
  recurrentBackward,
  recurrentForward,
} from "../engine/recurrent.ts";
import { at } from "./address.ts";

/** The inputs of a layer: x, `states` first states, weights, shifts, lengths. */
function problem(
  kind: Recurrent["kind"],
  inputs: readonly View[],
  states: number,
  { reverse, bias, lengths }: RecurrentAttrs,
): Recurrent {
  const [x, h] = inputs;
  const [steps, sequences, input] = x.shape;
  const weights = 1 + states;
  const ends = lengths ? inputs[inputs.length - 1] : undefined;
  const lengthBytes = ends?.dtype === "int64" ? 8 : 4;
  return {
    ...{
      kind,
      steps,
      sequences,
      input,
      hidden: h.shape[1],
      reverse,
      x: at(x),
      h: at(h),
      c: states > 1 ? at(inputs[2]) : 0,
    },
    weightIh: at(inputs[weights]),
    weightHh: at(inputs[weights + 1]),
    biasIh: at(bias ? inputs[weights + 2] : undefined),
    biasHh: at(bias ? inputs[weights + 3] : undefined),
    lengths: ends ? addressOf(ends, lengthBytes) : 0,
    lengthBytes,
  };
}

/** `layer`: what a layer is given, the lengths its last; `all`: that, and what there is besides for a gradient. */
function takes(all: readonly View[], layer: readonly View[], { lengths }: RecurrentAttrs): boolean {
  const [x, h] = layer;
  const ends = lengths ? layer[layer.length - 1] : undefined;
  return (
    all.every((view) => view === ends || view.dtype === "float32") &&
    (ends === undefined || ends.dtype === "int32" || ends.dtype === "int64") &&
    x.shape.every((size) => size > 0) &&
    h.shape[1] > 0 &&
    canRecur(h.shape[1])
  );
}

/** The gradients of x, states, weights and shifts, where they are wanted. */
function gradients(
  outputs: readonly View[],
  states: number,
  { bias, needs }: RecurrentAttrs & Needs,
): RecurrentGradients {
  const wanted = (i: number): number => (needs[i] ? at(outputs[i]) : 0);
  const weights = 1 + states;
  return {
    ...{ x: wanted(0), h: at(outputs[1]), c: states > 1 ? at(outputs[2]) : 0 },
    ...{ weightIh: wanted(weights), weightHh: wanted(weights + 1) },
    ...{ biasIh: bias ? wanted(weights + 2) : 0, biasHh: bias ? wanted(weights + 3) : 0 },
  };
}

type Names = "rnnLayer" | "lstmLayer" | "gruLayer";
/** Recurrent layers, and their gradients. */
export function recurrentKernels(engine: Engine): Required<FusedKernels<Names | `${Names}Backward`>> {
  /** The inputs of a gradient: those of the results, the layer's, its output, and what it kept. */
  const backward = (
    kind: Recurrent["kind"],
    inputs: readonly View[],
    outputs: readonly View[],
    attrs: RecurrentAttrs & Needs,
  ): void => {
    const states = kind === "lstm" ? 2 : 1;
    const layer = inputs.length - (kind === "lstm" || kind === "gru" ? 3 : 1);
    const [output, sums, cells] = inputs.slice(layer);
    const to = gradients(outputs, states, attrs);
    const given = problem(kind, inputs.slice(1 + states, layer), states, attrs);
    const { u8 } = engine;
    // what comes back to a state is found in the place of its gradient
    [to.h, to.c].slice(0, states).forEach((place, i) => {
      const from = at(inputs[1 + i]);
      u8.copyWithin(place, from, from + given.sequences * given.hidden * 4);
    });
    recurrentBackward(engine, given, { output: at(output), sums: at(sums), cells: at(cells) }, at(inputs[0]), to);
  };
  return {
    rnnLayer: {
      supports: (inputs, attrs) => takes(inputs, inputs, attrs),
      run(inputs, [output, h], attrs) {
        const kept = { output: at(output), sums: 0, cells: 0 };
        recurrentForward(engine, problem(attrs.nonlinearity, inputs, 1, attrs), kept, { h: at(h), c: 0 });
      },
    },
    rnnLayerBackward: {
      supports: (inputs, attrs) => takes(inputs, inputs.slice(2, -1), attrs),
      run: (inputs, outputs, attrs) => backward(attrs.nonlinearity, inputs, outputs, attrs),
    },
    lstmLayer: {
      supports: (inputs, attrs) => !attrs.projection && takes(inputs, inputs, attrs),
      run(inputs, [output, h, c, sums, cells], attrs) {
        const kept = { output: at(output), sums: at(sums), cells: at(cells) };
        recurrentForward(engine, problem("lstm", inputs, 2, attrs), kept, { h: at(h), c: at(c) });
      },
    },
    lstmLayerBackward: {
      supports: (inputs, attrs) => !attrs.projection && takes(inputs, inputs.slice(3, -3), attrs),
      run: (inputs, outputs, attrs) => backward("lstm", inputs, outputs, attrs),
    },
    gruLayer: {
      supports: (inputs, attrs) => takes(inputs, inputs, attrs),
      run(inputs, [output, h, sums, shares], attrs) {
        const kept = { output: at(output), sums: at(sums), cells: at(shares) };
        recurrentForward(engine, problem("gru", inputs, 1, attrs), kept, { h: at(h), c: 0 });
      },
    },
    gruLayerBackward: {
      supports: (inputs, attrs) => takes(inputs, inputs.slice(2, -3), attrs),
      run: (inputs, outputs, attrs) => backward("gru", inputs, outputs, attrs),
    },
  };
}
