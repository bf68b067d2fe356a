import { type Backend, DeviceError, type DType, dtypes, MemoryError, type MemoryStats } from "@flambeau/tensor";
import {
  type Buffer,
  type FusedKernels,
  type Kernels,
  type Primitive,
  type Program,
  showProgram,
  type View,
} from "@flambeau/tensor/plugin";
import { linear } from "./fused.ts";
import type { Answer, Command, DistantView, KernelName } from "./protocol.ts";

/** A buffer as its number, which is all that is known of it here. */
interface Distant {
  readonly number: number;
  readonly byteLength: number;
  freed: boolean;
}

const primitives: readonly Primitive[] = [
  "map",
  "reduce",
  "argReduce",
  "scan",
  "matmul",
  "gather",
  "scatter",
  "sort",
  "random",
];
const size = 2 ** 30;

// part: backend
/** A device behind a port: commands are sent, and nobody waits for them but who reads. */
export class RemoteBackend implements Backend {
  readonly name = "remote";
  readonly contract = 2;
  readonly dtypes: ReadonlySet<DType> = new Set(dtypes);
  readonly info = "loops in a worker, behind a port";
  readonly kernels: Kernels;
  readonly fused: FusedKernels;
  private readonly line: Line;
  private readonly programs = new Map<Program, number>();
  private made = 0;
  private bytes = 0;
  private peak = 0;
  private buffers = 0;

  /** @param end stops what serves the port's other side. */
  constructor(port: MessagePort, end: () => void | Promise<void> = () => {}) {
    this.line = new Line(this.name, port, end);
    const run =
      (kernel: KernelName) =>
      (...args: readonly unknown[]) => {
        const distant = args.map((arg) => this.distant(arg)); // sends programs that are new
        this.line.send({ do: "run", kernel, args: distant });
      };
    this.kernels = Object.fromEntries(primitives.map((name) => [name, run(name)])) as unknown as Kernels; // all of them are there
    this.fused = { linear: { supports: linear.supports, run: run("linear") } };
  }

  // part: memory
  /** The device has `size` bytes, so that whether there is room is known without asking. */
  alloc(byteLength: number): Buffer {
    this.line.alive();
    if (this.bytes + byteLength > size)
      throw new MemoryError(
        `${this.name}: no room for ${byteLength} bytes, ${this.bytes} of ${size} are in use`,
        "free tensors, or use smaller batches",
      );
    const buffer: Distant = { number: this.made++, byteLength, freed: false };
    this.bytes += byteLength;
    this.peak = Math.max(this.peak, this.bytes);
    this.buffers++;
    this.line.send({ do: "alloc", buffer: buffer.number, byteLength });
    return buffer;
  }

  free(buffer: Buffer): void {
    const distant = buffer as Distant; // alloc made it
    if (distant.freed) return;
    distant.freed = true;
    this.bytes -= distant.byteLength;
    this.buffers--;
    this.line.send({ do: "free", buffer: distant.number });
  }

  write(buffer: Buffer, bytes: Uint8Array, offset = 0): void {
    this.line.alive();
    const copy = bytes.slice(); // the caller's may change before they are sent
    this.line.send({ do: "write", buffer: (buffer as Distant).number, bytes: copy, offset }, [copy.buffer]);
  }

  read(buffer: Buffer, offset: number, byteLength: number): Promise<Uint8Array> {
    const { number } = buffer as Distant;
    return this.line.ask((request) => ({ do: "read", request, buffer: number, offset, byteLength }));
  }

  memory(): MemoryStats {
    const { bytes, peak, buffers } = this;
    return { bytes, peakBytes: peak, reservedBytes: peak, buffers, limitBytes: size };
  }

  // part: checks
  /** The device answers later; until then nobody needs to know. */
  checkIndices(index: View, size: number, fail: (value: number) => Error): void {
    const check = this.line.checked(fail);
    this.line.send({ do: "check", check, index: this.distant(index) as DistantView, size });
  }

