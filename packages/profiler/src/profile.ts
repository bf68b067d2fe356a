import { ArgumentError, type Backend, backendOf, data } from "@flambeau/tensor/functional";
import {
  checkFunction,
  checkOptions,
  context,
  emptyOn,
  type Kinds,
  observeMachine,
  option,
  type Synchronous,
  show,
  synchronous,
  withInterpreter,
  withRange,
} from "@flambeau/tensor/plugin";
import { type Average, averagesOf, type GroupBy, type TableOptions, tableOf } from "./averages.ts";
import type { ProfilerEvent } from "./event.ts";
import { type MemoryBy, type MemoryTrack, tracksOf } from "./memory.ts";
import { type Profiled, wrapForwards } from "./modules.ts";
import { type MemoryEvent, Recorder } from "./recorder.ts";
import { type ChromeTrace, traceOf } from "./trace.ts";

export interface ProfileOptions {
  /** A module whose parts are told apart by their paths. Default null: none. */
  readonly model?: Profiled | null | undefined;
  /** Whether kernels are timed. Default true. */
  readonly kernels?: boolean | undefined;
  /** Whether allocations are noted. Default false. */
  readonly memory?: boolean | undefined;
  /** Whether shapes of inputs are noted. Default false. */
  readonly shapes?: boolean | undefined;
  /** Whether the lines of the program that call ops are noted: a stack trace for each. Default false. */
  readonly stacks?: boolean | undefined;
}
export const profileKinds: Kinds<ProfileOptions> = {
  model: option.orNull(option.object),
  kernels: option.boolean,
  memory: option.boolean,
  shapes: option.boolean,
  stacks: option.boolean,
};
const averageKinds = {
  by: option.oneOf("op", "module", "kernel", "range", "site"),
  shapes: option.boolean,
};
const tableKinds: Kinds<TableOptions & AverageOptions> = {
  ...averageKinds,
  sortBy: option.oneOf("selfTime", "totalTime", "backwardTime", "calls", "allocated", "traffic", "name"),
  rowLimit: option.number,
};

export interface AverageOptions {
  /** What events are put together by. Default "op". */
  readonly by?: GroupBy | undefined;
  /** Whether ops are told apart by the shapes of their inputs, too. Default false. */
  readonly shapes?: boolean | undefined;
}

/** What {@link profile} found. */
export class Profile<T = unknown> {
  /** What the function gave. */
  readonly value: T;
  /** What happened, outermost events first; each holds those inside it. */
  readonly events: readonly ProfilerEvent[];
  /** Allocations and their ends, in order, with the option `memory`. */
  readonly memory: readonly MemoryEvent[];
  /** Milliseconds that the function took on the host. */
  readonly wallTime: number;
  /** Milliseconds from the start until each device had done what it was asked for; of {@link profileAsync} only. */
  readonly deviceTimes: { readonly [device: string]: number };

  /** @internal */
  constructor(value: T, recorder: Recorder, deviceTimes: { readonly [device: string]: number } = {}) {
    this.value = value;
    this.events = recorder.roots;
    this.memory = recorder.memory;
    this.wallTime = recorder.roots.reduce((sum, root) => sum + root.duration, 0);
    this.deviceTimes = deviceTimes;
  }

  /** Events of one name put together, the one with the most time of its own first. */
  keyAverages(options: AverageOptions = {}): Average[] {
    checkOptions("keyAverages", averageKinds, options);
    return averagesOf(this.events, options.by ?? "op", options.shapes ?? false);
  }
  /** {@link keyAverages} as text. */
  table(options: TableOptions & AverageOptions = {}): string {
    checkOptions("table", tableKinds, options);
    const { by = "op", shapes = false, ...rest } = options;
    return tableOf(averagesOf(this.events, by, shapes), this.wallTime, by, rest);
  }
  /** What lines (with the option `stacks`), ops, modules or devices held over time, the highest peak first; with the option `memory`. */
  memoryTimeline(options: { readonly by?: MemoryBy | undefined } = {}): MemoryTrack[] {
    checkOptions("memoryTimeline", { by: option.oneOf("site", "op", "module", "device") }, options);
    return tracksOf(this.memory, options.by ?? "site");
  }
  /** The events as a trace: written as JSON to a file, it opens in chrome://tracing and ui.perfetto.dev. */
  chromeTrace(): ChromeTrace {
    return traceOf(this.events, this.memory);
  }
}

/** The devices that a profile watches: all that are there, the default one among them, which is made with its first tensor otherwise. */
function watched(): Backend[] {
  if (context.makers.has(context.defaultDevice)) backendOf(context.defaultDevice);
  return [...context.backends.values()].filter(({ name }) => name !== "meta");
}

