// Fused recurrent layers: what a step costs, and the two forms of a step back, which take more or fewer units to an invocation.
import type { View } from "@flambeau/tensor/plugin";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Engine } from "../src/engine/engine.ts";
import { blockOf } from "../src/engine/memory.ts";
import { recurrentKernels } from "../src/fused/recurrent.ts";
import type { WebGpuBackend } from "../src/index.ts";
import { Gemm } from "../src/kernels/gemm/gemm.ts";
import { adapterMissing, openBackend } from "./support/adapter.ts";

const kinds = [
  { op: "lstmLayer", gates: 4, states: 2, kept: [4, 1] },
  { op: "gruLayer", gates: 3, states: 1, kept: [3, 1] },
  { op: "rnnLayer", gates: 1, states: 1, kept: [] },
] as const;
// sizes that fill neither four rows nor four units evenly
const [steps, count, input, hidden] = [4, 7, 5, 10];

describe.skipIf(await adapterMissing())("recurrent layers", () => {
  let backend: WebGpuBackend;
  let engine: Engine;
  beforeAll(async () => {
    backend = await openBackend();
    engine = new Engine(backend.device, { memoryLimit: Number.POSITIVE_INFINITY, pump: null });
  });
  afterAll(() => engine.dispose());

  let seed = 0;
  const view = (shape: readonly number[], filled = true): View => {
    const size = shape.reduce((a, b) => a * b, 1);
    const buffer = engine.alloc(4 * size);
    seed++;
    const values = Float32Array.from({ length: size }, (_, i) =>
      filled ? ((Math.imul(i + 1000 * seed, 2654435761) >>> 9) % 8191) / 4096 - 1 : Number.NaN,
    );
    engine.write(blockOf(buffer), 0, new Uint8Array(values.buffer));
    const strides = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1));
    return { buffer, dtype: "float32", offset: 0, shape, strides };
  };
  const read = async (v: View): Promise<Float32Array> =>
    new Float32Array((await engine.read(blockOf(v.buffer), 0, 4 * v.shape.reduce((a, b) => a * b, 1))).buffer);
  /** Inputs and outputs of a layer, and what its gradient has besides. */
  const layerOf = ({ gates, states, kept }: (typeof kinds)[number]) => {
    const inputs = [
      view([steps, count, input]),
      ...Array.from({ length: states }, () => view([count, hidden])),
      view([gates * hidden, input]),
      view([gates * hidden, hidden]),
      view([gates * hidden]),
      view([gates * hidden]),
    ];
    const results = [
      view([steps, count, hidden], false),
      ...inputs.slice(1, 1 + states).map((s) => view(s.shape, false)),
    ];
    const outputs = [...results, ...kept.map((size) => view([steps, count, size * hidden], false))];
    return { inputs, results, outputs, grads: () => results.map((r) => view(r.shape)) };
  };
  type Run = (inputs: readonly View[], outputs: readonly View[], attrs: object) => void;
  const runOf = (kernels: object, name: string): Run => (kernels as { [op: string]: { run: Run } })[name].run;

  for (const kind of kinds)
    for (const reverse of [false, true])
      test(`${kind.op}${reverse ? " in reverse" : ""}: one dispatch a step, and both forms of a step back give the same bits`, async () => {
        const attrs = { reverse, bias: true, lengths: false, projection: false, nonlinearity: "tanh" };
        const gemm = new Gemm(engine, true);
        const [soft, hard] = [true, false].map((software) => recurrentKernels(engine, gemm, software));
        const { inputs, outputs, grads } = layerOf(kind);
        const before = engine.counters.dispatches;
        runOf(soft, kind.op)(inputs, outputs, attrs);
        // the input's shares, the weights turned, the steps
        expect(engine.counters.dispatches - before).toBe(2 + steps);
        for (const made of outputs) expect((await read(made)).some(Number.isNaN)).toBe(false);
        const given = [...grads(), ...inputs, outputs[0], ...outputs.slice(1 + kind.states)];
        const [a, b] = [soft, hard].map((kernels) => {
          const out = inputs.map((i) => view(i.shape, false));
          runOf(kernels, `${kind.op}Backward`)(given, out, { ...attrs, needs: inputs.map(() => true) });
          return out;
        });
        for (const [k, one] of a.entries()) {
          const values = await read(one);
          expect(values.some(Number.isNaN), `gradient ${k}`).toBe(false);
          expect(await read(b[k]), `gradient ${k}`).toEqual(values);
        }
      });
});
