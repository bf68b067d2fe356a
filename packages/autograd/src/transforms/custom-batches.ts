import { isTensor, sum, type Tensor } from "@flambeau/tensor/functional";
import { type Call, type Result, sameShape, unbroadcast } from "@flambeau/tensor/plugin";
import { type CustomCall, FunctionContext } from "../function.ts";
import { spread } from "./batching/lanes.ts";
import { takeOver } from "./take-over.ts";
import { mapTree } from "./tree.ts";

/** What this needs of the level of batches. */
interface Batches {
  readonly size: number;
  run<T>(fn: () => T): T;
  /** One sample of a batch. */
  sample(value: Tensor, owns: boolean): Tensor;
  /** The batch behind a result, which is the caller's from now on; null for what is the same for all. */
  batchOf(t: Tensor): Tensor | null;
  valueOf(t: Tensor): Tensor | null;
}

const asList = (x: Tensor | readonly Tensor[]): readonly Tensor[] => (isTensor(x) ? [x] : x);

/**
 * A call with batches among its inputs, as the level below gets it: forward and backward are those of one sample, run for all of them on
 * batches that look like one. Which tensors are batches is known here, once forward has run.
 */
export function customOfBatches(level: Batches, call: Call): readonly Tensor[] {
  const given = call.attrs as CustomCall;
  const isBatch = call.inputs.map((t) => level.valueOf(t) !== null);
  const kept = new Set<number>(); // of the tensors that are kept, those that are batches, in the order of takeOver
  let outputs: readonly boolean[] = [];
  const inside = (t: Tensor, batch: boolean): Tensor => (batch ? level.sample(t, false) : t);

  const below: CustomCall = {
    ...given,
    ctx: new FunctionContext(),
    forward(ctx, inputs) {
      const own = new FunctionContext();
      const results = level.run(() =>
        asList(
          given.forward(
            own,
            inputs.map((t, i) => inside(t, isBatch[i])),
          ),
        ),
      );
      const values = results.map((t) => level.batchOf(t));
      outputs = values.map((t) => t !== null);
      let next = 0;
      kept.clear();
      takeOver(own, ctx, (t) => {
        const value = level.valueOf(t);
        if (value !== null) kept.add(next);
        next++;
        return value ?? t;
      });
      return values.map((value, i) => value ?? results[i]);
    },
    backward(ctx, grads, described) {
      const own = new FunctionContext();
      own.needsInputGrad = ctx.needsInputGrad;
      let next = 0;
      level.run(() => {
        const saved = ctx.savedTensors.map((t) => inside(t, kept.has(next++)));
        Object.assign(
          own,
          mapTree(FunctionContext.fields(ctx), (leaf) => (isTensor(leaf) ? inside(leaf, kept.has(next++)) : leaf)),
        );
        FunctionContext.restore(own, saved);
      });
      const samples = described.map((out, i): Result => (outputs[i] ? { ...out, shape: out.shape.slice(1) } : out));
      const found = level.run(() => {
        const list = given.backward(
          own,
          grads.map((g, i) => g && inside(g, outputs[i])),
          samples,
        );
        return list.map((g, p) => {
          const at = given.places.indexOf(p);
          if (!g || at < 0) return null;
          const { shape } = call.inputs[at];
          return sameShape(g.shape, shape) ? g : unbroadcast(g, shape);
        });
      });
      // what is the same for all samples gets the gradients of each
      return found.map((g, p) => {
        if (g === null) return null;
        const value = level.batchOf(g);
        if (isBatch[given.places.indexOf(p)]) return value ?? spread(g, level.size);
        return value === null ? g : sum(value, 0);
      });
    },
  };
  const values = call.next(
    call.inputs.map((t) => level.valueOf(t) ?? t),
    below,
  );
  const results = values.map((value, i) => (outputs[i] ? level.sample(value, true) : value));
  let next = 0;
  takeOver(below.ctx, given.ctx, (t) => {
    const batch = kept.has(next++);
    const at = values.indexOf(t);
    if (at >= 0) return results[at];
    return call.inputs.find((own) => (level.valueOf(own) ?? own) === t) ?? inside(t, batch);
  });
  return results;
}
