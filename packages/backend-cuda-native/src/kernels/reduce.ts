import type { DType } from "@flambeau/tensor";
import {
  bytesOf,
  compileProgram,
  contiguousStrides,
  dtypeCode,
  input,
  type Program,
  type ReduceKind,
  scalarType,
  sizeOf,
  type View,
} from "@flambeau/tensor/plugin";
import { heldIn, kindOf, typed } from "../combine.ts";
import type { Engine } from "../engine/engine.ts";
import { loopsOver, writeLoops } from "../engine/loops.ts";
import { addressOf, laidOut } from "../engine/views.ts";
import { generatedFor, withProgram, writeParams } from "../program.ts";

/** Up to so many values are a single thread's. */
const short = 32;
/** What one launch has of blocks. */
const mostBlocks = 65_535;
/** Fewer outputs than these leave a card idle: their values are sliced, into pieces of at least so many. */
const fewOutputs = 256;
const slice = 4096;
/** Into how many pieces the values of an output go: by the sizes alone, so that results are the same on every card. */
const slicesOf = (outputs: number, count: number): number =>
  outputs >= fewOutputs ? 1 : Math.max(1, Math.min(256, Math.floor(count / slice)));

/** Combines program(inputs...) over `dims`. */
export function reduce(
  engine: Engine,
  kind: ReduceKind,
  program: Program,
  inputs: readonly View[],
  params: readonly number[],
  output: View,
  dims: readonly number[],
): void {
  const outputs = sizeOf(output.shape);
  if (outputs === 0) return;
  const count = sizeOf(dims.map((d) => inputs[0].shape[d]));
  const slices = slicesOf(outputs, count);
  const { dtype } = output;
  const call = { engine, kind, program, inputs, params, dims, outputs, count, slices };
  if (slices === 1) return launch(call, addressOf(output), dtype);
  const held = heldIn(dtype);
  const buffer = engine.alloc(outputs * slices * bytesOf(held));
  try {
    launch(call, buffer.pointer, held);
    const parts: View = { buffer, dtype: held, offset: 0, shape: [outputs, slices], strides: [slices, 1] };
    const same = compileProgram(input(0), [held], 0, scalarType(dtype), dtype);
    reduce(engine, kind, same, [parts], [], laidOut(output, [outputs, 1], [1, 1]), [1]);
  } finally {
    engine.free(buffer);
  }
}

interface Call {
  readonly engine: Engine;
  readonly kind: ReduceKind;
  readonly program: Program;
  readonly inputs: readonly View[];
  readonly params: readonly number[];
  readonly dims: readonly number[];
  readonly outputs: number;
  readonly count: number;
  readonly slices: number;
}

/** One pass, which writes row-major from an address on: each output or, one after the other, its slices. */
function launch(call: Call, to: number, dtype: DType): void {
  const { engine, kind, program, inputs, params, dims, outputs, count, slices } = call;
  const { shape } = inputs[0];
  const all = shape.map((_, d) => d);
  // the last one is the position, of which programs may ask
  const strides = [...inputs.map((v) => v.strides), contiguousStrides(shape)];
  const kept = loopsOver(
    shape,
    strides,
    all.filter((d) => !dims.includes(d)),
  );
  const reduced = loopsOver(
    shape,
    strides,
    all.filter((d) => dims.includes(d)),
  );
  const generated = generatedFor(engine, program, kind);
  const words = engine.words().int(kindOf(kind)).int(outputs).int(count).int(slices);
  writeLoops(words, kept);
  writeLoops(words, reduced);
  words.int(to).int(dtypeCode(dtype)).int(inputs.length);
  inputs.forEach((view, k) => {
    words.int(addressOf(view)).int(dtypeCode(view.dtype)).ints(kept.steps[k]).ints(reduced.steps[k]);
  });
  words.ints(kept.steps[inputs.length]).ints(reduced.steps[inputs.length]);
  const blocks = Math.min(outputs * slices, mostBlocks);
  if (generated !== null) {
    writeParams(words, params);
    if (count <= short) engine.forEach(generated[0], outputs);
    else engine.launch(generated[1], blocks);
  } else if (count <= short)
    withProgram(engine, program, params, engine.threads(outputs), words, () =>
      engine.forEach(typed("reduce_short", dtype), outputs),
    );
  else
    withProgram(engine, program, params, blocks * engine.blockSize, words, () =>
      engine.launch(typed("reduce_long", dtype), blocks),
    );
}
