import { IndexError } from "@flambeau/tensor/functional";
import { type Block, usage } from "./memory.ts";

/** Makes the error for a value that is out of range. */
export type Fail = (value: number) => Error;

/** Checks whose errors are told apart, between two reads. */
const most = 4096;
const unknownCheck: Fail = (value) =>
  new IndexError("index", `an index is out of range: ${value}, in one of the many calls since the last read`);

/**
 * Errors that only the device can find: a kernel that meets a bad value writes the number of its check and the value into two
 * words, unless an earlier check has. The next read copies them along and fails with the check's error.
 */
export class Checks {
  /** `[number of the check, value]`, all 0 where nothing is wrong. Kernels bind it as `atomic<u32>`. Not of the allocator's. */
  readonly block: Block;
  #fails: Fail[] = [];

  constructor(device: GPUDevice) {
    const gpu = device.createBuffer({
      label: "checks",
      size: 16,
      usage: usage.storage | usage.copySource | usage.copyTarget,
    });
    this.block = { gpu, id: -1, capacity: 16, batch: 0, usable: true };
  }

  /** The number of a new check, never 0. */
  add(fail: Fail): number {
    const fails = this.#fails;
    if (fails.at(-1) === fail) return fails.length;
    if (fails.length < most) return fails.push(fail);
    fails[most - 1] = unknownCheck;
    return most;
  }
  /** The checks since the last time, of which a read is about to copy the findings; null when there were none. */
  take(): readonly Fail[] | null {
    const fails = this.#fails;
    if (fails.length === 0) return null;
    this.#fails = [];
    return fails;
  }
}

/** Declares `report_bad(value)`, for a slot of {@link Checks.block} and the WGSL of the check's number. */
export const reportBad = (slot: string, number: string): string => `fn report_bad(value: i32) {
  loop {
    let held = atomicCompareExchangeWeak(&${slot}[0], 0u, ${number});
    if (held.exchanged) { atomicStore(&${slot}[1], bitcast<u32>(value)); }
    // it may fail for no reason: then once more
    if (held.exchanged || held.old_value != 0u) { break; }
  }
}`;
