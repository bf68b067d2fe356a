// The wire format of protocol buffers, as far as the events of TensorBoard need it: writing, no reading. Source: protobuf.dev,
// programming-guides/encoding. As protobuf's own writers do, a field that has its default value is left out.

/** A message that is being written: fields in the order in which they are added. */
export class Message {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** An int32, int64, bool or enum. `always`: one of several fields, of which the one that is there counts. */
  varint(field: number, value: number | bigint, always = false): this {
    const bits = BigInt.asUintN(64, BigInt(value));
    return bits === 0n && !always ? this : this.#tag(field, 0).#varint(bits);
  }

  double(field: number, value: number, always = false): this {
    // -0 is another value than the default
    if (Object.is(value, 0) && !always) return this;
    return this.#tag(field, 1).#raw(new Uint8Array(new Float64Array([value]).buffer));
  }

  float(field: number, value: number, always = false): this {
    if (Object.is(value, 0) && !always) return this;
    return this.#tag(field, 5).#raw(new Uint8Array(new Float32Array([value]).buffer));
  }

  /** Doubles in one field. */
  doubles(field: number, values: ArrayLike<number>): this {
    return values.length === 0 ? this : this.bytes(field, new Uint8Array(Float64Array.from(values).buffer));
  }

  text(field: number, value: string): this {
    return value === "" ? this : this.bytes(field, new TextEncoder().encode(value));
  }

  /** Bytes, or a message in this one; also empty ones. */
  bytes(field: number, value: Uint8Array | Message): this {
    const bytes = value instanceof Message ? value.finish() : value;
    return this.#tag(field, 2).#varint(BigInt(bytes.length)).#raw(bytes);
  }

  finish(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  #tag(field: number, wireType: 0 | 1 | 2 | 5): this {
    return this.#varint(BigInt((field << 3) | wireType));
  }

  #varint(value: bigint): this {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
    return this.#raw(Uint8Array.from(bytes));
  }

  #raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }
}