  async pace(): Promise<void> {
    await this.line.ask((request) => ({ do: "pace", request }));
  }

  dispose(): void | Promise<void> {
    return this.line.end();
  }

  // part: distant
  /** An argument of a kernel as it travels: buffers and programs are numbers, what else there is are plain data. */
  private distant(arg: unknown): unknown {
    if (Array.isArray(arg)) return arg.map((each) => this.distant(each));
    if (typeof arg !== "object" || arg === null) return arg;
    if ("nodes" in arg) return { program: this.numberOf(arg as Program) };
    if (!("buffer" in arg)) return arg;
    const { buffer, dtype, offset, shape, strides } = arg as View; // which may be a tensor, with more than that
    return { buffer: (buffer as Distant).number, dtype, offset, shape, strides };
  }

  /** Programs of equal structure are one object: its text is sent once. */
  private numberOf(program: Program): number {
    const known = this.programs.get(program);
    if (known !== undefined) return known;
    const number = this.programs.size;
    this.programs.set(program, number);
    this.line.send({ do: "program", program: number, text: showProgram(program) });
    return number;
  }
}

// part: line
type Fail = (value: number) => Error;
interface Waiting {
  resolve(bytes: Uint8Array): void;
  reject(error: Error): void;
}

/** What goes through the port, and who waits for an answer. */
class Line {
  private readonly name: string;
  private readonly port: MessagePort;
  private readonly stop: () => void | Promise<void>;
  private readonly waiting = new Map<number, Waiting>();
  private readonly checks = new Map<number, Fail>();
  private readonly failures = new Map<number, Error>();
  private counted = 0;
  private over: DeviceError | null = null;

  constructor(name: string, port: MessagePort, stop: () => void | Promise<void>) {
    this.name = name;
    this.port = port;
    this.stop = stop;
    port.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ("lost" in data) this.giveUp(new DeviceError(`${name}: the device is lost: ${data.lost}`, "make another one"));
      else if ("check" in data) this.found(data.check, data.outside);
      else if ("failed" in data)
        this.settle(data.request)?.reject(this.failures.get(data.failed) as Error); // told before
      else this.settle(data.request)?.resolve(data.bytes ?? new Uint8Array());
    };
    this.hold(false);
  }

  /** The number of a check, under which its answer comes. */
  checked(fail: Fail): number {
    this.checks.set(this.counted, fail);
    return this.counted++;
  }

  private found(check: number, outside: number | undefined): void {
    const fail = this.checks.get(check);
    this.checks.delete(check);
    if (fail && outside !== undefined) this.failures.set(check, fail(outside));
  }

  alive(): void {
    if (this.over) throw this.over;
  }

  send(command: Command, moved: Transferable[] = []): void {
    if (!this.over) this.port.postMessage(command, moved);
  }

  async ask(command: (request: number) => Command): Promise<Uint8Array> {
    this.alive();
    const request = this.counted++;
    return new Promise((resolve, reject) => {
      this.waiting.set(request, { resolve, reject });
      this.hold(true);
      this.send(command(request));
    });
  }

  private settle(request: number): Waiting | undefined {
    const waiting = this.waiting.get(request);
    this.waiting.delete(request);
    if (this.waiting.size === 0) this.hold(false);
    return waiting;
  }

  /** Node ends while a port is open, unless somebody waits for what comes through it. */
  private hold(on: boolean): void {
    const port = this.port as MessagePort & { ref?(): void; unref?(): void };
    if (on) port.ref?.();
    else port.unref?.();
  }

  private giveUp(error: DeviceError): void {
    this.over ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
    this.hold(false);
  }

  end(): void | Promise<void> {
    if (this.over) return;
    this.send({ do: "end" });
    this.giveUp(new DeviceError(`${this.name}: this backend was disposed`, "make another one"));
    this.port.close();
    return this.stop();
  }
}
