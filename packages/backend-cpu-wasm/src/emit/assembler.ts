import { control, I32, type ValType, VOID } from "./opcodes.ts";

/** Growing bytes in WebAssembly's encodings. */
export class Bytes {
  data = new Uint8Array(1024);
  length = 0;

  u8(byte: number): void {
    if (this.length === this.data.length) this.grow(1);
    this.data[this.length++] = byte;
  }
  private grow(more: number): void {
    const next = new Uint8Array(Math.max(this.data.length * 2, this.length + more));
    next.set(this.data);
    this.data = next;
  }
  append(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.data.length) this.grow(bytes.length);
    this.data.set(bytes, this.length);
    this.length += bytes.length;
  }
  /** Unsigned LEB128. */
  u32(value: number): void {
    let v = value >>> 0;
    while (v > 0x7f) {
      this.u8((v & 0x7f) | 0x80);
      v >>>= 7;
    }
    this.u8(v);
  }
  /** Signed LEB128. */
  s32(value: number): void {
    let v = value | 0;
    for (;;) {
      const byte = v & 0x7f;
      v >>= 7;
      if ((v === 0 && !(byte & 0x40)) || (v === -1 && byte & 0x40)) return this.u8(byte);
      this.u8(byte | 0x80);
    }
  }
  s64(value: bigint): void {
    let v = BigInt.asIntN(64, value);
    for (;;) {
      const byte = Number(v & 0x7fn);
      v >>= 7n;
      if ((v === 0n && !(byte & 0x40)) || (v === -1n && byte & 0x40)) return this.u8(byte);
      this.u8(byte | 0x80);
    }
  }
  name(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.u32(bytes.length);
    this.append(bytes);
  }
  bytes(): Uint8Array {
    return this.data.subarray(0, this.length);
  }
}

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);
/** One function's code: typed locals and a byte stream. */
export class Code {
  readonly out = new Bytes();
  readonly params: readonly ValType[];
  private readonly types: ValType[] = [];

  constructor(params: readonly ValType[]) {
    this.params = params;
  }

  local(type: ValType): number {
    this.types.push(type);
    return this.params.length + this.types.length - 1;
  }
  op(code: number): void {
    const page = code >>> 16;
    if (page) this.out.u8(page);
    if (page) this.out.u32(code & 0xffff);
    else this.out.u8(code);
  }
  get(local: number): void {
    this.op(control.get);
    this.out.u32(local);
  }
  set(local: number): void {
    this.op(control.set);
    this.out.u32(local);
  }
  tee(local: number): void {
    this.op(control.tee);
    this.out.u32(local);
  }
  i32(value: number): void {
    this.op(0x41);
    this.out.s32(value);
  }
  i64(value: bigint): void {
    this.op(0x42);
    this.out.s64(value);
  }
  f32(value: number): void {
    this.op(0x43);
    scratch.setFloat32(0, value, true);
    this.out.append(scratchBytes.subarray(0, 4));
  }
  f64(value: number): void {
    this.op(0x44);
    scratch.setFloat64(0, value, true);
    this.out.append(scratchBytes);
  }
  /** A load's or store's immediates. Alignment is a hint: views may start anywhere, so the smallest is promised. */
  memarg(offset: number): void {
    this.out.u8(0);
    this.out.u32(offset);
  }
  call(functionIndex: number): void {
    this.op(control.call);
    this.out.u32(functionIndex);
  }
  block(): void {
    this.op(control.block);
    this.out.u8(VOID);
  }
  loop(): void {
    this.op(control.loop);
    this.out.u8(VOID);
  }
  if(): void {
    this.op(control.if);
    this.out.u8(VOID);
  }
  else(): void {
    this.op(control.else);
  }
  end(): void {
    this.op(control.end);
  }
  br(depth: number): void {
    this.op(control.br);
    this.out.u32(depth);
  }
  brIf(depth: number): void {
    this.op(control.brIf);
    this.out.u32(depth);
  }
  body(): Uint8Array {
    const b = new Bytes();
    const runs: [number, ValType][] = [];
    for (const type of this.types) {
      const last = runs.at(-1);
      if (last && last[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    b.u32(runs.length);
    for (const [count, type] of runs) {
      b.u32(count);
      b.u8(type);
    }
    b.append(this.out.bytes());
    b.u8(control.end);
    return b.bytes();
  }
}

export interface Signature {
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}
export interface WasmFunction extends Signature {
  readonly code: Code;
}

/** What a kernel is: arguments' address, first and last (exclusive) item. */
export const kernelSignature: Signature = { params: [I32, I32, I32], results: [] };

/** Lays out a module that imports `env.memory` and scalar functions of "math", and exports its first function as "k". */
export function encodeModule(
  shared: boolean,
  math: ReadonlyMap<string, Signature>,
  functions: readonly WasmFunction[],
): Uint8Array {
  const out = new Bytes();
  out.append(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  const section = (id: number, fill: (b: Bytes) => void) => {
    const b = new Bytes();
    fill(b);
    out.u8(id);
    out.u32(b.length);
    out.append(b.bytes());
  };
  const imports = [...math];
  const signatures = [...imports.map(([, s]) => s), ...functions];
  section(1, (b) => {
    b.u32(signatures.length);
    for (const s of signatures) {
      b.u8(0x60);
      b.u32(s.params.length);
      for (const t of s.params) b.u8(t);
      b.u32(s.results.length);
      for (const t of s.results) b.u8(t);
    }
  });
  section(2, (b) => {
    b.u32(1 + imports.length);
    b.name("env");
    b.name("memory");
    b.u8(2);
    b.u8(shared ? 3 : 1);
    b.u32(1);
    b.u32(65536);
    imports.forEach(([name], i) => {
      b.name("math");
      b.name(name);
      b.u8(0);
      b.u32(i);
    });
  });
  section(3, (b) => {
    b.u32(functions.length);
    for (let i = 0; i < functions.length; i++) b.u32(imports.length + i);
  });
  section(7, (b) => {
    b.u32(1);
    b.name("k");
    b.u8(0);
    b.u32(imports.length);
  });
  section(10, (b) => {
    b.u32(functions.length);
    for (const f of functions) {
      const body = f.code.body();
      b.u32(body.length);
      b.append(body);
    }
  });
  return out.bytes().slice();
}
