import type { Buffer, Program, View } from "@flambeau/tensor/plugin";
import { type Backend, cpuWasm, type DType, DTypeError } from "flambeau";

const narrow: ReadonlySet<DType> = new Set([
  "float32",
  "int32",
  "bool",
  "uint8",
  "int8",
  "int16",
  "float16",
  "bfloat16",
] as const);

/**
 * The CPU's kernels as a device that works on its own, the way a GPU does: it cannot be read synchronously, answers late, holds
 * no 64-bit numbers (a kernel that meets one throws), and tells of a bad index at the next read.
 */
export class RemoteDevice implements Backend {
  readonly name: string;
  readonly contract = 2;
  readonly info = "the CPU, at a distance";
  readonly dtypes: ReadonlySet<DType>;
  readonly kernels: Backend["kernels"];
  /** How often it was asked for bytes, and for how many in all. */
  readonly asked = { reads: 0, bytes: 0 };
  readonly #cpu = cpuWasm({ threads: 1 });
  #failed: Error | null = null;

  constructor(name = "remote", without: readonly DType[] = []) {
    this.name = name;
    this.dtypes = new Set([...narrow].filter((dtype) => !without.includes(dtype)));
    this.kernels = refusing(this.#cpu.kernels, this.dtypes);
  }
  alloc(byteLength: number): Buffer {
    return this.#cpu.alloc(byteLength);
  }
  free(buffer: Buffer): void {
    this.#cpu.free(buffer);
  }
  write(buffer: Buffer, bytes: Uint8Array, offset?: number): void {
    this.#cpu.write(buffer, bytes, offset);
  }
  async read(buffer: Buffer, offset: number, byteLength: number): Promise<Uint8Array> {
    this.asked.reads++;
    this.asked.bytes += byteLength;
    const bytes = this.#cpu.readSync(buffer, offset, byteLength);
    const failed = this.#failed;
    this.#failed = null;
    await new Promise((resolve) => setImmediate(resolve));
    if (failed) throw failed;
    return bytes;
  }
  checkIndices(index: View, size: number, fail: (value: number) => Error): void {
    const values = new Int32Array(this.#cpu.readSync(index.buffer, 0, 4 * (1 + last(index))).buffer);
    const visit = (dim: number, at: number): void => {
      if (dim === index.shape.length) {
        if (values[at] < 0 || values[at] >= size) this.#failed ??= fail(values[at]);
        return;
      }
      for (let i = 0; i < index.shape[dim]; i++) visit(dim + 1, at + i * index.strides[dim]);
    };
    visit(0, index.offset);
  }
  memory() {
    return this.#cpu.memory();
  }
  dispose(): void {
    this.#cpu.dispose();
  }
}

const last = ({ offset, shape, strides }: View): number =>
  shape.reduce((at, size, i) => at + (size - 1) * strides[i], offset);

/** Kernels that throw when a view's or an expression's type is one that the device lacks. */
function refusing(kernels: Backend["kernels"], dtypes: ReadonlySet<DType>): Backend["kernels"] {
  const checkTypes = ({ nodes }: Program): void => {
    for (const { type } of nodes)
      if (type === "int64" || type === "float64") throw new DTypeError("remote", `an expression computes in ${type}`);
  };
  const check = (argument: unknown): void => {
    if (Array.isArray(argument)) argument.forEach(check);
    else if (typeof argument !== "object" || argument === null) return;
    else if ("nodes" in argument) checkTypes(argument as Program);
    else if ("buffer" in argument && !dtypes.has((argument as View).dtype))
      throw new DTypeError("remote", `a kernel got ${(argument as View).dtype}`);
  };
  return Object.fromEntries(
    Object.entries(kernels).map(([name, kernel]) => [
      name,
      (...args: unknown[]) => {
        args.forEach(check);
        return (kernel as (...args: unknown[]) => void)(...args); // each with its own arguments
      },
    ]),
  ) as unknown as Backend["kernels"]; // the same names
}