/** Runs `fn` with `recorder` told of everything, and puts all back. */
export function recorded<T>(op: string, recorder: Recorder, name: string, fn: () => T, options: ProfileOptions): T {
  const undo: (() => void)[] = [];
  try {
    if (options.model)
      undo.push(wrapForwards(options.model, (path, forward) => recorder.during("module", path, forward)));
    if (options.kernels !== false || options.memory === true)
      for (const backend of watched()) undo.push(observeMachine(backend, recorder));
    const run = () => recorder.during("range", name, () => synchronous(op, fn()));
    return withInterpreter(recorder, run as Synchronous<T>); // looked at just above
  } finally {
    for (const put of undo.reverse()) put();
  }
}

export const recorderFor = (options: ProfileOptions): Recorder =>
  new Recorder({
    memory: options.memory ?? false,
    shapes: options.shapes ?? false,
    stacks: options.stacks ?? false,
    kernels: options.kernels ?? true,
  });

/**
 * Runs the synchronous `fn` and tells where its time went: by op, by module, by kernel, by part of the program, by line. Backward and optimizer steps are seen,
 * too; a step backward counts for the module whose forward recorded it.
 *
 * The times are the host's. A device that works on its own (WebGPU) takes commands in that time and runs them later: there {@link profileAsync} has the
 * device's total. What is noted costs time itself: about a microsecond for an op or a kernel, more with `stacks`.
 *
 * Shapes: any; it looks on.
 *
 * @throws ArgumentError when `fn` is no function or `model` no module; FlambeauError when `fn` is asynchronous (profile the parts between the
 * awaits: {@link Profiler}); and what `fn` throws.
 * @see https://docs.pytorch.org/docs/stable/profiler.html#torch.profiler.profile
 * @example
 * import { nn, profiler, randn } from "flambeau";
 * const model = new nn.Sequential(new nn.Linear(16, 32), new nn.ReLU(), new nn.Linear(32, 4));
 * const profile = profiler.profile(() => model.forward(randn([8, 16])).sum().backward(), { model });
 * console.log(profile.table()); // Op, Calls, Self, Self %, Total
 * const [linear] = profile.keyAverages().filter(({ name }) => name === "linear");
 * linear.calls; // 2
 * profile.keyAverages({ by: "module" }).map(({ name }) => name).sort(); // ["0", "1", "2", "Sequential"]
 */
export function profile<T>(fn: Synchronous<T>, options: ProfileOptions = {}): Profile<T> {
  checkOptions("profile", profileKinds, options);
  checkFunction("profile", "fn", fn);
  const recorder = recorderFor(options);
  const value = recorded<T>("profile", recorder, "profile", fn, options);
  return new Profile(value, recorder);
}

/**
 * {@link profile} that waits until the devices have done what `fn` asked of them: `deviceTimes` has the time from the start until then, of those that are there. `fn` is synchronous all
 * the same.
 *
 * Shapes: any; it looks on.
 *
 * @throws what {@link profile} throws.
 * @see https://docs.pytorch.org/docs/stable/profiler.html#torch.profiler.profile
 * @example
 * import { profiler, randn } from "flambeau";
 * const x = randn([64, 64]);
 * const profile = await profiler.profileAsync(() => x.matmul(x));
 * console.log(profile.deviceTimes.cpu >= profile.wallTime); // true
 */
export async function profileAsync<T>(fn: Synchronous<T>, options: ProfileOptions = {}): Promise<Profile<T>> {
  checkOptions("profileAsync", profileKinds, options);
  checkFunction("profileAsync", "fn", fn);
  const recorder = recorderFor(options);
  const value = recorded<T>("profileAsync", recorder, "profile", fn, options);
  const deviceTimes: { [device: string]: number } = {};
  await Promise.all(
    watched().map(async (backend) => {
      try {
        using probe = emptyOn(backend, "bool", [1]);
        await data(probe); // reads come after all that was asked for before
        deviceTimes[backend.name] = recorder.elapsed;
      } catch {} // a device that is gone has no time
    }),
  );
  return new Profile(value, recorder, deviceTimes);
}

/**
 * Runs `fn` as a part of the program with a name of its own, which profiles show ("range"). Without a profile around it is just called.
 *
 * Shapes: any; it looks on.
 *
 * @throws ArgumentError when `name` is no text or `fn` no function; FlambeauError when `fn` is asynchronous; and what `fn` throws.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.profiler.record_function.html
 * @example
 * import { ones, profiler } from "flambeau";
 * const { recordFunction } = profiler;
 * const profile = profiler.profile(() => recordFunction("my part", () => ones([2]).exp()));
 * profile.keyAverages({ by: "range" }).map(({ name }) => name).sort(); // ["my part", "profile"]
 */
export function recordFunction<T>(name: string, fn: Synchronous<T>): T {
  if (typeof name !== "string")
    throw new ArgumentError(
      "recordFunction",
      `the name is a text, got ${show(name)}`,
      'write recordFunction("name", fn)',
    );
  checkFunction("recordFunction", "fn", fn);
  return withRange(name, () => synchronous("recordFunction", fn()));
}
