import { clone, type DType, detach, fromBytes, isFloat, noGrad, type Tensor } from "@flambeau/tensor";
import { encode } from "@flambeau/tensor/plugin";
import { Decoder } from "../decode.ts";
import { type EncodedTensor, elementsOf } from "../encoded.ts";
import { type LayoutName, type Place, placeOf } from "./layouts.ts";

/** What lies in the memory around an input: whoever reads it, or writes it, shows. */
const around = (dtype: DType): Uint8Array => encode([isFloat(dtype) ? Number.NaN : dtype === "bool" ? 1 : 111], dtype);

/** Memories that were laid out before, by the bytes of their elements: a case is decoded many times. */
const known = new WeakMap<object, Map<string, Uint8Array>>();
function laid(t: EncodedTensor, layout: LayoutName, place: Place): Uint8Array {
  if (typeof t.data === "string") return layOut(t, place);
  const own = known.get(t.data) ?? new Map<string, Uint8Array>();
  known.set(t.data, own);
  const key = `${layout} ${t.$t} ${t.shape}`;
  const bytes = own.get(key) ?? layOut(t, place);
  own.set(key, bytes);
  return bytes;
}
function layOut(t: EncodedTensor, { memory, strides, offset }: Place): Uint8Array {
  const elements = elementsOf(t);
  const from = new Uint8Array(elements.buffer);
  const garbage = around(t.$t as DType); // cannotReplay has turned others away
  const width = garbage.length;
  const out = new Uint8Array(memory.reduce((n, s) => n * s, width));
  for (let at = 0; at < out.length; at += width) out.set(garbage, at);
  const position = t.shape.map(() => 0);
  // backwards: where elements share a place the first one stays
  for (let i = elements.length - 1; i >= 0; i--) {
    let rest = i;
    for (let d = position.length - 1; d >= 0; d--) {
      position[d] = rest % t.shape[d];
      rest = Math.floor(rest / t.shape[d]);
    }
    const to = position.reduce((n, p, d) => n + p * strides[d], offset) * width;
    out.set(from.subarray(i * width, (i + 1) * width), to);
  }
  return out;
}

/**
 * Decodes a case's tensors into one layout. A tensor that requires gradients is a window on a copy of its leaf: a result, which may be
 * changed in place while recording, as its leaf may not. `given`: leaves of an earlier decoding, to be used again.
 */
export class LaidOut extends Decoder {
  /** The memory under each tensor, whole. */
  readonly memories: Tensor[] = [];
  /** The tensors as the op gets them. */
  readonly inputs: Tensor[] = [];
  private readonly layout: LayoutName;
  private readonly given: readonly Tensor[] | null;

  constructor(device: string, layout: LayoutName, given: readonly Tensor[] | null = null) {
    super(device);
    this.layout = layout;
    this.given = given;
  }

  override tensor(t: EncodedTensor): Tensor {
    const place = placeOf(this.layout, t.shape);
    const make = (requiresGrad: boolean): Tensor =>
      fromBytes(laid(t, this.layout, place), t.$t as DType, place.memory, { device: this.device, requiresGrad });
    let memory: Tensor;
    let input: Tensor;
    if (t.rg) {
      const leaf = this.given?.[this.leaves.length] ?? make(true);
      this.leaves.push(leaf);
      memory = clone(leaf);
      input = place.see(memory);
    } else {
      memory = make(false);
      input = noGrad(() => detach(place.see(memory)));
    }
    this.memories.push(memory);
    this.inputs.push(input);
    return input;
  }
}
