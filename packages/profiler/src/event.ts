/** What an event is: an op at the door, a kernel of a device, a module's forward, a named part of the program, or a read of values. */
export type EventKind = "op" | "kernel" | "module" | "range" | "read";

/** Something that took time. Times are in milliseconds since the profile began. */
export interface ProfilerEvent {
  readonly kind: EventKind;
  /** The op, the kernel (with what a pointwise one computes), the path of the module, or the name of the part. */
  readonly name: string;
  readonly start: number;
  readonly duration: number;
  /** What it happened in; null at the top. */
  readonly parent: ProfilerEvent | null;
  readonly children: readonly ProfilerEvent[];
  /** Path of the module that it ran for, backward too; "" outside of all. */
  readonly module: string;
  /** That module and those around it, the outermost first. */
  readonly modules: readonly string[];
  /** True in a walk backward. */
  readonly backward: boolean;
  /** The device of a kernel; null of others. */
  readonly device: string | null;
  /** Shapes of an op's inputs, with the option `shapes`; else null. */
  readonly shapes: readonly (readonly number[])[] | null;
  /** The line of the program that called the op, with the option `stacks`; else null. */
  readonly site: string | null;
  /** Bytes that were allocated while it ran, with the option `memory`; else 0. */
  readonly allocated: number;
  /** Bytes of the windows that a kernel is given, to read and to write. */
  readonly traffic: number;
}

const none: readonly string[] = [];

/** An event under way. */
export class Running implements ProfilerEvent {
  readonly kind: EventKind;
  readonly name: string;
  readonly start: number;
  readonly parent: Running | null;
  readonly children: Running[] = [];
  duration = 0;
  modules: readonly string[];
  backward: boolean;
  device: string | null = null;
  shapes: readonly (readonly number[])[] | null = null;
  site: string | null = null;
  allocated = 0;
  traffic = 0;

  constructor(kind: EventKind, name: string, start: number, parent: Running | null) {
    this.kind = kind;
    this.name = name;
    this.start = start;
    this.parent = parent;
    this.modules = parent?.modules ?? none;
    this.backward = parent?.backward ?? false;
    parent?.children.push(this);
  }
  get module(): string {
    return this.modules.at(-1) ?? "";
  }
}

/** An event and all inside it. */
export function* within(event: ProfilerEvent): Generator<ProfilerEvent> {
  yield event;
  for (const child of event.children) yield* within(child);
}
