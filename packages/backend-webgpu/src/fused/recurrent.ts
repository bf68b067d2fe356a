import type { FusedKernels, LstmAttrs, Needs, RecurrentAttrs, RnnAttrs, View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { type Block, blockOf, type DeviceBuffer } from "../engine/memory.ts";
import { isSoftware } from "../engine/software.ts";
import { ColumnSums } from "../kernels/column-sums.ts";
import type { Gemm } from "../kernels/gemm/gemm.ts";
import {
  backwardSource,
  backwardWords as bw,
  firstStateSource,
  forwardSource,
  forwardWords as fw,
  gatesOf,
  high,
  type Kind,
  turnedSource,
} from "../kernels/recurrent/text.ts";
import { workgroup } from "../wgsl/shader.ts";
import { allFloat32 } from "./views.ts";

type LayerAttrs = RecurrentAttrs & Partial<Pick<RnnAttrs, "nonlinearity"> & Pick<LstmAttrs, "projection">>;

/** A matrix in memory, row-major unless `turned`: [rows, columns] are those of the matrix as it is multiplied. */
interface Matrix {
  readonly block: Block;
  readonly offset: number;
  /** The step from a row to the next and from a column to the next. */
  readonly steps: readonly [number, number];
}
const plain = (view: View, columns: number): Matrix => ({
  block: blockOf(view.buffer),
  offset: view.offset,
  steps: [columns, 1],
});
const scratch = (memory: DeviceBuffer, columns: number): Matrix => ({
  block: blockOf(memory),
  offset: 0,
  steps: [columns, 1],
});
const turned = ({ block, offset, steps: [row, column] }: Matrix): Matrix => ({ block, offset, steps: [column, row] });

/** Sizes of a call, and in which order the steps are taken. */
interface Sizes {
  readonly steps: number;
  readonly count: number;
  readonly input: number;
  readonly hidden: number;
  /** Elements of a step's states. */
  readonly states: number;
  readonly reverse: boolean;
}
const sizesOf = ({ shape: [steps, count, input] }: View, hidden: number, { reverse }: RecurrentAttrs): Sizes => ({
  steps,
  count,
  input,
  hidden,
  states: count * hidden,
  reverse,
});

/** Recurrent layers of float32: of all steps at once what does not depend on the states, and a dispatch for each step, forward and back. */
export function recurrentKernels(
  engine: Engine,
  gemm: Gemm,
  software: boolean = isSoftware(engine.device),
): Required<
  FusedKernels<"lstmLayer" | "lstmLayerBackward" | "gruLayer" | "gruLayerBackward" | "rnnLayer" | "rnnLayerBackward">
> {
  const layers = new Layers(engine, gemm, software);
  const supports = (inputs: readonly (View | undefined)[], { lengths, projection }: LayerAttrs): boolean =>
    !lengths && projection !== true && allFloat32(inputs) && inputs.every((v) => !v?.shape.includes(0));
  const forward = (kind: Kind) => ({
    supports,
    run: (inputs: readonly View[], outputs: readonly View[], attrs: LayerAttrs) =>
      layers.forward(kind, inputs, outputs, attrs),
  });
  const backward = (kind: Kind) => ({
    supports,
    run: (inputs: readonly View[], outputs: readonly View[], attrs: LayerAttrs & Needs) =>
      layers.backward(kind, inputs, outputs, attrs),
  });
  return {
    lstmLayer: forward("lstm"),
    lstmLayerBackward: backward("lstm"),
    gruLayer: forward("gru"),
    gruLayerBackward: backward("gru"),
    rnnLayer: forward("rnn"),
    rnnLayerBackward: backward("rnn"),
  };
}

class Layers {
  readonly #engine: Engine;
  readonly #gemm: Gemm;
  readonly #columnSums: ColumnSums;
  /** Units of an invocation on the way back. */
  readonly #wide: number;
  readonly #kernels = new Map<number, Kernel>();

  constructor(engine: Engine, gemm: Gemm, software: boolean) {
    this.#engine = engine;
    this.#gemm = gemm;
    this.#columnSums = new ColumnSums(engine);
    this.#wide = software ? 4 : 1;
  }

  #kernel(role: number, kind: Kind, flags: number, make: () => ReturnType<typeof turnedSource>): Kernel {
    const key = (role * 8 + gatesOf[kind]) * 16 + flags;
    let kernel = this.#kernels.get(key);
    if (kernel === undefined) this.#kernels.set(key, (kernel = this.#engine.kernel(make())));
    return kernel;
  }

  forward(kind: Kind, inputs: readonly View[], outputs: readonly View[], attrs: LayerAttrs): void {
    const engine = this.#engine;
    const count = kind === "lstm" ? 2 : 1;
    const [x, ...rest] = inputs;
    const first = rest.slice(0, count);
    const [weightIh, weightHh, biasIh, biasHh] = rest.slice(count);
    const [output, ...others] = outputs;
    const last = others.slice(0, count);
    const kept = others.slice(count);
    const gates = gatesOf[kind];
    const s = sizesOf(x, first[0].shape[1], attrs);
    const { steps, states, hidden } = s;
    const width = gates * hidden;
    // the input's shares lie where the sums will be
    const sums = kind === "rnn" ? output : kept[0];
    const rows = steps * s.count;
    this.#multiply(
      plain(x, s.input),
      turned(plain(weightIh, s.input)),
      plain(sums, width),
      rows,
      width,
      s.input,
      biasIh,
    );
    const memory = engine.alloc(width * hidden * 4);
    const weights = blockOf(memory);
    this.#turn(weightHh, width, hidden, weights);
    const relu = attrs.nonlinearity === "relu";
    for (let k = 0; k < steps; k++) {
      const t = s.reverse ? steps - 1 - k : k;
      const before = s.reverse ? t + 1 : t - 1;
      const beginning = k === 0;
      const flags = (attrs.bias ? 1 : 0) + (beginning ? 2 : 0) + (relu ? 4 : 0);
      const kernel = this.#kernel(0, kind, flags, () => forwardSource(kind, attrs.bias, beginning, relu));
      const at = engine.begin(fw.end);
      const { u32, blocks } = engine;
      let next = 0;
      if (kind !== "rnn") blocks[next++] = blockOf(sums.buffer);
      blocks[next++] = blockOf(output.buffer);
      if (kind !== "rnn") blocks[next++] = blockOf(kept[1].buffer);
      blocks[next++] = weights;
      if (attrs.bias) blocks[next++] = blockOf(biasHh.buffer);
      if (beginning) for (const state of first) blocks[next++] = blockOf(state.buffer);
      u32[at + fw.count] = s.count;
      u32[at + fw.hidden] = hidden;
      u32[at + fw.sums] = sums.offset + t * s.count * width;
      u32[at + fw.shift] = attrs.bias ? biasHh.offset : 0;
      u32[at + fw.output] = output.offset + t * states;
      u32[at + fw.before] = beginning ? first[0].offset : output.offset + before * states;
      if (kind !== "rnn") u32[at + fw.kept] = kept[1].offset + t * states;
      if (kind === "lstm") u32[at + fw.cell] = beginning ? first[1].offset : kept[1].offset + before * states;
      engine.dispatchLine(kernel, at, fw.end, this.#groups(s, 1));
    }
    engine.free(memory);
    const end = (s.reverse ? 0 : steps - 1) * states;
    this.#copy(output, end, blockOf(last[0].buffer), last[0].offset, states);
    if (kind === "lstm") this.#copy(kept[1], end, blockOf(last[1].buffer), last[1].offset, states);
  }

  backward(kind: Kind, inputs: readonly View[], outputs: readonly View[], attrs: LayerAttrs & Needs): void {
    const engine = this.#engine;
    const count = kind === "lstm" ? 2 : 1;
    const [g, ...others] = inputs;
    const gLast = others.slice(0, count);
    const [x, ...rest] = others.slice(count);
    const first = rest.slice(0, count);
    const [weightIh, weightHh] = rest.slice(count);
    const [output, ...kept] = rest.slice(count + (attrs.bias ? 4 : 2));
    const [dx, ...found] = outputs;
    const dFirst = found.slice(0, count);
    const [dWeightIh, dWeightHh, dBiasIh, dBiasHh] = found.slice(count);
    const gates = gatesOf[kind];
    const s = sizesOf(x, first[0].shape[1], attrs);
    const { steps, states, hidden, input } = s;
    const width = gates * hidden;
    const rows = steps * s.count;

    const sums = engine.alloc(rows * width * 4);
    // only in gated units the gradient of a sum differs from that of the input's share of it
    const shares = kind === "gru" ? engine.alloc(rows * width * 4) : sums;
    const carry = kind === "gru" ? engine.alloc(states * 4) : null;
    const carryBlock = carry === null ? blockOf(dFirst[count - 1].buffer) : blockOf(carry);
    const carryOffset = carry === null ? dFirst[count - 1].offset : 0;
    const before = engine.alloc(rows * hidden * 4);
    this.#copy(first[0], 0, blockOf(before), (s.reverse ? steps - 1 : 0) * states, states);
    if (steps > 1)
      this.#copy(output, s.reverse ? states : 0, blockOf(before), s.reverse ? 0 : states, (steps - 1) * states);

    const relu = attrs.nonlinearity === "relu";
    const wide = this.#wide;
    const seen = kind === "rnn" ? output : kept[0];
    for (let k = steps - 1; k >= 0; k--) {
      const t = s.reverse ? steps - 1 - k : k;
      const after = s.reverse ? t - 1 : t + 1;
      const beginning = k === steps - 1;
      const end = k === 0;
      const flags = (beginning ? 1 : 0) + (end && kind === "lstm" ? 2 : 0) + (relu ? 4 : 0);
      const kernel = this.#kernel(1, kind, flags, () => backwardSource(kind, wide, beginning, end, relu));
      const at = engine.begin(bw.end);
      const { u32, blocks } = engine;
      let next = 0;
      blocks[next++] = blockOf(sums);
      if (kind === "gru") blocks[next++] = blockOf(shares);
      if (kind !== "rnn") blocks[next++] = carryBlock;
      blocks[next++] = blockOf(g.buffer);
      blocks[next++] = blockOf(seen.buffer);
      if (kind !== "rnn") blocks[next++] = blockOf(kept[1].buffer);
      if (kind === "gru") blocks[next++] = blockOf(before);
      if (beginning) for (const state of gLast) blocks[next++] = blockOf(state.buffer);
      else blocks[next++] = blockOf(weightHh.buffer);
      if (kind === "lstm" && end) blocks[next++] = blockOf(first[1].buffer);
      u32[at + bw.count] = s.count;
      u32[at + bw.hidden] = hidden;
      u32[at + bw.sums] = u32[at + bw.input] = t * s.count * width;
      u32[at + bw.after] = after * s.count * width;
      u32[at + bw.carry] = carryOffset;
      u32[at + bw.g] = g.offset + t * states;
      u32[at + bw.gates] = seen.offset + t * s.count * width;
      if (kind !== "rnn") u32[at + bw.kept] = kept[1].offset + t * states;
      if (kind === "gru") u32[at + bw.before] = t * states;
      if (kind === "lstm")
        u32[at + bw.before] = end ? first[1].offset : kept[1].offset + (s.reverse ? t + 1 : t - 1) * states;
      u32[at + bw.weight] = weightHh.offset;
      u32[at + bw.last] = gLast[0].offset;
      if (kind === "lstm") u32[at + bw.lastCell] = gLast[1].offset;
      engine.dispatchLine(kernel, at, bw.end, this.#groups(s, wide));
    }
    this.#toFirstState(kind, s, blockOf(sums), weightHh, carry, dFirst[0]);

    // what is not wanted has no room
    const [ofX, ofWeightIh, ofWeightHh, ofBiasIh, ofBiasHh] = [attrs.needs[0], ...attrs.needs.slice(1 + count)];
    const ofShares = scratch(shares, width);
    const ofSums = scratch(sums, width);
    if (ofX) this.#multiply(ofShares, plain(weightIh, input), plain(dx, input), rows, input, width);
    if (ofWeightIh) this.#multiply(turned(ofShares), plain(x, input), plain(dWeightIh, input), width, input, rows);
    if (ofWeightHh)
      this.#multiply(turned(ofSums), scratch(before, hidden), plain(dWeightHh, hidden), width, hidden, rows);
    if (attrs.bias && ofBiasIh)
      this.#columnSums.run(ofShares.block, 0, rows, width, blockOf(dBiasIh.buffer), dBiasIh.offset);
    if (attrs.bias && ofBiasHh)
      this.#columnSums.run(ofSums.block, 0, rows, width, blockOf(dBiasHh.buffer), dBiasHh.offset);
    engine.free(before);
    if (carry !== null) engine.free(carry);
    if (shares !== sums) engine.free(shares);
    engine.free(sums);
  }

  #toFirstState(kind: Kind, s: Sizes, sums: Block, weight: View, carry: DeviceBuffer | null, out: View): void {
    const engine = this.#engine;
    const wide = this.#wide;
    const kernel = this.#kernel(2, kind, 0, () => firstStateSource(kind, wide));
    const at = engine.begin(bw.end);
    const { u32, blocks } = engine;
    blocks[0] = blockOf(out.buffer);
    blocks[1] = sums;
    blocks[2] = blockOf(weight.buffer);
    if (carry !== null) blocks[3] = blockOf(carry);
    u32[at + bw.count] = s.count;
    u32[at + bw.hidden] = s.hidden;
    u32[at + bw.after] = (s.reverse ? s.steps - 1 : 0) * s.count * gatesOf[kind] * s.hidden;
    u32[at + bw.carry] = 0;
    u32[at + bw.weight] = weight.offset;
    u32[at + bw.last] = out.offset;
    engine.dispatchLine(kernel, at, bw.end, this.#groups(s, wide));
  }

  #groups({ count, hidden }: Sizes, wide: number): number {
    return Math.ceil((Math.ceil(count / high) * Math.ceil(hidden / wide)) / workgroup);
  }

  /** The weights of the state [width, hidden] as [hidden, width]: neighbours then read neighbours. */
  #turn(weight: View, width: number, hidden: number, out: Block): void {
    const engine = this.#engine;
    const kernel = this.#kernel(3, "rnn", 0, turnedSource);
    const at = engine.begin(4);
    engine.blocks[0] = out;
    engine.blocks[1] = blockOf(weight.buffer);
    engine.u32[at + 1] = width;
    engine.u32[at + 2] = hidden;
    engine.u32[at + 3] = weight.offset;
    engine.dispatchLine(kernel, at, 4, Math.ceil((width * hidden) / workgroup));
  }

  #copy(from: View, fromElement: number, to: Block, toElement: number, elements: number): void {
    this.#engine.copy(blockOf(from.buffer), 4 * (from.offset + fromElement), to, 4 * toElement, 4 * elements);
  }

  /** out [rows, columns] = left [rows, depth] right [depth, columns], with what is added to each column. */
  #multiply(left: Matrix, right: Matrix, out: Matrix, rows: number, columns: number, depth: number, bias?: View): void {
    const p = this.#gemm.product;
    p.isOfMatrices(1, rows, columns, depth, out.block, out.offset);
    p.left.isMatrix(left.block, left.offset, left.steps[0], left.steps[1]);
    p.right.isMatrix(right.block, right.offset, right.steps[1], right.steps[0]);
    if (bias !== undefined) p.addsToColumns(bias);
    this.#gemm.run();
  }
}
