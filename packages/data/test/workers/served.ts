// What the workers of the tests serve, by the loader's workerArgs.
import "../backend.ts";
import { type Tensor, tensor } from "@flambeau/tensor";
import { defaultGenerator } from "@flambeau/tensor/functional";
import { getWorkerInfo, serveDataset } from "../../src/index.ts";

export interface Args {
  readonly what: string;
  readonly length?: number;
  readonly at?: number;
  readonly gate?: Int32Array<SharedArrayBuffer>;
}

/** A stream whose parts differ in length. */
class Parts {
  readonly lengths = [5, 2, 8];
  *[Symbol.iterator](): IterableIterator<number> {
    const { id } = getWorkerInfo() ?? { id: 0 };
    for (let i = 0; i < this.lengths[id]; i++) yield 100 * id + i;
  }
}
/** One that knows where it stands, and counts how often it is asked. */
class Known extends Parts {
  at = 0;
  asked = 0;
  override *[Symbol.iterator](): IterableIterator<number> {
    const { id } = getWorkerInfo() ?? { id: 0 };
    while (this.at < this.lengths[id]) {
      this.asked++;
      yield 1000 * this.asked + 100 * id + this.at++;
    }
    this.at = 0;
  }
  stateDict(): { at: number } {
    return { at: this.at };
  }
  loadStateDict({ at }: { at: number }): void {
    this.at = at;
  }
}

const asleep = (gate = new Int32Array(new SharedArrayBuffer(4))) => Atomics.wait(gate, 0, 0);
let reads = 0;

serveDataset(
  (
    { what, length = 10, at = -1, gate }: Args,
    info,
  ): { length: number; get(i: number): unknown } | Iterable<unknown> => {
    const own = (get: (i: number) => unknown) => ({ length, get });
    if (what === "parts") return new Parts();
    if (what === "known") return new Known();
    if (what === "noisy") return own((i) => [i, defaultGenerator.uniform24(), String(getWorkerInfo()?.seed)]);
    if (what === "counted") return own((i) => [i, ++reads, info.id]);
    if (what === "structure")
      return own((i): { x: Tensor; of: readonly [bigint, { name: string }]; list: number[] } => ({
        x: tensor([[i, i + 0.5]]),
        of: [BigInt(i), { name: `n${i}` }],
        list: [i > 0 ? 1 : 0],
      }));
    if (what === "ready-made")
      return {
        length,
        get: (i: number) => i,
        getBatch: (indices: readonly number[]) => ({ all: [...indices] }),
      } as never;
    if (what === "promises") return own(async (i) => i);
    if (what === "refuses") throw new RangeError("the disk is full");
    if (what === "unsendable") return { length, get: (i: number) => i, getBatch: () => () => 1 } as never;
    const here = (i: number, then: () => void) => {
      if (i === at) then();
      return i;
    };
    if (what === "fails")
      return own((i) =>
        here(i, () => {
          throw new TypeError("no such file");
        }),
      );
    if (what === "rejects")
      return own(async (i) =>
        here(i, () => {
          throw new TypeError("no answer");
        }),
      );
    if (what === "hangs") return own((i) => here(i, () => asleep()));
    if (what === "exits") return own((i) => here(i, () => process.exit(3)));
    if (what === "breaks")
      return own((i) =>
        here(i, () => {
          setTimeout(() => {
            throw new RangeError("out of the blue");
          });
          reads = 0;
        }),
      );
    if (what === "waits")
      return own((i) => {
        if (info.id === 0) asleep(gate);
        return i;
      });
    throw new Error(`nothing is called ${what}`);
  },
);
