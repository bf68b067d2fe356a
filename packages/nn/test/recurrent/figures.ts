import { type DType, type Tensor, tensor } from "@flambeau/tensor";
import { readBundle } from "../../../testkit/src/conformance/bundle.ts";
import { elementsOf, isEncodedTensor, isRecord, WholeFloat } from "../../../testkit/src/conformance/encoded.ts";

// What PyTorch 2.13 computed: its recurrent layers on packed sequences, and runs of fifty losses.

/** A figure with tensors in the place of their encodings; its format is that of the file. */
function decoded(x: unknown): unknown {
  if (x instanceof WholeFloat) return x.value;
  if (isEncodedTensor(x)) return tensor(elementsOf(x), { dtype: x.$t as DType }).reshape([...x.shape]);
  if (Array.isArray(x)) return x.map(decoded);
  if (isRecord(x) && Array.isArray(x.$tuple)) return x.$tuple.map(decoded);
  if (isRecord(x)) return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, decoded(value)]));
  return x;
}
const files = readBundle(new URL("./torch213.br", import.meta.url));
function read(name: string): unknown {
  const file = files.find((f) => f.name === name);
  if (!file) throw new Error(`there are no figures of ${name}`);
  return decoded(file.read());
}

export interface PackedCase {
  readonly class: "RNN" | "LSTM" | "GRU";
  readonly ctor: readonly [
    sizes: readonly [number, number],
    options: { readonly [name: string]: number | boolean | string },
  ];
  readonly state_dict: { readonly [name: string]: Tensor };
  readonly x: Tensor;
  readonly lengths: readonly number[];
  readonly enforce_sorted: boolean;
  readonly hx: Tensor | readonly [Tensor, Tensor] | null;
  readonly packed: {
    readonly data: Tensor;
    readonly batch_sizes: Tensor;
    readonly sorted_indices: Tensor | null;
    readonly unsorted_indices: Tensor | null;
  };
  readonly out_data: Tensor;
  readonly out: readonly Tensor[];
  readonly lengths_out: Tensor;
  readonly ct: readonly Tensor[];
  readonly grads: readonly Tensor[];
}
export const packedCases = (): readonly PackedCase[] => (read("packed") as { cases: readonly PackedCase[] }).cases;

/** A run of fifty losses, and how far float32 is from float64 in it. */
export interface Curve {
  readonly data: { readonly [name: string]: Tensor };
  readonly init: { readonly [net: string]: { readonly [name: string]: Tensor } };
  readonly loss: readonly number[];
  readonly max_abs_difference: number;
}
export const curve = (name: "gru_packed" | "lstm_lm" | "rnn_ctc"): Curve => read(name) as Curve;
