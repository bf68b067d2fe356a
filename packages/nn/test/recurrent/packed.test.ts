import { grad } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { allclose, manualSeed, registerBackend, type Tensor } from "@flambeau/tensor";
import { describe, expect, test } from "vitest";
import * as nn from "../../src/index.ts";
import { type PackedCase, packedCases } from "./figures.ts";

registerBackend(cpuWasm({ threads: 1 }));
const { GRU, LSTM, RNN } = nn;
const layers = { GRU, LSTM, RNN };
const { packPaddedSequence, padPackedSequence } = nn.utils.rnn;

const optionsOf = (ctor: PackedCase["ctor"]): object =>
  Object.fromEntries(
    Object.entries(ctor[1]).map(([name, value]) => [name.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()), value]),
  );
const integers = (t: Tensor | null) => t?.tolist() ?? null;
/** PyTorch's default tolerance of float32. */
const near = (found: Tensor, wanted: Tensor): string | null =>
  String(found.shape) === String(wanted.shape) && allclose(found, wanted, { rtol: 1.3e-6, atol: 1e-5 })
    ? null
    : `${found.shape} ${found.tolist()} is not ${wanted.shape} ${wanted.tolist()}`;

describe("recurrent layers on packed sequences give PyTorch's values and gradients", () => {
  test.each(packedCases().map((c, i) => [`${c.class} ${JSON.stringify(c.ctor[1])} ${c.lengths}, ${i}`, c] as const))(
    "%s",
    (_, c) => {
      const batchFirst = c.ctor[1].batch_first === true;
      const layer = new layers[c.class](...c.ctor[0], optionsOf(c.ctor));
      layer.loadStateDict(c.state_dict);
      const x = c.x.requiresGrad_();
      const given = c.hx === null ? [] : Array.isArray(c.hx) ? c.hx : [c.hx as Tensor];
      for (const h of given) h.requiresGrad_();
      const packed = packPaddedSequence(x, c.lengths, { batchFirst, enforceSorted: c.enforce_sorted });
      expect(packed.data.tolist()).toEqual(c.packed.data.tolist());
      expect(integers(packed.batchSizes)).toEqual(integers(c.packed.batch_sizes));
      expect(integers(packed.sortedIndices)).toEqual(integers(c.packed.sorted_indices));
      expect(integers(packed.unsortedIndices)).toEqual(integers(c.packed.unsorted_indices));

      manualSeed(0);
      const [y, last] =
        layer instanceof LSTM
          ? layer.forward(packed, c.hx as [Tensor, Tensor] | null)
          : layer.forward(packed, c.hx as Tensor | null);
      expect(near(y.data, c.out_data)).toBe(null);
      const [padded, lengths] = padPackedSequence(y, { batchFirst, paddingValue: -1 });
      expect(lengths.tolist()).toEqual(c.lengths_out.tolist());
      const out = [padded, ...(Array.isArray(last) ? last : [last])];
      expect(out.map((t, i) => near(t, c.out[i]))).toEqual(out.map(() => null));

      const inputs = [x, ...given, ...layer.parameters()];
      const found = grad(out, inputs, { gradOutputs: [...c.ct] });
      expect(found.length).toBe(c.grads.length);
      expect(found.map((g, i) => near(g, c.grads[i]))).toEqual(found.map(() => null));
    },
  );
});
