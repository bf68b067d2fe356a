import { type Buffer, type Program, parseProgram } from "@flambeau/tensor/plugin";
import { Doubt } from "./doubt.ts";
import { FusedBackend, linear } from "./fused.ts";
import type { Answer, Command, DistantProgram, DistantView, KernelName } from "./protocol.ts";

/** What a check throws here; the host makes the user's error of it. */
class Outside extends Error {
  readonly value: number;
  constructor(value: number) {
    super(`${value} is out of range`);
    this.value = value;
  }
}

/** The device's side: does what comes through a port, in order, on a backend of its own. */
export function serve(port: MessagePort): void {
  const device = new Device((answer, moved = []) => port.postMessage(answer, moved));
  port.onmessage = ({ data }: MessageEvent<Command>) => {
    if (data.do === "end") port.close();
    else device.obey(data);
  };
}

class Device {
  private readonly backend = new FusedBackend();
  private readonly buffers = new Map<number, { readonly buffer: Buffer; readonly byteLength: number }>();
  private readonly programs: Program[] = [];
  private readonly doubt = new Doubt();
  private readonly answer: (answer: Answer, moved?: ArrayBuffer[]) => void;

  constructor(answer: (answer: Answer, moved?: ArrayBuffer[]) => void) {
    this.answer = answer;
  }

  // part: obey
  obey(command: Exclude<Command, { do: "end" }>): void {
    try {
      this.run(command);
    } catch (error) {
      this.answer({ lost: String(error) });
    }
  }

  private run(command: Exclude<Command, { do: "end" }>): void {
    const { backend, doubt } = this;
    switch (command.do) {
      case "alloc": {
        const { byteLength } = command;
        this.buffers.set(command.buffer, { buffer: backend.alloc(byteLength), byteLength });
        return;
      }
      case "free":
        doubt.renew(command.buffer);
        backend.free(this.bufferOf(command.buffer));
        this.buffers.delete(command.buffer);
        return;
      case "write":
        if (command.bytes.byteLength === this.lengthOf(command.buffer)) doubt.renew(command.buffer);
        backend.write(this.bufferOf(command.buffer), command.bytes, command.offset);
        return;
      case "program":
        this.programs[command.program] = parseProgram(command.text);
        return;
      case "run":
        if (doubt.follow(command.kernel, command.args, (buffer) => this.lengthOf(buffer))) return;
        this.kernel(command.kernel)(...command.args.map((arg) => this.near(arg)));
        return;
      case "check":
        this.check(command);
        return;
      case "read": {
        const { request } = command;
        const failed = doubt.of(command.buffer);
        if (failed !== undefined) return this.answer({ request, failed });
        const bytes = backend.readSync(this.bufferOf(command.buffer), command.offset, command.byteLength);
        return this.answer({ request, bytes }, [bytes.buffer as ArrayBuffer]); // slice made it
      }
      case "pace":
        return this.answer({ request: command.request });
    }
  }

  // part: check
  private check({ check, index, size }: Extract<Command, { do: "check" }>): void {
    try {
      this.backend.checkIndices(this.near(index), size, (value) => new Outside(value));
      this.answer({ check });
    } catch (error) {
      if (!(error instanceof Outside)) throw error;
      this.doubt.failed(index, check);
      this.answer({ check, outside: error.value });
    }
  }

  // part: near
  private bufferOf(buffer: number): Buffer {
    return this.known(buffer).buffer;
  }
  private lengthOf(buffer: number): number {
    return this.known(buffer).byteLength;
  }
  private known(buffer: number) {
    const found = this.buffers.get(buffer);
    if (!found) throw new Error(`there is no buffer ${buffer}`);
    return found;
  }

  /** An argument as kernels take it: with buffers and programs in place of their numbers. */
  private near<T>(arg: T): Near<T>;
  private near(arg: unknown): unknown {
    if (Array.isArray(arg)) return arg.map((each) => this.near(each));
    if (typeof arg !== "object" || arg === null) return arg;
    if ("program" in arg) return this.programs[(arg as DistantProgram).program];
    return "buffer" in arg ? { ...arg, buffer: this.bufferOf((arg as DistantView).buffer) } : arg;
  }

  private kernel(name: KernelName): (...args: unknown[]) => void {
    // the host encoded the arguments of the same kernel
    return (name === "linear" ? linear.run : this.backend.kernels[name]) as (...args: unknown[]) => void;
  }
}

type Near<T> = T extends DistantView ? Omit<T, "buffer"> & { readonly buffer: Buffer } : unknown;
