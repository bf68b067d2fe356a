import type { Program, ReduceKind, View } from "@flambeau/tensor/plugin";
import type { NativeDevice } from "../addon.ts";
import type { Blas } from "../blas.ts";
import * as errors from "../errors.ts";
import type { Generator, Pair, Usage } from "../generated/generator.ts";
import { Allocator, type DeviceBuffer } from "./allocator.ts";
import { Words } from "./words.ts";

/** What an engine is made with. */
export interface EngineOptions {
  readonly device: string;
  readonly native: NativeDevice;
  /** The module of each kernel. */
  readonly modules: ReadonlyMap<string, number>;
  readonly memoryLimit: number;
  readonly processors: number;
  /** Threads of a block, a power of two up to 256. */
  readonly blockSize: number;
  /** How sizes of blocks of memory are rounded up. */
  readonly round?: ((byteLength: number) => number) | undefined;
  /** What compiles programs; null where all are interpreted. */
  readonly generator: Pick<Generator, "uses" | "make"> | null;
  /** What makes products in place of own kernels. */
  readonly blas: Blas | null;
}

/** Launches kernels and moves bytes, all on one stream: calls take effect in the order in which they are made. */
export class Engine {
  readonly device: string;
  readonly blockSize: number;
  readonly allocator: Allocator;
  readonly #generator: EngineOptions["generator"];
  readonly #blas: Blas | null;
  readonly #native: NativeDevice;
  readonly #modules: ReadonlyMap<string, number>;
  readonly #mostBlocks: number;
  readonly #kernels = new Map<string, number>();
  readonly #words = new Words();
  /** Why it answers no more. */
  #end: Error | null = null;
  #disposed = false;

  constructor({ device, native, modules, memoryLimit, processors, blockSize, round, generator, blas }: EngineOptions) {
    this.device = device;
    this.#native = native;
    this.#modules = modules;
    this.blockSize = blockSize;
    this.#generator = generator;
    this.#blas = blas;
    this.allocator = new Allocator(device, native, memoryLimit, round);
    this.#mostBlocks = Math.max(1, processors) * 32;
  }

  /** Runs what calls the driver; its refusals become errors of the framework. */
  #call<T>(run: () => T): T {
    if (this.#end !== null) throw this.#end;
    try {
      return run();
    } catch (error) {
      throw this.#translated(error);
    }
  }
  #translated(error: unknown): unknown {
    if (errors.isCublasFailure(error)) return errors.refused(this.device, error);
    if (!errors.isDriverFailure(error)) return error;
    if (errors.isSticky(error)) return (this.#end ??= errors.lost(this.device, error));
    return errors.isOutOfMemory(error) ? errors.exhausted(this.device, error) : errors.refused(this.device, error);
  }

  alloc(byteLength: number): DeviceBuffer {
    return this.#call(() => this.allocator.alloc(byteLength));
  }
  free(buffer: DeviceBuffer): void {
    this.allocator.free(buffer);
  }
  write(pointer: number, bytes: Uint8Array): void {
    this.#call(() => this.#native.write(pointer, bytes));
  }
  readSync(pointer: number, byteLength: number): Uint8Array {
    return this.#call(() => this.#native.readSync(pointer, byteLength));
  }
  read(pointer: number, byteLength: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#call(() =>
        this.#native.read(pointer, byteLength, (error, bytes) =>
          bytes === undefined ? reject(this.#translated(error)) : resolve(bytes),
        ),
      );
    });
  }

  /** The generated kernels for this call of a program, or null where the interpreter runs it. */
  generated(usage: Usage, program: Program, kind: ReduceKind | null): Pair | null {
    if (usage.kernels !== undefined) return usage.kernels;
    const generator = this.#generator;
    if (generator === null || this.#disposed || ++usage.calls < generator.uses) return null;
    usage.kernels = null; // it is tried once
    return (usage.kernels = this.#call(() => generator.make(program, kind)));
  }

  /** d = a b + bias by cuBLASLt; false where that is not to be had. */
  product(a: View, b: View, d: View, bias: View | undefined): boolean {
    const blas = this.#blas;
    return blas !== null && !this.#disposed && this.#call(() => blas.run(a, b, d, bias));
  }

  /** The words of the next launch, empty. */
  words(): Words {
    return this.#words.start();
  }
  /** Starts a kernel for so many independent elements, with the words that were written. */
  forEach(kernel: string | number, elements: number): void {
    this.launch(kernel, Math.min(Math.ceil(elements / this.blockSize), this.#mostBlocks));
  }
  /** How many threads {@link forEach} starts. */
  threads(elements: number): number {
    return Math.min(Math.ceil(elements / this.blockSize), this.#mostBlocks) * this.blockSize;
  }
  /** @param kernel by its name, or the number of a generated one */
  launch(kernel: string | number, gridX: number, gridY = 1, blockX = this.blockSize): void {
    if (this.#disposed) return;
    const words = this.#words;
    this.#call(() => {
      const number = typeof kernel === "number" ? kernel : this.#kernel(kernel);
      if (words.near) {
        words.head(0);
        this.#native.launch(number, gridX, gridY, blockX, words.bytes, 8 * words.length);
        return;
      }
      const far = this.allocator.alloc(8 * words.length);
      try {
        this.#native.write(far.pointer, words.bytes.subarray(8, 8 * words.length));
        words.head(far.pointer);
        this.#native.launch(number, gridX, gridY, blockX, words.bytes, 8);
      } finally {
        this.allocator.free(far);
      }
    });
  }
  #kernel(name: string): number {
    let number = this.#kernels.get(name);
    if (number === undefined)
      this.#kernels.set(name, (number = this.#native.kernel(name, this.#modules.get(name) ?? 0)));
    return number;
  }
  /** Whether this card has a kernel: some ask for more than the least that the backend does. */
  has(kernel: string): boolean {
    return this.#modules.has(kernel);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#end = errors.disposed(this.device);
    this.#native.close(); // gives all memory back
  }
}
