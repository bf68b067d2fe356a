import { ArgumentError } from "@flambeau/tensor/functional";
import {
  checkFunction,
  checkOptions,
  type Kinds,
  option,
  type Synchronous,
  show,
  synchronous,
} from "@flambeau/tensor/plugin";
import { Profile, type ProfileOptions, profileKinds, recorded, recorderFor } from "./profile.ts";
import type { Recorder } from "./recorder.ts";

/** Which steps of a loop are profiled. */
export interface Schedule {
  /** Steps before all else that are run as they are. Default 0. */
  readonly skipFirst?: number | undefined;
  /** Steps of each cycle that are run as they are. Default 0. */
  readonly wait?: number | undefined;
  /** Steps that are profiled, and whose profile is dropped: caches fill. Default 0. */
  readonly warmup?: number | undefined;
  /** Steps that make up the profile. */
  readonly active: number;
  /** Cycles; 0 for no end. Default 0. */
  readonly repeat?: number | undefined;
}
const scheduleKinds: Kinds<Schedule> = {
  skipFirst: option.number,
  wait: option.number,
  warmup: option.number,
  active: option.number,
  repeat: option.number,
};

export interface ProfilerOptions extends ProfileOptions {
  /** Default null: every step, in one profile. */
  readonly schedule?: Schedule | null | undefined;
  /** Called with the profile of each cycle. */
  readonly onTraceReady?: ((profile: Profile<void>) => void) | undefined;
}
const profilerKinds: Kinds<ProfilerOptions> = {
  ...profileKinds,
  schedule: option.orNull(option.object),
  onTraceReady: option.callback,
};

/**
 * Profiles some steps of a loop, as a schedule says: `wait` steps pass, `warmup` steps are profiled for nothing, `active` steps make a profile, and so on
 * again. Between steps the loop may await.
 *
 * Shapes: any; it looks on.
 *
 * @throws ArgumentError for numbers of steps that are no whole ones, or `active` 0; from `step` what {@link profile} throws.
 * @see https://docs.pytorch.org/docs/stable/profiler.html#torch.profiler.schedule
 * @example
 * import { nn, profiler, randn } from "flambeau";
 * const model = new nn.Linear(4, 2);
 * const p = new profiler.Profiler({ schedule: { wait: 1, warmup: 1, active: 2, repeat: 1 } });
 * for (let i = 0; i < 6; i++) p.step(() => void model.forward(randn([8, 4])));
 * p.profile?.events.map(({ name }) => name); // ["step 2", "step 3"]
 */
export class Profiler {
  readonly #options: ProfileOptions;
  readonly #schedule: Required<{ [K in keyof Schedule]: number }> | null;
  readonly #onTraceReady: ((profile: Profile<void>) => void) | undefined;
  #recorder: Recorder | null = null;
  #step = 0;
  #profile: Profile<void> | null = null;

  constructor(options: ProfilerOptions = {}) {
    checkOptions("Profiler", profilerKinds, options);
    const { schedule = null, onTraceReady, ...rest } = options;
    this.#options = rest;
    this.#onTraceReady = onTraceReady;
    this.#schedule = schedule === null ? null : checked(schedule);
  }

  /** The profile of the last cycle that ended; without a schedule that of all steps. */
  get profile(): Profile<void> | null {
    if (this.#schedule === null && this.#recorder !== null) return new Profile(undefined, this.#recorder);
    return this.#profile;
  }
  /** How many steps there were. */
  get stepNumber(): number {
    return this.#step;
  }

  /** Runs the synchronous `fn` as the next step. */
  step<T>(fn: Synchronous<T>): T {
    checkFunction("Profiler.step", "fn", fn);
    const number = this.#step++;
    const phase = this.#phase(number);
    if (phase === "off") return synchronous("Profiler.step", fn());
    if (phase === "warmup")
      return recorded<T>("Profiler.step", recorderFor(this.#options), "warmup", fn, this.#options);
    this.#recorder ??= recorderFor(this.#options);
    const value = recorded<T>("Profiler.step", this.#recorder, `step ${number}`, fn, this.#options);
    if (phase === "last") {
      this.#profile = new Profile(undefined, this.#recorder);
      this.#recorder = null;
      this.#onTraceReady?.(this.#profile);
    }
    return value;
  }

  #phase(number: number): "off" | "warmup" | "active" | "last" {
    if (this.#schedule === null) return "active";
    const { skipFirst, wait, warmup, active, repeat } = this.#schedule;
    const at = number - skipFirst;
    const length = wait + warmup + active;
    if (at < 0 || (repeat > 0 && at >= repeat * length)) return "off";
    const place = at % length;
    if (place < wait) return "off";
    if (place < wait + warmup) return "warmup";
    return place === length - 1 ? "last" : "active";
  }
}

function checked(schedule: Schedule): Required<{ [K in keyof Schedule]: number }> {
  checkOptions("Profiler", scheduleKinds, schedule);
  const { skipFirst = 0, wait = 0, warmup = 0, active, repeat = 0 } = schedule;
  const full = { skipFirst, wait, warmup, active, repeat };
  for (const [name, value] of Object.entries(full))
    if (!(Number.isInteger(value) && value >= (name === "active" ? 1 : 0)))
      throw new ArgumentError(
        "Profiler",
        `${name} of the schedule must be a whole number of steps, got ${show(value)}`,
      );
  return full;
}
